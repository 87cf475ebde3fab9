package reconcile

import (
	"fmt"
	"strings"
	"time"
)

// Situation is practice data: the exports of a made-up network and what reconcile must make of them.
type Situation struct {
	Name  string
	Story string
	Want  Case
	Files []PracticeFile
}

// PracticeFile is one export.
type PracticeFile struct {
	Kind Kind
	Name string
	Age  time.Duration // before the moment of the comparison
	Text string
}

// PracticeTime is the moment at which the practice data is compared.
var PracticeTime = time.Date(2025, 7, 18, 14, 0, 0, 0, time.UTC)

const (
	tier1 = "Routing DNA Advantage: Tier 1"
	tier2 = "Routing DNA Advantage: Tier 2"
	week  = 7 * 24 * time.Hour
)

// overview is an export of vManage: triples of name, licensed and total.
func overview(kind Kind, name string, age time.Duration, rows ...any) PracticeFile {
	var b strings.Builder
	b.WriteString("Name,Number of Licensed Devices,Number of Total Licenses,Last Assigned On\n")
	for i := 0; i+2 < len(rows); i += 3 {
		fmt.Fprintf(&b, "%v,%v,%v,%s PM\n", rows[i], rows[i+1], rows[i+2], PracticeTime.Add(-age-2*time.Hour).Format("02 Jan 2006 15:04:05"))
	}
	return PracticeFile{kind, name, age, b.String()}
}

// balances is a licence inventory of CSSM: rows of account, licence, available, in use and substitution.
func balances(rows ...[5]any) PracticeFile {
	var b strings.Builder
	b.WriteString("Virtual Account,License,Billing,Available to Use,In Use,Substitution,Balance,Alerts\n")
	for _, r := range rows {
		sub, cell := 0, "-"
		if s, ok := r[4].(int); ok && s > 0 {
			sub, cell = s, fmt.Sprint(s)
		}
		balance := r[2].(int) + sub - r[3].(int)
		alert := ""
		if balance < 0 {
			alert = "Insufficient Licenses"
		}
		fmt.Fprintf(&b, "%v,%v,Prepaid,%v,%v,%s,%d,%s\n", r[0], r[1], r[2], r[3], cell, balance, alert)
	}
	return PracticeFile{CSSM, "cssm-licenses.csv", 0, b.String()}
}

// instances is an export of product instances, from one row per instance: account, name, PID, serial, licence, used,
// days since the last contact.
func instances(rows ...[7]any) PracticeFile {
	var b strings.Builder
	b.WriteString("Virtual Account,Product Instance,Product Type,PID,Serial Number,License,Licenses Used,Registration Date,Last Contact\n")
	for _, r := range rows {
		kind := "DNASUB"
		contact := PracticeTime.Add(-time.Duration(r[6].(int))*24*time.Hour - time.Hour)
		fmt.Fprintf(&b, "%v,%v,%s,%v,%v,%v,%v,2024-Mar-04 09:00:00,%s\n", r[0], r[1], kind, r[2], r[3], r[4], r[5], contact.Format("2006-Jan-02 15:04:05"))
	}
	return PracticeFile{Instances, "cssm-instances.csv", 0, b.String()}
}

// assigned is vManage's list of n devices with one licence; serial makes their serial numbers.
func assigned(n int, account, licence string) PracticeFile {
	var b strings.Builder
	b.WriteString("Hostname,Chassis Number,Device Model,System IP,License Name,Assigned Licenses Count,Virtual Account\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "edge-%d,C8300-1N1S-%s,C8300-1N1S,10.0.%d.%d,%s,1,%s\n", i, serial(i), i/250, i%250+1, licence, account)
	}
	return PracticeFile{VManage, "vmanage-devices.csv", 0, b.String()}
}

func serial(i int) string { return fmt.Sprintf("FDO25%06d", i) }

// manages is SD-WAN Manager as a product instance.
func manages(account, licence string, used int) [7]any {
	return [7]any{account, "UDI_PID: Cisco_vManage; UDI_SN: 8C3B0000001", "Cisco_vManage", "8C3B0000001", licence, used, 1}
}

// edge is a device as a product instance of its own.
func edge(account, name string, n int, licence string, used, silent int) [7]any {
	return [7]any{account, name, "C8300-1N1S", serial(n), licence, used, silent}
}

const account1, account2 = "SDWAN", "Branch"

// failedReports is a log with the message of a product instance that CSSM does not know any more.
func failedReports() PracticeFile {
	var b strings.Builder
	for d := 5; d >= 0; d-- {
		at := PracticeTime.Add(-time.Duration(d)*24*time.Hour - 5*time.Hour)
		fmt.Fprintf(&b, "%s INFO [vManage] (default task-7) |default| Request received: GET /dataservice/device\n", at.Format("02-Jan-2006 15:04:05,000 UTC"))
		fmt.Fprintf(&b, "%s ERROR [vmanage-0] [SmartLicensingManager || SmartLicense: Failed to report license usage for tenant default : "+
			`{"errors":[{"product_instance_identifier":["The identity for the instance 0e1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b is not valid.Please re-register the instance."}]}`+"\n",
			at.Add(time.Second).Format("02-Jan-2006 15:04:05,000 UTC"))
	}
	return PracticeFile{Log, "vmanage-server.log", 0, b.String()}
}

// member is our run's view of a stack: a device with two units that counts as one in vManage.
const stackRun = `{"schema":1,"kind":"run","tool":{"name":"slpdoctor","version":"practice"},
"run":{"id":"practice","started":"2025-07-18T13:00:00Z","finished":"2025-07-18T13:01:00Z","mode":"run","interrupted":false,"host_key":"strict","passive":false},
"summary":{},"devices":[%s]}
`

func stack(names int) PracticeFile {
	var devices []string
	for i := 1; i <= names; i++ {
		devices = append(devices, fmt.Sprintf(`{"name":"edge-%d","address":"10.0.0.%d","tags":{},"state":"examined","platform":{"os":"IOS XE","release":"17.12.4","pid":"C8300-1N1S","serial":%q,"hostname":"edge-%d"},
"topology":{"id":"controller-vmanage","confidence":"high","declared":false,"rule":"controller"},
"facts":{"udis":["PID:C8300-1N1S,SN:%s","PID:C8300-1N1S,SN:%s"],"trust":[],"licenses":[],"counts":{},"last_ack":null,"clock":null},"commands":[],"results":[]}`,
			i, i, serial(i), i, serial(i), serial(900+i)))
	}
	return PracticeFile{Runs, "run.json", 0, fmt.Sprintf(stackRun, strings.Join(devices, ",\n"))}
}

// Practice lists the situations, the seed document's own first.
func Practice() []Situation {
	return []Situation{
		{"double-report", "300 devices were reported, two licences were taken off, 298 were reported: CSSM shows 598 in use and an alert.", FCount, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 0, tier1, 298, 300, "Routing DNA Advantage: Tier 3", 3, 8),
			overview(Before, "vmanage-before.csv", week, tier1, 300, 300, "Routing DNA Advantage: Tier 3", 3, 8),
			balances([5]any{account1, tier1, 300, 598, nil}, [5]any{account1, "Routing DNA Advantage: Tier 3", 8, 3, nil})}},
		{"double-report-inferred", "The same, but nobody kept the earlier export: the size of the surplus tells it, with less certainty.", FCount, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 0, tier1, 298, 300), balances([5]any{account1, tier1, 300, 598, nil})}},
		{"deleted-devices", "Four devices were deleted in vManage; CSSM still has them, silent for two months.", FCount, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 0, tier1, 40, 60), assigned(40, account1, tier1), balances([5]any{account1, tier1, 60, 44, nil}),
			instances(manages(account1, tier1, 40), edge(account1, "edge-51", 51, tier1, 1, 61), edge(account1, "edge-52", 52, tier1, 1, 61),
				edge(account1, "edge-53", 53, tier1, 1, 63), edge(account1, "edge-54", 54, tier1, 1, 70))}},
		{"reporting-broken", "The counts differ, and the log of vManage says that its reports are refused: a clean-up would not last.", FSync, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 0, tier1, 298, 300), balances([5]any{account1, tier1, 300, 310, nil}), failedReports()}},
		{"replaced-device", "edge-7 was replaced (RMA); the old chassis is still a product instance.", FCount, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 0, tier1, 20, 30), assigned(20, account1, tier1), balances([5]any{account1, tier1, 30, 21, nil}),
			instances(manages(account1, tier1, 20), edge(account1, "edge-7", 707, tier1, 1, 80))}},
		{"stack-members", "Three stacks of two count as one device each in vManage, and as two in CSSM.", Explained, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 0, tier1, 20, 40), assigned(20, account1, tier1), balances([5]any{account1, tier1, 40, 23, nil}),
			instances(manages(account1, tier1, 20), edge(account1, "edge-1-standby", 901, tier1, 1, 1), edge(account1, "edge-2-standby", 902, tier1, 1, 1),
				edge(account1, "edge-3-standby", 903, tier1, 1, 1)), stack(3)}},
		{"wrong-account", "Five licences are booked in Branch that vManage assigned from SDWAN.", FCount, []PracticeFile{
			assigned(30, account1, tier1), balances([5]any{account1, tier1, 50, 25, nil}, [5]any{account2, tier1, 10, 5, nil}), overviewOf(account1, 30, 50), overviewOf(account2, 0, 10)}},
		{"real-shortage", "The counts agree, and there are fewer licences than devices.", Shortage, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 0, tier1, 320, 300), balances([5]any{account1, tier1, 300, 320, nil})}},
		{"upper-tier", "315 in use of 300, of which an upper tier fulfils 8: seven are really missing, not fifteen.", Shortage, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 0, tier1, 315, 300, tier2, 12, 20), balances([5]any{account1, tier1, 300, 315, 8}, [5]any{account1, tier2, 20, 12, nil})}},
		{"days-apart", "vManage was exported three days before CSSM: the same numbers as in double-report prove nothing then.", Undecided, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 72*time.Hour, tier1, 298, 300), overview(Before, "vmanage-before.csv", week, tier1, 300, 300),
			balances([5]any{account1, tier1, 300, 598, nil})}},
		{"consistent", "Both portals agree.", Consistent, []PracticeFile{
			overview(VManage, "vmanage-now.csv", 0, tier1, 298, 300), balances([5]any{account1, tier1, 300, 298, nil})}},
	}
}

// overviewOf is an overview that names its virtual account.
func overviewOf(account string, licensed, total int) PracticeFile {
	return PracticeFile{VManage, "vmanage-" + strings.ToLower(account) + ".csv", 0,
		fmt.Sprintf("Name,Number of Licensed Devices,Number of Total Licenses,Last Assigned On,Virtual Account\n%s,%d,%d,%s,%s\n",
			tier1, licensed, total, "18 Jul 2025 12:00:00 PM", account)}
}

// PracticeStep is a stage of the walkthrough: what CSSM and vManage show then, how long after the first comparison.
type PracticeStep struct {
	After time.Duration
	Story string
	Want  Case
	Files []PracticeFile
}

// Walkthrough is the seed's case from the first symptom to the clean state.
func Walkthrough() []PracticeStep {
	first := Practice()[0]
	tier3 := "Routing DNA Advantage: Tier 3"
	now := overview(VManage, "vmanage-now.csv", 0, tier1, 298, 300, tier3, 3, 8)
	return []PracticeStep{
		{0, first.Story, FCount, first.Files},
		{3 * time.Hour, "The usage was removed in CSSM and vManage was synchronised. CSSM shows nothing in use yet.", Waiting, []PracticeFile{now,
			balances([5]any{account1, tier1, 300, 0, nil}, [5]any{account1, tier3, 8, 3, nil})}},
		{26 * time.Hour, "A day later the new report has arrived.", Consistent, []PracticeFile{now,
			balances([5]any{account1, tier1, 300, 298, nil}, [5]any{account1, tier3, 8, 3, nil})}},
	}
}
