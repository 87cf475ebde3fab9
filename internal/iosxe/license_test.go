package iosxe

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"slpdoctor/internal/diag"
)

func answer(q *diag.Query[License], outcome diag.Outcome, text string) diag.Capture {
	return diag.Capture{Command: &q.Command, Line: q.String(), Text: text, Outcome: outcome}
}

// textOf is the answer of a device in testdata to a command.
func textOf(t testing.TB, device string, command *diag.Command) string {
	t.Helper()
	c := devices(t, device)
	i := slices.IndexFunc(c, func(c capture) bool { return c.command == command })
	if i < 0 {
		t.Fatalf("%s has no answer to %s", device, command)
	}
	return c[i].text
}

// TestViewOrder asks several commands for the same field: the first of the order that has it counts, and
// the value remembers its command.
func TestViewOrder(t *testing.T) {
	stack := "c9300-stack-17.3-cslu"
	f := diag.NewFacts(diag.Device{},
		answer(ShowLicenseTechSupport, diag.OK, textOf(t, stack, &ShowLicenseTechSupport.Command)),
		answer(ShowLicenseStatus, diag.OK, textOf(t, stack, &ShowLicenseStatus.Command)))
	v := LicenseView.Of(f)
	for name, c := range map[string]struct {
		at   diag.Source
		want string
	}{
		"transport type": {v.Transport.Type.Source(), "show license tech support"},
		"VRF":            {v.Transport.VRF.Source(), "show license status"}, // agent 5.1 does not print it in tech support
		"trust codes":    {v.TrustCodes.Source(), "show license status"},
		"channels":       {v.Communication.Channels.Source(), "show license tech support"},
		"clock":          {v.Stamp.Time.Source(), "show license tech support"},
	} {
		if c.at.Command != c.want {
			t.Errorf("%s is read from %q, want %q", name, c.at.Command, c.want)
		}
	}
	if !v.TrustCodes.IsNone() {
		t.Error("trust codes are not none, but status prints <none>")
	}
}

// TestViewReasons takes sources away in all ways and looks at why a field is missing.
func TestViewReasons(t *testing.T) {
	stack := "c9300-stack-17.3-cslu"
	tech := answer(ShowLicenseTechSupport, diag.OK, textOf(t, stack, &ShowLicenseTechSupport.Command))
	status := answer(ShowLicenseStatus, diag.OK, textOf(t, stack, &ShowLicenseStatus.Command))
	udi := answer(ShowLicenseUDI, diag.OK, textOf(t, stack, &ShowLicenseUDI.Command))
	refused := func(q *diag.Query[License]) diag.Capture {
		return answer(q, diag.WasRefused, "          ^\n% Invalid input detected at '^' marker.\n")
	}
	type view struct{ account, channels, vrf, jobs, device diag.Reason }
	for name, c := range map[string]struct {
		captures []diag.Capture
		want     view
	}{
		"nothing": {nil,
			view{diag.NotCollected, diag.NotCollected, diag.NotCollected, diag.NotCollected, diag.NotCollected}},
		"tech only": {[]diag.Capture{tech},
			view{account: diag.Absent, vrf: diag.Absent}}, // agent 5.1 prints neither
		"status only": {[]diag.Capture{status},
			view{diag.Absent, diag.NotCollected, "", diag.NotCollected, diag.NotCollected}},
		"tech refused": {[]diag.Capture{refused(ShowLicenseTechSupport), status},
			view{diag.Refused, diag.Refused, "", diag.Refused, diag.Refused}},
		"tech timed out": {[]diag.Capture{answer(ShowLicenseTechSupport, diag.WasTimedOut, ""), status, udi},
			view{diag.TimedOut, diag.TimedOut, "", diag.TimedOut, ""}},
		"udi refused, tech complete": {[]diag.Capture{tech, refused(ShowLicenseUDI)},
			view{account: diag.Absent, vrf: diag.Absent}},
		"tech without its tail": {[]diag.Capture{answer(ShowLicenseTechSupport, diag.OK, tech.Text[:len(tech.Text)*6/10])},
			view{account: diag.Cut, vrf: diag.Cut, channels: diag.Cut}}, // the channels are those the cut goes through
		"another command's output": {[]diag.Capture{answer(ShowLicenseTechSupport, diag.OK, textOf(t, stack, &ShowVersion.Command))},
			view{diag.Unparsed, diag.Unparsed, diag.Unparsed, diag.Unparsed, diag.Unparsed}},
		"not sent": {[]diag.Capture{{Command: &ShowLicenseTechSupport.Command, Outcome: diag.NotRun, NotSent: diag.NotSent{Reason: diag.Blocked}}},
			view{diag.Blocked, diag.Blocked, diag.Blocked, diag.Blocked, diag.Blocked}},
	} {
		v := LicenseView.Of(diag.NewFacts(diag.Device{}, c.captures...))
		got := view{v.Account.Smart.Why(), v.Communication.Channels.Why(), v.Transport.VRF.Why(), v.Jobs.Why(), v.Device.PID.Why()}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestViewCarriesEverything holds that the tag "in" of every field names the commands that print it, by the
// devices of testdata.
func TestViewCarriesEverything(t *testing.T) {
	known := map[string]bool{}
	for _, s := range licenseSources {
		known[s.name] = true
	}
	var walk func(v reflect.Value, source, path, in string)
	walk = func(v reflect.Value, source, path, in string) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			in := in
			if tag, ok := f.Tag.Lookup("in"); ok {
				in = tag
			}
			for name := range strings.FieldsSeq(in) {
				if !known[name] {
					t.Fatalf("%s.%s: the tag names %q", path, f.Name, name)
				}
			}
			if value, ok := reflect.TypeAssert[interface{ Known() bool }](v.Field(i)); ok {
				classic := f.Name == "Enabled" && source == "status" // printed there by the classic model only
				if in == "" || value.Known() && !slices.Contains(strings.Fields(in), source) && !classic {
					t.Errorf("%s.%s is printed by %s, its tag is %q", path, f.Name, source, in)
				}
				continue
			}
			walk(v.Field(i), source, path+"."+f.Name, in)
		}
	}
	for _, c := range devices(t, "*") {
		for _, s := range licenseSources {
			if l, ok := c.parse().Facts.(*License); ok && c.command == &s.query.Command {
				walk(reflect.ValueOf(l).Elem(), s.name, "License", "")
			}
		}
	}
}

// TestCutDropsTheOpenList cuts tech support at every line: what a list is cut in must not look complete, and
// no fact may differ from the whole answer's.
func TestCutDropsTheOpenList(t *testing.T) {
	text := textOf(t, "c9350-stack-17.12-onprem", &ShowLicenseTechSupport.Command)
	whole := factLeaves(t, parseText(&ShowLicenseTechSupport.Command, text).Facts)
	for i := 1; i < len(text); i += 7 {
		p := ShowLicenseTechSupport.Parse(answer(ShowLicenseTechSupport, diag.WasCut, text[:i]))
		l, ok := p.Facts.(*License)
		if !ok {
			continue
		}
		if p.Problem != diag.Cut {
			t.Fatalf("cut at %d: problem %q", i, p.Problem)
		}
		for path, v := range factLeaves(t, l) {
			if list, isList := v.([]any); isList && len(list) != len(whole[path].([]any)) {
				t.Fatalf("cut at %d: %s has %d of %d entries", i, path, len(list), len(whole[path].([]any)))
			}
			if scalar(v) && v != whole[path] {
				t.Fatalf("cut at %d: %s is %v, whole %v", i, path, v, whole[path])
			}
		}
	}
}

// TestNoLicenceAnswer gives the licence commands what is no answer.
func TestNoLicenceAnswer(t *testing.T) {
	for _, c := range catalogue {
		if !strings.HasPrefix(c.String(), "show license") && c != &ShowVersion.Command {
			continue
		}
		for text, want := range map[string]diag.Reason{
			"": diag.Unparsed,
			"router-1#" + c.String() + "\n                ^\n% Invalid input detected at '^' marker.\n\nrouter-1#": diag.Refused,
			"% Authorization failed.\n":  diag.Refused,
			"%\xff\x00\x1b[2Jqz\n\x07\n": diag.Unparsed,
			"Interface              IP-Address      OK? Method Status                Protocol\nVlan1                  192.0.2.1       YES NVRAM  up                    up\n": diag.Unparsed,
		} {
			p := parseText(c, text)
			if p.Facts != nil || p.Problem != want && !(want == diag.Unparsed && p.Problem == diag.Cut) {
				t.Errorf("%s: %q is %q with facts %v, want %q", c, text, p.Problem, p.Facts, want)
			}
		}
	}
}

// TestAuthorizationsInFull reads the long form that documents show, at the margin and below its unit.
func TestAuthorizationsInFull(t *testing.T) {
	long := `Authorizations:
  C9K HSEC (Cat9K HSEC):
    Description: HSEC key for the tests
    Total available count: 2
    Enforcement type: EXPORT RESTRICTED
    Term information:
      Active: PID:C9300X-24Y,SN:FOC29010AB1
        Authorization type: SMART AUTHORIZATION INSTALLED
        License type: PERPETUAL
          Term Count: 1
`
	tail := "\nPurchased Licenses:\n  No Purchase Information Available\n"
	unit := func(role, sn, status string) string {
		return "  " + role + ": PID:C9300X-24Y,SN:" + sn + "\n      Status: " + status + "\n"
	}
	active := unit("Active", "FOC29010AB1", "SMART AUTHORIZATION INSTALLED on Oct 29 17:45:28 2025 UTC")
	standby := unit("Standby", "FOC29010AB2", "NOT INSTALLED")
	nested := "      " + strings.ReplaceAll(strings.TrimSuffix(long, "\n"), "\n", "\n      ") + "\n"
	for name, text := range map[string]string{
		"at the margin":  "Overall status:\n" + active + standby + "\n" + long + tail,
		"below its unit": "Overall status:\n" + active + nested + standby + tail,
	} {
		p := parseText(&ShowLicenseAuthorization.Command, text)
		l, ok := p.Facts.(*License)
		if !ok || len(p.Unparsed) > 0 {
			t.Errorf("%s: unparsed %v", name, p.Unparsed)
			continue
		}
		units, _ := l.Authorizations.Peek()
		codes, _ := l.Authorized.Peek()
		if len(units) != 2 || len(codes) != 1 {
			t.Errorf("%s: %d units and %d licences", name, len(units), len(codes))
			continue
		}
		terms, _ := codes[0].Terms.Peek()
		status, _ := units[1].Status.Peek()
		if n, _ := codes[0].Available.Peek(); n != 2 || len(terms) != 1 || status != "NOT INSTALLED" {
			t.Errorf("%s: %+v, standby %q", name, codes[0], status)
		}
	}
}

// TestTrustShapes reads what may stand in the place of a trust code.
func TestTrustShapes(t *testing.T) {
	read := func(trust string) *License {
		p := parseText(&ShowLicenseStatus.Command, "Transport:\n  Type: Smart\n  URL: https://192.0.2.1/SmartTransport\n\nUsage Reporting:\n  Last ACK received: <none>\n\n"+trust)
		l, _ := p.Facts.(*License)
		return l
	}
	if l := read("Trust Code Installed: <none>\n"); !l.TrustCodes.IsNone() {
		t.Error("<none> is not none")
	}
	if l := read("Trust Code Installed: something new\n"); l.TrustCodes.Known() {
		t.Error("words nobody knows are taken for a trust code")
	}
	l := read("Trust Code Installed:\n  Active: PID:A,SN:1\n    INSTALLED on Apr 22 05:01:33 2025 UTC\n  Standby: PID:A,SN:2\n  Member: PID:A,SN:3\n    NOT INSTALLED\n  Member: PID:A,SN:4\n    MAYBE LATER\n")
	codes, _ := l.TrustCodes.Peek()
	if len(codes) != 4 {
		t.Fatalf("%d units, want 4", len(codes))
	}
	if !codes[0].Installed.Known() || codes[1].Installed.Known() || !codes[2].Installed.IsNone() || codes[3].Installed.Known() {
		t.Errorf("installed: %v, %v, %v, %v", codes[0].Installed, codes[1].Installed, codes[2].Installed, codes[3].Installed)
	}
	if l := read("Trust Code Installed: Apr 22 05:01:33 2025 UTC    Valid on Apr 22 04:56:31 2025 UTC\n    Expired on Jan 01 00:00:00 1970 UTC\n"); true {
		codes, _ := l.TrustCodes.Peek()
		if expires, ok := codes[0].Expires.Peek(); !ok || !expires.IsEpoch() || !codes[0].ValidFrom.Known() {
			t.Errorf("standalone with dates: %+v", codes[0])
		}
	}
}

// FuzzParse gives hostile text to every parser of the catalogue: none may panic, lose a line or name a
// source that is not there.
func FuzzParse(f *testing.F) {
	for _, c := range devices(f, "*") {
		f.Add(uint8(slices.Index(catalogue, c.command)), c.text)
	}
	f.Add(uint8(0), "\x00\xff\r\r\n:::\n  : \n=\n(\n):\nPID:,SN:\n")
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		c := catalogue[int(which)%len(catalogue)]
		for _, outcome := range []diag.Outcome{diag.OK, diag.WasCut} {
			p := c.Parse(diag.Capture{Command: c, Line: c.String(), Text: text, Outcome: outcome})
			if outcome == diag.OK {
				lossless(t, c.String(), text, p.Tree())
			}
			lines := strings.Split(text, "\n")
			for _, s := range sources(p.Facts) {
				if s.Line > len(lines) || !strings.Contains(lines[s.Line-1], s.Text) {
					t.Errorf("%s: the source %+v is not in the text", c, s)
				}
			}
			_ = asJSON(t, p.Facts)
		}
	})
}

// BenchmarkParseTechSupport reads one answer without its tree.
func BenchmarkParseTechSupport(b *testing.B) {
	text := textOf(b, "c9350-stack-17.12-onprem", &ShowLicenseTechSupport.Command)
	c := answer(ShowLicenseTechSupport, diag.OK, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if ShowLicenseTechSupport.Parse(c).Facts == nil {
			b.Fatal("not read")
		}
	}
}

// BenchmarkLicenseView merges all licence answers of a device.
func BenchmarkLicenseView(b *testing.B) {
	f := diag.NewFacts(diag.Device{})
	for _, c := range devices(b, "c9350-stack-17.12-onprem") {
		f.Add(diag.Capture{Command: c.command, Line: c.command.String(), Text: c.text, Outcome: diag.OK})
	}
	b.ReportAllocs()
	for b.Loop() {
		f.Add(diag.Capture{Command: &ShowLicenseSummary.Command, Outcome: diag.NotRun}) // forgets the view
		LicenseView.Of(f)
	}
}
