package iosxe

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"slpdoctor/internal/diag"
)

// The truth files beside the corpus are what other projects' parsers make of the same outputs.

// truth reads the file beside a sample; nil when there is none.
func (s sample) truth(t *testing.T) any {
	t.Helper()
	base := filepath.Join(os.Getenv("SLPDOCTOR_CORPUS"), strings.TrimSuffix(s.name, ".txt"))
	if b, err := os.ReadFile(base + ".truth.yml"); err == nil {
		var v any
		if err := yaml.Unmarshal(b, &v); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		return v
	}
	b, err := os.ReadFile(base + ".truth.py")
	if err != nil {
		return nil
	}
	_, dict, found := strings.Cut(string(b), "=")
	if !found {
		t.Fatalf("%s: the truth has no assignment", s.name)
	}
	p := &python{rest: dict}
	v := p.value()
	if p.err != "" {
		t.Fatalf("%s: reading the truth: %s before %.40q", s.name, p.err, p.rest)
	}
	return v
}

// python reads literals: dictionaries, lists, strings, numbers and the three words.
type python struct {
	rest   string
	before byte // what take took last
	err    string
}

var pythonBlank = regexp.MustCompile(`^(?:\s+|#[^\n]*)+`)

func (p *python) blank() { p.rest = p.rest[len(pythonBlank.FindString(p.rest)):] }

func (p *python) take(c byte) bool {
	p.blank()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest, p.before = p.rest[1:], c
	return true
}

var pythonWord = regexp.MustCompile(`^[-+.\w]+`)

func (p *python) value() any {
	switch {
	case p.err != "":
		return nil
	case p.take('{'):
		out := map[string]any{}
		for !p.take('}') {
			k := fmt.Sprint(p.value())
			if !p.take(':') {
				p.err = "no colon"
				return nil
			}
			out[k] = p.value()
			if !p.take(',') && !strings.HasPrefix(strings.TrimSpace(p.rest), "}") {
				p.err = "no comma"
				return nil
			}
			p.blank()
		}
		return out
	case p.take('['):
		out := []any{}
		for !p.take(']') {
			out = append(out, p.value())
			if !p.take(',') && !strings.HasPrefix(strings.TrimSpace(p.rest), "]") {
				p.err = "no comma"
				return nil
			}
			p.blank()
		}
		return out
	case strings.HasPrefix(p.rest, "'"), strings.HasPrefix(p.rest, `"`):
		out := ""
		for p.take('\'') || p.take('"') { // adjacent strings are one
			out += p.text(p.before)
		}
		return out
	}
	w := pythonWord.FindString(p.rest)
	if w == "" {
		p.err = "no value"
	}
	p.rest = p.rest[len(w):]
	return w
}

func (p *python) text(quote byte) string {
	var b strings.Builder
	for i := 0; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '\\' && i+1 < len(p.rest):
			i++
			b.WriteByte(p.rest[i])
		case c == quote:
			p.rest = p.rest[i+1:]
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	p.err = "no end of a string"
	return ""
}

// leaves calls f for every leaf with its path.
func leaves(v any, path string, f func(path, leaf string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			leaves(e, path+"/"+k, f)
		}
	case []any:
		for i, e := range v {
			leaves(e, fmt.Sprintf("%s/%d", path, i), f)
		}
	default:
		f(path, fmt.Sprint(v))
	}
}

// TestCorpusTruth holds that every leaf of a truth file stands in the tree of its output, on a line whose key
// has the leaf's name where there is one.
func TestCorpusTruth(t *testing.T) {
	seen := 0
	for _, s := range corpus(t) {
		truth := s.truth(t)
		if truth == nil {
			continue
		}
		byKey, all := rendered(s.parse().Tree())
		leaves(truth, "", func(path, leaf string) {
			if why := notTheDevices(path, leaf); why != "" {
				return
			}
			seen++
			where := byKey[plain(path[strings.LastIndexByte(path, '/')+1:])]
			if where == "" || !strings.HasPrefix(s.command.String(), "show license") {
				where = all
			}
			if !strings.Contains(where, squeeze(leaf)) {
				t.Errorf("%s: %s = %q is not in the tree", s.name, path, leaf)
			}
		})
	}
	t.Logf("%d leaves found", seen)
}

// rendered writes every node as a line, by its key and all together.
func rendered(tree []diag.Node) (byKey map[string]string, all string) {
	byKey = map[string]string{}
	var b strings.Builder
	var walk func(parent string, nodes []diag.Node)
	walk = func(parent string, nodes []diag.Node) {
		for _, n := range nodes {
			line := squeeze(n.Key+": "+n.Value) + "\n"
			byKey[plain(n.Key)] += line
			byKey[parent] += line // a value may stand on the line below its key
			b.WriteString(line)
			walk(plain(n.Key), n.Children)
		}
	}
	walk("", tree)
	return byKey, b.String()
}

var (
	blanks  = regexp.MustCompile(`\s+`)
	strange = regexp.MustCompile(`[^a-z0-9]+`)
)

func squeeze(s string) string {
	return strings.ToLower(strings.TrimSpace(blanks.ReplaceAllString(s, " ")))
}

// plain is a key as the truth files spell it.
func plain(s string) string {
	return strings.Trim(strange.ReplaceAllString(strings.ToLower(s), "_"), "_")
}

// ownWords are leaves that the other project made up, joined or rounded.
var ownWords = []struct{ path, why string }{
	{`/local_mode$|/associations_local_mode$`, "always client: its own word"},
	{`/clock_state/system_status/clock_state$|/peer/.*/mode$`, "derived from the flag of the row"},
	{`/jitter$`, "15937. written as 15937.0"},
	{`/success_rate_percent$`, "a percentage written as a float"},
	{`/image_type$`, "its own classification"},
	{`/email_address$|/profiles/name$`, "a wrapped list joined"},
	{`/comment$`, "two lines joined"},
}

// notTheDevices says why a leaf is not expected in the output; "" when it is.
func notTheDevices(path, leaf string) string {
	switch leaf {
	case "", "True", "False", "true", "false":
		return "an empty or a boolean leaf says nothing of a line"
	}
	for _, o := range ownWords {
		if regexp.MustCompile(o.path).MatchString(path) {
			return o.why
		}
	}
	return ""
}

// TestCorpusFacts holds that the licence facts say what the truth files say.
func TestCorpusFacts(t *testing.T) {
	agreed := 0
	for _, s := range corpus(t) {
		truth := s.truth(t)
		p := s.parse()
		if _, ok := p.Facts.(*License); truth == nil || !ok {
			continue
		}
		facts := factLeaves(t, p.Facts)
		leaves(truth, "", func(path, leaf string) {
			where := ""
			for _, r := range sameMeaning {
				if r.truth.MatchString(path) {
					where = r.truth.ReplaceAllString(path, r.fact)
					break
				}
			}
			if where == "" || leaf == "" || mistaken[s.name[strings.LastIndexByte(s.name, '/')+1:]+where] != "" {
				return
			}
			fact, ok := facts[where]
			if !ok {
				t.Errorf("%s: %s = %q: there is no fact %s", s.name, path, leaf, where)
				return
			}
			agreed++
			if !agrees(leaf, fact) {
				t.Errorf("%s: %s = %q but the fact %s is %v", s.name, path, leaf, where, fact)
			}
		})
	}
	t.Logf("%d leaves agree with facts", agreed)
	if agreed < 1500 {
		t.Errorf("only %d leaves were compared: the table of meanings does not fit the truth files", agreed)
	}
}

// mistaken are leaves that the other project's parser has wrong, by sample and fact.
var mistaken = map[string]string{
	"g05_c9410r_dualsup_cslu_build_error.txt/communication/channels/hello_message/last_response": telemetryInstead,
	"g05_c9410r_dualsup_cslu_build_error.txt/communication/channels/hello_message/last_success":  telemetryInstead,
	"g11_c9300l_standalone_cslu_205fails.txt/communication/channels/hello_message/last_response": telemetryInstead,
	"g11_c9300l_standalone_cslu_205fails.txt/communication/channels/hello_message/last_failure":  telemetryInstead,
}

const telemetryInstead = "it does not know Telemetry Reporting and writes that channel over the one before"

// listKeys name the entries of a list by one of their fields.
var listKeys = map[string]string{"licenses": "handle", "channels": "name", "jobs": "name", "trust_codes": "udi",
	"ha_udis": "sn", "units": "udi", "trust_data": "sn", "enforced": "sn", "authorizations": "udi"}

// factLeaves flattens facts as JSON has them.
func factLeaves(t *testing.T, facts any) map[string]any {
	t.Helper()
	b, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	var walk func(path, name string, v any)
	walk = func(path, name string, v any) {
		out[path] = v
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				walk(path+"/"+k, k, e)
			}
		case []any:
			for i, e := range v {
				key := fmt.Sprint(i)
				if entry, ok := e.(map[string]any); ok && entry[listKeys[name]] != nil {
					key = plain(fmt.Sprint(entry[listKeys[name]]))
				}
				walk(path+"/"+key, "", e)
			}
		}
	}
	walk("", "", tree)
	return out
}

// agrees compares the device's words in a truth file with a typed fact.
func agrees(leaf string, fact any) bool {
	switch fact := fact.(type) {
	case nil:
		return none(leaf) || leaf == "none" || strings.HasSuffix(leaf, "Expired Not Rescheduled") || leaf == "Not Available"
	case bool:
		word, _ := firstWord(leaf)
		on, ok := onOff(word)
		return ok && on == fact
	case float64:
		n, ok := leadingInt(leaf)
		return ok && float64(n) == fact
	case string:
		return fact == leaf || strings.HasPrefix(leaf, fact+" As of ") || strings.HasPrefix(leaf, fact+"(") ||
			strings.HasPrefix(leaf, fact+" on ") || strings.HasPrefix(leaf, fact+" (") || strings.HasPrefix(leaf, fact+"  (") ||
			strings.HasPrefix(leaf, "INSTALLED on "+fact)
	case []any:
		var words []string
		for _, w := range fact {
			words = append(words, fmt.Sprint(w))
		}
		return strings.Join(words, ", ") == leaf
	case map[string]any:
		return fact["days"] != nil && leaf == fmt.Sprintf("%v (%s)", fact["days"], fact["origin"])
	}
	return false
}

type meaning struct {
	truth *regexp.Regexp
	fact  string
}

// sameMeaning gives the facts that leaves of the truth files are about.
var sameMeaning = meanings([][2]string{
	{`utility/status`, `/utility/enabled`},
	{`smart_licensing_using_policy/status`, `/slp`},
	{`smart_licensing_using_policy/reporting_mode`, `/reporting_mode`},
	{`account_information/smart_account`, `/account/smart`},
	{`account_information/virtual_account`, `/account/virtual`},
	{`data_privacy/sending_hostname`, `/privacy/sending_hostname`},
	{`data_privacy/(callhome_hostname_privacy|smart_licensing_hostname_privacy|version_privacy)`, `/privacy/$1`},
	{`transport/(type|url|server_identity_check|vrf|ip_mode|trust_point)`, `/transport/$1`},
	{`transport/cslu_address`, `/transport/url`},
	{`transport/proxy/(address|port|username)`, `/transport/proxy/$1`},
	{`miscellaneous/custom_id`, `/custom_id`},
	{`policy/policy_in_use`, `/policy/in_use`},
	{`policy/policy_name`, `/policy/name`},
	{`policy/reporting_ack_required`, `/policy/ack_required`},
	{`policy/unenforced_non_export_(perpetual|subscription)_attributes/first_report_requirement_days`, `/policy/unenforced_$1/first_report`},
	{`policy/unenforced_non_export_(perpetual|subscription)_attributes/reporting_frequency_days`, `/policy/unenforced_$1/reporting_frequency`},
	{`policy/unenforced_non_export_(perpetual|subscription)_attributes/report_on_change_days`, `/policy/unenforced_$1/report_on_change`},
	{`policy/(enforced|export)_perpetual_subscription_license_attributes/first_report_requirement_days`, `/policy/$1/first_report`},
	{`policy/(enforced|export)_perpetual_subscription_license_attributes/reporting_frequency_days`, `/policy/$1/reporting_frequency`},
	{`policy/(enforced|export)_perpetual_subscription_license_attributes/report_on_change_days`, `/policy/$1/report_on_change`},
	{`usage_reporting/last_ack_received`, `/usage_reporting/last_ack`},
	{`usage_reporting/reporting_push_interval`, `/usage_reporting/push_interval_days`},
	{`usage_reporting/(next_ack_deadline|next_ack_push_check|next_report_push|last_report_push|last_report_file_write)`, `/usage_reporting/$1`},
	{`license_usage/handle/(\d+)/license`, `/licenses/$1/name`},
	{`license_usage/handle/(\d+)/entitlement_tag`, `/licenses/$1/entitlement`},
	{`license_usage/handle/(\d+)/(description|count|version|status|status_time|request_time|export_status|feature_name|feature_description|soft_enforced)`, `/licenses/$1/$2`},
	{`license_usage/handle/(\d+)/enforcement_type`, `/licenses/$1/enforcement`},
	{`license_usage/handle/(\d+)/license_type`, `/licenses/$1/type`},
	{`license_usage/handle/(\d+)/measurements/entitlement/interval`, `/licenses/$1/measurement_interval`},
	{`license_usage/handle/(\d+)/measurements/entitlement/(current_value|current_report)`, `/licenses/$1/$2`},
	{`license_usage/handle/(\d+)/measurements/entitlement/previous`, `/licenses/$1/previous_report`},
	{`(?:product_information/udi|udi_details)/(pid|sn)`, `/udi/$1`},
	{`agent_version/smart_agent_for_licensing`, `/agent_version`},
	{`upcoming_scheduled_jobs/current_time`, `/current_time`},
	{`upcoming_scheduled_jobs/(\w+)`, `/jobs/$1/next`},
	{`communication_statistics/communication_level_allowed`, `/communication/level`},
	{`communication_statistics/overall_state`, `/communication/state`},
	{`communication_statistics/(\w+)/(last_response|failure_reason)`, `/communication/channels/$1/$2`},
	{`communication_statistics/(\w+)/last_success_time`, `/communication/channels/$1/last_success`},
	{`communication_statistics/(\w+)/last_failure_time`, `/communication/channels/$1/last_failure`},
	{`license_certificates/production_cert`, `/certificates/production`},
	{`ha_info/(\w+)`, `/ha/$1`},
	{`reservation_info/license_reservation`, `/reservation/enabled`},
	{`usage_report_summary/(total|purged|maximum_display|in_storage|mia)`, `/reports/$1`},
	{`usage_report_summary/total_acknowledged_received`, `/reports/acknowledged`},
	{`usage_report_summary/waiting_for_ack`, `/reports/waiting`},
	{`usage_report_summary/available_to_report`, `/reports/available`},
	{`usage_report_summary/collecting_data`, `/reports/collecting`},
	{`usage_report_summary/report_module_status`, `/reports/module_status`},
	{`other_info/agent_state`, `/agent/state`},
	{`other_info/(software_id|ts_enable|transport|default_url|write_erase_occurred|config_persist_received|message_version)`, `/agent/$1`},
	{`other_info/connect_info_(name|version|prod|capabilities)`, `/agent/connect_info/$1`},
	{`other_info/agent_capabilities`, `/agent/capabilities`},
	{`other_info/overall_trust`, `/overall_trust`},
	{`other_info/clock_synced_with_ntp`, `/clock_synced_with_ntp`},
	{`other_info/trust_data/(\w+)/p`, `/trust_data/$1/pid`},
	{`other_info/trust_data/(\w+)/trustid`, `/trust_data/$1/trust_id`},
	{`platform_provided_mapping_table/pid`, `/platform/pid`},
	{`platform_provided_mapping_table/total_licenses_found`, `/platform/total_licenses`},
	{`license_authorization/status`, `/license_authorization/status`},
	{`registration/status`, `/registration/status`},
	{`parsed_sample/0/last_ack_received`, `/usage_reporting/last_ack`},
	{`parsed_sample/0/(next_ack_deadline|next_ack_push_check)`, `/usage_reporting/$1`},
	{`parsed_sample/0/next_rpt_push`, `/usage_reporting/next_report_push`},
	{`parsed_sample/0/last_rpt_push`, `/usage_reporting/last_report_push`},
	{`parsed_sample/0/last_rpt_file_write`, `/usage_reporting/last_report_file_write`},
	{`parsed_sample/0/rpt_push_interval`, `/usage_reporting/push_interval_days`},
	{`parsed_sample/0/smart_acct`, `/account/smart`},
	{`parsed_sample/0/virt_acct`, `/account/virtual`},
	{`parsed_sample/0/transport_type`, `/transport/type`},
})

func meanings(table [][2]string) []meaning {
	var out []meaning
	for _, m := range table {
		out = append(out, meaning{regexp.MustCompile(`^/(?:smart_licensing_status/)?` + m[0] + `$`), m[1]})
	}
	return out
}
