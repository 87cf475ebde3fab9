package fixplan

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/iosxe"
)

// capture is the answer to a command whose line has the beginning.
func capture(t *testing.T, beginning, text string) diag.Capture {
	t.Helper()
	for _, c := range iosxe.Catalogue() {
		if strings.HasPrefix(c.String(), beginning) {
			return diag.Capture{Command: c, Line: c.String(), Text: text, Outcome: diag.OK}
		}
	}
	t.Fatalf("no command begins with %q", beginning)
	return diag.Capture{}
}

const (
	services  = "show running-config | include ^license"
	names     = "show running-config | include ^ip name-server"
	callhomes = "show running-config | section ^call-home"
	slas      = "show running-config | section ^crypto pki trustpoint"
	brief     = "show ip interface brief"
)

func TestUndo(t *testing.T) {
	for name, c := range map[string]struct {
		fix  []string
		was  map[string]string // by the beginning of the command
		want rollback
	}{
		"a line that was not there": {
			fix:  []string{"ip http server"},
			was:  map[string]string{services: "license smart transport off\n"},
			want: rollback{Lines: []string{"no ip http server"}},
		},
		"a line that was there": {
			fix: []string{"ip http server"},
			was: map[string]string{services: "ip http server\n"},
		},
		"a setting that replaces another": {
			fix:  []string{"license smart transport cslu", "license smart url cslu http://192.0.2.80:8182/cslu/v1/pi"},
			was:  map[string]string{services: "license smart transport smart\nlicense smart url cslu http://192.0.2.80:8128/cslu/v1/pi\n"},
			want: rollback{Lines: []string{"license smart url cslu http://192.0.2.80:8128/cslu/v1/pi", "license smart transport smart"}},
		},
		"a setting without a value before": {
			fix:  []string{"license smart vrf Mgmt-vrf"},
			was:  map[string]string{services: "hostname r1\n"},
			want: rollback{Lines: []string{"no license smart vrf Mgmt-vrf"}},
		},
		"a setting of a VRF is not that of the global table": {
			fix:  []string{"ip domain name vrf A example.net"},
			was:  map[string]string{names: "ip domain name example.com\nip domain name vrf B example.org\n"},
			want: rollback{Lines: []string{"no ip domain name vrf A example.net"}},
		},
		"what was switched off": {
			fix:  []string{"ip domain lookup"},
			was:  map[string]string{names: "no ip domain lookup\n"},
			want: rollback{Lines: []string{"no ip domain lookup"}},
		},
		"what is on without a line": {
			fix: []string{"ip domain lookup"},
			was: map[string]string{names: "ip name-server 192.0.2.53\n"},
		},
		"lines that are removed": {
			fix:  []string{"no ip host tools.cisco.com 192.0.2.7"},
			was:  map[string]string{names: "ip host tools.cisco.com 192.0.2.7 192.0.2.8\n"},
			want: rollback{Lines: []string{"ip host tools.cisco.com 192.0.2.7 192.0.2.8"}},
		},
		"inside a mode": {
			fix:  []string{"call-home", `profile "CiscoTAC-1"`, "active", "destination transport-method http", "no destination transport-method email"},
			was:  map[string]string{callhomes: "call-home\n profile \"CiscoTAC-1\"\n  destination transport-method email\n"},
			want: rollback{Lines: []string{"call-home", `profile "CiscoTAC-1"`, "destination transport-method email", "no destination transport-method http", "no active"}},
		},
		"one mode after another": {
			fix:  []string{"call-home", `http-proxy "192.0.2.88" port 8080`, "exit", "no license smart proxy address"},
			was:  map[string]string{callhomes: "call-home\n", services: "license smart proxy address 192.0.2.88\n"},
			want: rollback{Lines: []string{"license smart proxy address 192.0.2.88", "call-home", `no http-proxy "192.0.2.88" port 8080`}},
		},
		"a trustpoint that the fix makes goes with all it holds": {
			fix:  []string{"crypto pki trustpoint SLA-TrustPoint", "enrollment terminal", "exit", "crypto pki authenticate SLA-TrustPoint"},
			was:  map[string]string{slas: ""},
			want: rollback{Lines: []string{"no crypto pki trustpoint SLA-TrustPoint"}},
		},
		"a trustpoint that was there": {
			fix:  []string{"crypto pki trustpoint SLA-TrustPoint", "revocation-check none"},
			was:  map[string]string{slas: "crypto pki trustpoint SLA-TrustPoint\n enrollment pkcs12\n revocation-check crl\n"},
			want: rollback{Lines: []string{"crypto pki trustpoint SLA-TrustPoint", "revocation-check crl"}},
		},
		"an interface that was shut down": {
			fix: []string{"interface Loopback0", "no shutdown"},
			was: map[string]string{brief: "Interface              IP-Address      OK? Method Status                Protocol\n" +
				"Loopback0              198.51.100.201  YES NVRAM  administratively down down    \n"},
			want: rollback{Lines: []string{"interface Loopback0", "shutdown"}},
		},
		"nothing is known": {
			fix: []string{"license smart transport smart", "ip http server", "no ip domain lookup", "ip domain lookup"},
			want: rollback{Lines: []string{"no ip http server", "no license smart transport smart"}, Gaps: []string{
				"if another value was set before, enter that instead of: no license smart transport smart",
				"leave this out if the line was there before: no ip http server",
				"what was there before is not known: no ip domain lookup",
				"this is on unless it was switched off; if it was, enter: no ip domain lookup"}},
		},
		"a placeholder may stand for what is there": {
			fix: []string{"ip name-server <dns-ip>"},
			was: map[string]string{names: "ip name-server 192.0.2.53\n"},
			want: rollback{Lines: []string{"no ip name-server <dns-ip>"},
				Gaps: []string{"leave this out if the line was there before with the same value: no ip name-server <dns-ip>"}},
		},
		"a placeholder where nothing like it is": {
			fix:  []string{"ip name-server <dns-ip>"},
			was:  map[string]string{names: "ip name-server-of-another-kind\nntp server 192.0.2.123\n"},
			want: rollback{Lines: []string{"no ip name-server <dns-ip>"}},
		},
		"a value that is not safe to paste": {
			fix: []string{"license smart url smart https://smartreceiver.cisco.com/licservice/license"},
			was: map[string]string{services: "license smart url smart https://x/y;reload\n"},
			want: rollback{Lines: []string{"license smart url smart <previous-value>"},
				Gaps: []string{"the line before has characters that are not safe to paste; take <previous-value> from the device's configuration"}},
		},
		"no line takes an import back": {
			fix:  []string{"crypto pki trustpool import url http://www.cisco.com/security/pki/trs/ios_core.p7b"},
			want: rollback{Gaps: []string{"no line takes back: crypto pki trustpool import url http://www.cisco.com/security/pki/trs/ios_core.p7b"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var captures []diag.Capture
			for beginning, text := range c.was {
				captures = append(captures, capture(t, beginning, text))
			}
			if diff := cmp.Diff(c.want, undo(c.fix, beforeOf(captures))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// An answer that is refused or cut tells nothing of what was there.
func TestUndoTrustsCompleteAnswersOnly(t *testing.T) {
	for _, o := range []diag.Outcome{diag.WasCut, diag.WasRefused, diag.WasTimedOut, diag.NotRun} {
		c := capture(t, services, "license smart transport off\n")
		c.Outcome = o
		if r := undo([]string{"license smart transport smart"}, beforeOf([]diag.Capture{c})); len(r.Gaps) == 0 {
			t.Errorf("%s: %v", o, r)
		}
	}
}

const hostile = "r1`*_[x](http://evil.example/)|<script>alert(1)</script>\r\n# head\n```\n![i](javascript:x) www.evil.example\x1b[31m"

// plan is what a run with one device and one root cause makes.
func planOf(name, text string, fixes ...diag.Fix) []File {
	days := 12
	d := diag.DeviceResult{Name: name, Address: text, State: diag.Partial, Error: &diag.Fault{Message: text},
		Deadline: &diag.Deadline{State: "due", NextACK: &text, DaysLeft: &days},
		Platform: &diag.Platform{PID: text, Serial: text, OS: "IOS XE", Release: text},
		Results: []diag.Result{{Check: "dns-server", Status: diag.Fail, Severity: diag.High, Summary: text, Key: text,
			Evidence: []diag.Evidence{{Command: "show " + text, Line: 3, Text: text}}, Fixes: fixes}}}
	var fold engine.Fold
	fold.Add(d)
	p := Plan{Devices: []Device{Of(d, nil, false)}, Why: func(string) string { return "Names are needed." }}
	return p.Files(&diag.Report{Run: diag.Run{ID: "x", Started: time.Unix(0, 0), Mode: "run"}, Summary: fold.Summary()})
}

func TestHostileText(t *testing.T) {
	files := planOf("../../"+hostile, hostile,
		diag.Fix{Summary: hostile, Config: []string{"ip name-server <dns-ip>", "ip host a 192.0.2.1\nreload", "do reload ?", "\x16x"},
			Exec: []string{"copy running-config startup-config", "x\ny"}, Manual: []string{hostile}, Affects: hostile})
	if len(files) != 5 {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) || strings.ContainsAny(f.Path, "<>|\\\x1b\n") {
			t.Errorf("path %q", f.Path)
		}
		if strings.ContainsAny(f.Text, "\x1b\r\x16") {
			t.Errorf("%s: control characters", f.Path)
		}
		if strings.HasSuffix(f.Path, ".cfg") {
			want := []string{"ip name-server <dns-ip>", "no ip name-server <dns-ip>", "end"}
			for l := range strings.SplitSeq(strings.TrimSpace(f.Text), "\n") {
				if !strings.HasPrefix(l, "!") && !slices.Contains(want, l) || strings.Contains(l, "?") {
					t.Errorf("%s: line %q", f.Path, l)
				}
			}
			continue
		}
		// What is escaped formats nothing, and the names of our own files are in angle brackets.
		prose := regexp.MustCompile(`\\.|\(<[^<>]*>\)`).ReplaceAllString(outsideFences(t, f), "")
		for _, bad := range []string{"<script", "](http", "](javascript", "http://", "www.evil"} {
			if strings.Contains(prose, bad) {
				t.Errorf("%s: %q in\n%s", f.Path, bad, prose)
			}
		}
		for l := range strings.SplitSeq(prose, "\n") {
			if strings.HasPrefix(l, "| ") && strings.Count(l, "|") > 6 {
				t.Errorf("%s: the text makes columns: %s", f.Path, l)
			}
			if strings.Contains(l, "head") && strings.HasPrefix(l, "#") && !strings.HasPrefix(l, "# dns-server") && !strings.HasPrefix(l, "## Change") {
				t.Errorf("%s: the text makes a heading: %s", f.Path, l)
			}
		}
	}
}

// outsideFences is a page without its code blocks, which must all end.
func outsideFences(t *testing.T, f File) string {
	t.Helper()
	var out []string
	fence := ""
	for l := range strings.SplitSeq(f.Text, "\n") {
		switch {
		case fence == "" && strings.HasPrefix(l, "```"):
			fence = strings.TrimSuffix(l, "text")
		case l == fence && fence != "":
			fence = ""
		case fence == "":
			out = append(out, l)
		}
	}
	if fence != "" {
		t.Errorf("%s: a code block does not end", f.Path)
	}
	return strings.Join(out, "\n")
}

func TestTicket(t *testing.T) {
	files := planOf("r1", "No name server.", diag.Fix{Summary: "configure a name server", Config: []string{"ip name-server <dns-ip>"},
		Exec: []string{"copy running-config startup-config"}, Verify: []string{"show hosts"}, Manual: []string{"first", "second"}, Affects: "names"},
		diag.Fix{Summary: "ask for one", Manual: []string{"by mail"}})
	var paths []string
	text := map[string]string{}
	for _, f := range files {
		paths = append(paths, f.Path)
		text[filepath.Base(f.Path)] = f.Text
	}
	want := []string{"01-dns-server/README.md", "01-dns-server/devices/r1/ticket.md", "01-dns-server/devices/r1/change.cfg",
		"01-dns-server/devices/r1/rollback.cfg", "README.md"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	at := 0
	for _, s := range []string{"# dns-server on r1", "## Evidence", "line 3", "## Change: configure a name server", "Affects: names", "Fill in before use: `<dns-ip>`",
		"1. first", "2. second", "ip name-server <dns-ip>", "copy running-config startup-config", "show hosts", "Rollback", "no ip name-server <dns-ip>",
		"## Or, when that does not fit: ask for one", "1. by mail", "Rollback: no line of the configuration changes."} {
		i := strings.Index(text["ticket.md"][at:], s)
		if i < 0 {
			t.Fatalf("%q is not in its place in\n%s", s, text["ticket.md"])
		}
		at += i
	}
	for _, s := range []string{"- `<dns-ip>` in", "(12 days left)", "r1, partial"} {
		if !strings.Contains(text["README.md"], s) {
			t.Errorf("%q is not in\n%s", s, text["README.md"])
		}
	}
}

func TestWrite(t *testing.T) {
	files := planOf("r1", "x", diag.Fix{Config: []string{"ip http server"}})
	dir := filepath.Join(t.TempDir(), "a", "plan")
	if err := Write(dir, files); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			n++
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("%s is %v", path, info.Mode())
		}
		if strings.Contains(path, ".partial") {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil || n != len(files) {
		t.Errorf("%d of %d files: %v", n, len(files), err)
	}
	if err := Write(dir, files); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("a second plan in the same folder: %v", err)
	}
	if err := Claim(filepath.Join(dir, "README.md")); err == nil {
		t.Error("a file is taken for a folder")
	}
}

// A plan that can not be written leaves nothing behind.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	files := append(planOf("r1", "x"), File{"README.md/under-a-file.md", ""})
	if err := Write(dir, files); err == nil {
		t.Fatal("no error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// Warnings, waived results and consequences have no tickets unless they are asked for.
func TestWhatHasTickets(t *testing.T) {
	by, waived := "a-a", "w-1"
	d := diag.DeviceResult{Name: "r1", Results: []diag.Result{
		{Check: "a-a", Status: diag.Fail}, {Check: "b-b", Status: diag.Fail, CausedBy: &by}, {Check: "c-c", Status: diag.Warn},
		{Check: "d-d", Status: diag.Fail, Waived: &waived}, {Check: "e-e", Status: diag.Unknown}}}
	for warnings, want := range map[bool][]string{false: {"a-a"}, true: {"a-a", "c-c"}} {
		var got []string
		for _, t := range Of(d, nil, warnings).tickets {
			got = append(got, t.Check)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("warnings %v (-want +got)\n%s", warnings, diff)
		}
	}
	if got := Of(d, nil, false).tickets[0].explains; !slices.Equal(got, []string{"b-b"}) {
		t.Errorf("explains %v", got)
	}
}
