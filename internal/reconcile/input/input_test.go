package input_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/input"
)

// exported is when the files of a test were written last.
var exported = time.Date(2025, 7, 18, 12, 50, 0, 0, time.UTC)

// write puts a file into a folder of the test.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, exported, exported); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, sources ...input.Source) (*reconcile.Data, error) {
	t.Helper()
	var d reconcile.Data
	err := input.Read(t.Context(), &d, sources, input.Options{})
	return &d, err
}

// reads reads one file that must be good.
func reads(t *testing.T, kind reconcile.Kind, name, text string) *reconcile.Data {
	t.Helper()
	d, err := read(t, input.Source{Kind: kind, Path: write(t, name, text)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// refuses is the error of one file, its folder left out, and the hint.
func refuses(t *testing.T, kind reconcile.Kind, name, text string) (problem, hint string) {
	t.Helper()
	path := write(t, name, text)
	_, err := read(t, input.Source{Kind: kind, Path: path})
	e, ok := errors.AsType[*input.Error](err)
	if !ok {
		t.Fatalf("got %v, want an *input.Error", err)
	}
	return strings.ReplaceAll(e.Error(), filepath.Dir(path)+string(filepath.Separator), ""), e.Hint
}

// utf16le and utf16be are a text as spreadsheets save it.
func utf16le(s string, bom bool) string { return as16(s, bom, binary.LittleEndian) }
func utf16be(s string, bom bool) string { return as16(s, bom, binary.BigEndian) }

func as16(s string, bom bool, order binary.AppendByteOrder) string {
	var out []byte
	if bom {
		out = order.AppendUint16(out, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

const overview = "Name,Number of Licensed Devices,Number of Total Licenses,Last Assigned On\n" +
	"Routing DNA Advantage: Tier 1,298,300,18 Jul 2025 12:44:23 PM\n" +
	"Routing DNA Advantage: Tier 3,3,8,24 Jun 2025 12:54:34 PM\n"

func TestTheSeedsOverview(t *testing.T) {
	d := reads(t, reconcile.VManage, "export.csv", overview)
	at := exported
	want := reconcile.Data{
		Inputs: []reconcile.Input{{Kind: reconcile.VManage, Path: d.Inputs[0].Path, Time: &at,
			Notes: []string{"the export does not say when it was made: the time of the file is taken"}}},
		VManage: []reconcile.Count{
			{Place: reconcile.Place{Row: 2}, License: "Routing DNA Advantage: Tier 1", Licensed: new(int64(298)), Total: new(int64(300)), LastAssigned: "18 Jul 2025 12:44:23 PM", Assigned: when("2025-07-18 12:44:23.000")},
			{Place: reconcile.Place{Row: 3}, License: "Routing DNA Advantage: Tier 3", Licensed: new(int64(3)), Total: new(int64(8)), LastAssigned: "24 Jun 2025 12:54:34 PM", Assigned: when("2025-06-24 12:54:34.000")},
		},
	}
	if diff := cmp.Diff(want, *d); diff != "" {
		t.Error(diff)
	}
}

// Spreadsheets write dates in their own way.
func TestLastAssignedAsSaved(t *testing.T) {
	for text, want := range map[string]*time.Time{
		"18.07.2025 12:44": when("2025-07-18 12:44:00.000"), "7/18/2025 12:44": when("2025-07-18 12:44:00.000"), "2025-07-18 12:44:23": when("2025-07-18 12:44:23.000"),
		"-": nil, "some day": nil,
	} {
		d := reads(t, reconcile.VManage, "v.csv", strings.Replace(overview, "18 Jul 2025 12:44:23 PM", text, 1))
		if diff := cmp.Diff(want, d.VManage[0].Assigned); diff != "" || len(d.Inputs[0].Notes) != 1 {
			t.Errorf("%s: %s%q", text, diff, d.Inputs[0].Notes)
		}
	}
}

// The same table in the forms in which portals and spreadsheets save it.
func TestFormsOfATable(t *testing.T) {
	semicolons := strings.NewReplacer(",", ";").Replace(overview)
	tabs := strings.NewReplacer(",", "\t").Replace(overview)
	for name, text := range map[string]string{
		"plain":           overview,
		"crlf":            strings.ReplaceAll(overview, "\n", "\r\n"),
		"no last newline": strings.TrimSuffix(overview, "\n"),
		"byte order mark": "\ufeff" + overview,
		"semicolons":      semicolons,
		"tabs":            tabs,
		"bars":            strings.NewReplacer(",", "|").Replace(overview),
		"sep line":        "sep=;\n" + semicolons,
		"utf-16 le":       utf16le(tabs, true),
		"utf-16 be":       utf16be(tabs, true),
		"utf-16 le bare":  utf16le(overview, false),
		"utf-16 be bare":  utf16be(overview, false),
		"quoted":          `"` + strings.NewReplacer(",", `","`, "\n", "\"\n\"").Replace(strings.TrimSpace(overview)) + `"`,
		"other case":      strings.Replace(overview, "Name,Number of Licensed Devices", " NAME , number  of\u00a0licensed_devices ", 1),
		"british":         strings.Replace(overview, "Number of Total Licenses", "Number of total licences", 1),
		"synonyms":        strings.Replace(overview, "Name,Number of Licensed Devices,Number of Total Licenses", "License Name,Licensed Devices,Total Licenses", 1),
		"title above":     "License & Devices Overview\nThese are the license types, and regions; \"assigned\" to your devices.\n\n" + overview,
		"empty rows":      strings.ReplaceAll(overview, "\n", "\n,,,\n\n"),
		"totals":          overview + "Total,301,308,\n",
		"totals, German":  semicolons + "Gesamtergebnis;301;308;\n",
		"totals, Korean":  overview + "\xc7\xd5\xb0\xe8,301,308,\n", // Windows-949
		"remark":          overview + "\nShowing All 2 Records\n",
		"repeated row":    overview + "Routing DNA Advantage: Tier 3,3,8,24 Jun 2025 12:54:34 PM\n",
		"other order":     "Last Assigned On,Number of Total Licenses,Actions,Name,Number of Licensed Devices\n18 Jul 2025 12:44:23 PM,300,x,Routing DNA Advantage: Tier 1,298\n24 Jun 2025 12:54:34 PM,8,x,Routing DNA Advantage: Tier 3,3\n",
		"broken name":     strings.Replace(overview, "Routing DNA Advantage: Tier 1", "\"Routing DNA\nAdvantage:  Tier 1\"", 1),
	} {
		t.Run(name, func(t *testing.T) {
			d := reads(t, reconcile.VManage, "export.csv", text)
			var got [][]any
			for _, v := range d.VManage {
				got = append(got, []any{v.License, *v.Licensed, *v.Total, v.LastAssigned})
			}
			want := [][]any{{"Routing DNA Advantage: Tier 1", int64(298), int64(300), "18 Jul 2025 12:44:23 PM"}, {"Routing DNA Advantage: Tier 3", int64(3), int64(8), "24 Jun 2025 12:54:34 PM"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\nnotes: %q", diff, d.Inputs[0].Notes)
			}
		})
	}
}

func TestInventoryOfCSSM(t *testing.T) {
	d := reads(t, reconcile.CSSM, "licenses.csv", "Smart Account:,Example Corp\nVirtual Account: SDWAN\nExported on: 2025-Aug-28 21:05:00 UTC\n\n"+
		"License,Billing,Available to Use,In Use,Substitution,Balance,Alerts,Actions,Owner\n"+
		"Routing DNA Advantage: Tier 1,Prepaid,300,598,-,-298,Insufficient Licenses,Actions\n"+
		"Routing DNA Advantage: Tier 2,Prepaid,\"1,300\",315,8,(7),-,Actions\n"+
		"Umbrella,By Usage,-,12,,,,\n")
	if diff := cmp.Diff([]string{`not used: the column "Owner"`}, d.Inputs[0].Notes); diff != "" {
		t.Error(diff)
	}
	if want := time.Date(2025, 8, 28, 21, 5, 0, 0, time.UTC); d.Inputs[0].Time == nil || !d.Inputs[0].Time.Equal(want) {
		t.Errorf("time %v, want %v", d.Inputs[0].Time, want)
	}
	want := []reconcile.Balance{
		{Place: reconcile.Place{Row: 6}, License: "Routing DNA Advantage: Tier 1", Smart: "Example Corp", Virtual: "SDWAN", Billing: "Prepaid",
			Available: new(int64(300)), InUse: new(int64(598)), Balance: new(int64(-298)), Alerts: "Insufficient Licenses"},
		{Place: reconcile.Place{Row: 7}, License: "Routing DNA Advantage: Tier 2", Smart: "Example Corp", Virtual: "SDWAN", Billing: "Prepaid",
			Available: new(int64(1300)), InUse: new(int64(315)), Substituted: new(int64(8)), Balance: new(int64(-7))},
		{Place: reconcile.Place{Row: 8}, License: "Umbrella", Smart: "Example Corp", Virtual: "SDWAN", Billing: "By Usage", InUse: new(int64(12))},
	}
	if diff := cmp.Diff(want, d.Balances); diff != "" {
		t.Error(diff)
	}
}

func TestProductInstances(t *testing.T) {
	d := reads(t, reconcile.Instances, "instances.csv", "Product Instance;Product Type;License;Licenses used;Last Contact;Registration Date;Virtual Account\n"+
		"\"UDI_PID: Cisco_vManage; UDI_SN:8C3B;\";DNASUB;Routing DNA Advantage: Tier 1;315;2025-Aug-28 21:01:17;2025-Aug-21 20:49:52;SDWAN\n"+
		"edge-1;CEDGE;;;sometime;;SDWAN\n")
	want := []reconcile.Instance{
		{Place: reconcile.Place{Row: 2}, Name: "UDI_PID: Cisco_vManage; UDI_SN:8C3B;", PID: "Cisco_vManage", Serial: "8C3B", Type: "DNASUB", License: "Routing DNA Advantage: Tier 1",
			Used: new(int64(315)), Virtual: "SDWAN", LastContact: new(time.Date(2025, 8, 28, 21, 1, 17, 0, time.UTC)), Registered: new(time.Date(2025, 8, 21, 20, 49, 52, 0, time.UTC))},
		{Place: reconcile.Place{Row: 3}, Name: "edge-1", Type: "CEDGE", Virtual: "SDWAN"},
	}
	if diff := cmp.Diff(want, d.Instances); diff != "" {
		t.Error(diff)
	}
	notes := []string{"the export does not say when it was made: the time of the file is taken", "times in it do not say their zone: they are taken for UTC",
		`1 time was not understood and left out, the first in line 3: "sometime"`}
	if diff := cmp.Diff(notes, d.Inputs[0].Notes); diff != "" {
		t.Error(diff)
	}
}

// The page of one instance: what stands above its table holds for all its rows.
func TestUsageOfOneInstance(t *testing.T) {
	d := reads(t, reconcile.Instances, "usage.csv", "Product Description:,Cisco SDWAN vManage,Serial Number:,8C3B\nProduct Family:,Cisco vManage,UUID:,-\n"+
		"PID:,Cisco_vManage,Last Contact:,2025-Aug-28 21:01:17\nLicense Usage\n"+
		"License,Billing,Earliest End,Authorized,Required\nRouting DNA Advantage: Tier 3,-,-,0,3\nRouting DNA Advantage: Tier 1,-,2027-Feb-03,300,315\nShowing All 2 Records\n")
	seen := new(time.Date(2025, 8, 28, 21, 1, 17, 0, time.UTC))
	want := []reconcile.Instance{
		{Place: reconcile.Place{Row: 6}, PID: "Cisco_vManage", Serial: "8C3B", Description: "Cisco SDWAN vManage", Family: "Cisco vManage", LastContact: seen,
			License: "Routing DNA Advantage: Tier 3", Authorized: new(int64(0)), Used: new(int64(3))},
		{Place: reconcile.Place{Row: 7}, PID: "Cisco_vManage", Serial: "8C3B", Description: "Cisco SDWAN vManage", Family: "Cisco vManage", LastContact: seen,
			License: "Routing DNA Advantage: Tier 1", Authorized: new(int64(300)), Used: new(int64(315))},
	}
	if diff := cmp.Diff(want, d.Instances); diff != "" {
		t.Error(diff)
	}
}

func TestDevicesOfVManage(t *testing.T) {
	d := reads(t, reconcile.VManage, "devices.csv", "Hostname,Chassis Number,Device Model,System IP,License Name,Virtual Account Name\n"+
		"edge-1,C8300-1N1S-FDO2511A0Q8,C8300-1N1S,10.0.0.1,\"Routing DNA Advantage: Tier 1\nHSEC\",SDWAN\nedge-2,C8300-1N1S-FDO2511A0Q9,C8300-1N1S,10.0.0.2,-,SDWAN\n")
	one := reconcile.Assignment{Place: reconcile.Place{Row: 2}, UUID: "C8300-1N1S-FDO2511A0Q8", Host: "edge-1", Model: "C8300-1N1S", SystemIP: "10.0.0.1", Virtual: "SDWAN", Units: 1}
	two := one
	one.License, two.License = "Routing DNA Advantage: Tier 1", "HSEC"
	without := reconcile.Assignment{Place: reconcile.Place{Row: 4}, UUID: "C8300-1N1S-FDO2511A0Q9", Host: "edge-2", Model: "C8300-1N1S", SystemIP: "10.0.0.2", Virtual: "SDWAN"}
	if diff := cmp.Diff([]reconcile.Assignment{one, two, without}, d.Assigned); diff != "" {
		t.Error(diff)
	}
	if d.VManage != nil {
		t.Error("a list of devices is no overview")
	}
}

func TestWhatIsOddIsNoted(t *testing.T) {
	const rows = "L,Prepaid,10,5,0,5\n"
	const head = "License,Billing,Purchased,In Use,Substitution,Balance\n"
	file := "the export does not say when it was made: the time of the file is taken"
	for name, c := range map[string]struct {
		text  string
		notes []string
	}{
		"no rows":           {head, []string{file, "the export has headings and no rows"}},
		"a repeated row":    {head + rows + rows, []string{file, "1 row is like an earlier one and counted once: line 3"}},
		"repeated rows":     {head + strings.Repeat(rows, 8), []string{file, "7 rows are like an earlier one and counted once: lines 3, 4, 5, 6, 7, ..."}},
		"totals and remark": {head + rows + "Total,,10,5,0,5\nShowing 1 record\n", []string{file, "2 rows of totals or remarks left out"}},
		"no time":           {"Exported today\n" + head + rows, []string{file}},
		"an export time":    {"Generated on 18 Jul 2025 12:44:23 PM\n" + head + rows, []string{"the export does not say the zone of its time: it is taken for UTC"}},
		"a day":             {"Date:,2025-07-18,,,,\n" + head + rows, []string{"the export says only the day it was made: its time is taken to be 00:00 UTC"}},
		"a time below":      {head + rows + "Generated at: 2025-07-18T12:00:00Z\n", []string{"1 row of totals or remarks left out"}},
		"two for a field": {"License,Available to Use,Purchased,In Use,Balance\nL,10,12,5,5\n",
			[]string{`not used: the column "Purchased"`, file}},
		"a Korean code page": {head + "\xbc\xad\xbf\xef DNA,Prepaid,10,5,0,5\n", []string{file, "the text is not UTF-8: it was read as Windows-949"}},
		"an old code page":   {head + "M\xfcnchen,Prepaid,10,5,0,5\n", []string{file, "the text is not UTF-8: it was read as Windows-1252"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := reads(t, reconcile.CSSM, "licenses.csv", c.text)
			if diff := cmp.Diff(c.notes, d.Inputs[0].Notes); diff != "" {
				t.Error(diff)
			}
			if d.Balances == nil || len(d.Balances) > 1 {
				t.Errorf("balances %v", d.Balances)
			}
		})
	}
}

func TestStandardInputHasNoTime(t *testing.T) {
	var d reconcile.Data
	err := input.Read(t.Context(), &d, []input.Source{{Kind: reconcile.VManage, Path: "-"}}, input.Options{Stdin: strings.NewReader(overview)})
	if err != nil {
		t.Fatal(err)
	}
	if d.Inputs[0].Time != nil || len(d.VManage) != 2 {
		t.Errorf("time %v, %d rows", d.Inputs[0].Time, len(d.VManage))
	}
	if diff := cmp.Diff([]string{"when it was exported is not known"}, d.Inputs[0].Notes); diff != "" {
		t.Error(diff)
	}
}

// Rows that name their virtual account are the same thing in whatever file they stand.
func TestSeveralFiles(t *testing.T) {
	const head = "License,Virtual Account,Purchased,In Use,Balance\n"
	one := input.Source{Kind: reconcile.CSSM, Path: write(t, "one.csv", head+"L,East,10,5,5\n")}
	two := input.Source{Kind: reconcile.CSSM, Path: write(t, "two.csv", head+"L,West,10,6,4\nL,East,10,5,5\n")}
	d, err := read(t, one, two)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Balances) != 2 || d.Balances[1].Input != 1 {
		t.Errorf("balances %+v", d.Balances)
	}
	_, err = read(t, one, input.Source{Kind: reconcile.CSSM, Path: write(t, "three.csv", head+"L,East,10,7,3\n")})
	if want := ":2: the row contradicts " + one.Path + ":2, which is about the same licence"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want ...%s", err, want)
	}
	if _, err = read(t, one, one); err == nil || err.Error() != one.Path+": the file is given twice to --cssm" {
		t.Errorf("got %v", err)
	}
	was := input.Source{Kind: reconcile.Before, Path: one.Path}
	now := input.Source{Kind: reconcile.VManage, Path: one.Path}
	if _, err = read(t, was, now); err == nil || err.Error() != one.Path+": the file is given as the export of now and as the one before" {
		t.Errorf("got %v", err)
	}
	in := input.Source{Kind: reconcile.CSSM, Path: "-"}
	if _, err = read(t, in, input.Source{Kind: reconcile.Log, Path: "-"}); err == nil || err.Error() != "-: standard input is named by --cssm and by --log" {
		t.Errorf("got %v", err)
	}
}

func TestAnInterruptedReadingIsNone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var d reconcile.Data
	path := write(t, "export.csv", overview)
	if err := input.Read(ctx, &d, []input.Source{{Kind: reconcile.VManage, Path: path}}, input.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
