package bundle

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite what the logs of testdata are expected to give")

// describe is an Evidence in words: a line for the device, then its captures and notes.
func describe(e Evidence) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s) %s", e.Device.Name, e.Hostname, e.State)
	if e.Fault != nil {
		fmt.Fprintf(&b, " %s: %s", e.Fault.Class, e.Fault.Message)
	}
	b.WriteByte('\n')
	for _, c := range e.Captures {
		var text []string
		for line := range strings.Lines(c.Text) {
			if line = strings.TrimSpace(line); line != "" {
				text = append(text, line)
			}
		}
		fmt.Fprintf(&b, "\t%s: %s, line %d: %s\n", c.Line, c.Outcome, c.FirstLine, strings.Join(text, " | "))
	}
	for _, n := range e.Unused {
		fmt.Fprintf(&b, "\tnote line %d: %s\n", n.Line, n.Text)
	}
	return b.String()
}

func readAll(t testing.TB, s *Source) string {
	t.Helper()
	var b strings.Builder
	for e, err := range s.Devices() {
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(describe(e))
	}
	return b.String()
}

// TestLogs reads every log of testdata as it is, from Windows, without its last line end, and from stdin:
// the captures, their lines and the notes are the same.
func TestLogs(t *testing.T) {
	files, err := filepath.Glob("testdata/logs/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no logs", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text, want := string(archive.Files[0].Data), string(archive.Files[1].Data)
			for name, text := range map[string]string{
				"as is": text, "windows": "\xef\xbb\xbf" + strings.ReplaceAll(text, "\n", "\r\n"), "no line end": strings.TrimSuffix(text, "\n"),
			} {
				path := filepath.Join(t.TempDir(), "pasted.txt")
				write(t, path, text)
				s, err := Open(path, nil, catalogue)
				if err != nil {
					t.Fatal(err)
				}
				got := readAll(t, s)
				if *update && name == "as is" {
					archive.Files[1].Data, want = []byte(got), got
					write(t, file, string(txtar.Format(archive)))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
				for e := range s.Devices() {
					mapped(t, e, path)
				}
			}
			s, err := Open("-", strings.NewReader(text), catalogue)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, strings.ReplaceAll(readAll(t, s), "stdin (", "pasted (")); diff != "" {
				t.Errorf("stdin (-want +got):\n%s", diff)
			}
		})
	}
}

// mapped checks that line n of a capture stands on line FirstLine+n-1 of the file.
func mapped(t *testing.T, e Evidence, path string) {
	t.Helper()
	text, err := decode([]byte(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	file := strings.Split(text, "\n")
	for _, c := range e.Captures {
		if c.Path != path {
			t.Errorf("%s is of %q", c.Line, c.Path)
		}
		for i, line := range strings.Split(c.Text, "\n") {
			if line != "" && line != file[c.FirstLine+i-1] {
				t.Errorf("%s: line %d is %q, in the file %q", c.Line, i+1, line, file[c.FirstLine+i-1])
			}
		}
	}
}

func TestFolders(t *testing.T) {
	version, clock := "Cisco IOS XE Software, Version 17.09.04a\n", "*10:00:00.000 UTC Thu Jan 1 2026\n"
	config := "hostname in-config\nntp server 192.0.2.5\nend\n"
	tests := []struct {
		name   string
		files  map[string]string
		want   string
		unused int
	}{
		{"of devices", map[string]string{
			"r1/show-version.txt": version, "r1/show-clock.txt": "r1-prompt#show clock\n" + clock + "r1-prompt#\n",
			"r1/show-running-config.txt": config, "r1/show-interfaces.txt": "x\n", "r1/notes.pdf": "x", "r1/more/show-clock.txt": clock,
			"R2.example.net/ping-tools-cisco-com.txt":    "Sending 5, 100-byte ICMP Echos to 192.0.2.10, timeout is 2 seconds:\n!!!!!\n",
			"R2.example.net/show-ip-http-server-all.txt": "HTTP server status: Enabled\n",
			"r3/show-version.txt":                        "\x7fELF" + strings.Repeat("\x00", 50), "r3/show-clock.txt": clock,
			"r4/readme.txt": "x", "r5/show-clock.txt": "", "r5/show-running-config-include-ntp-clock.txt": "\n", "r5/show-running-config.txt": "",
			"r5/show-version.txt": "r5#show version\n% Authorization failed.\n\nr5#",
			"README.txt":          "x", ".hidden/show-clock.txt": clock,
		}, `R2.example.net () examined
	show ip http server all: ok, line 1: HTTP server status: Enabled
	show ip http server session-module: ok, line 1: HTTP server status: Enabled
	ping: ok, line 1: Sending 5, 100-byte ICMP Echos to 192.0.2.10, timeout is 2 seconds: | !!!!!
r1 (r1-prompt) examined
	show version: ok, line 1: Cisco IOS XE Software, Version 17.09.04a
	show clock: ok, line 2: *10:00:00.000 UTC Thu Jan 1 2026
	show running-config | include ^license|^ip http|^hostname: ok, line 1: hostname in-config
	show running-config | include ^ntp|^clock: ok, line 1: ntp server 192.0.2.5
	show running-config | section ^call-home: ok, line 1: ` + `
	note line 0: a folder inside the folder of a device
	note line 0: its name is no command this tool reads
	note line 0: its name is no command this tool reads
r3 () partial unreadable: DIR/r3/show-version.txt: the file is not text
	show version: cut, line 1: ` + `
	show clock: ok, line 1: *10:00:00.000 UTC Thu Jan 1 2026
r4 () error no_evidence: nothing here is the answer to a command this tool reads
	note line 0: its name is no command this tool reads
r5 (r5) examined
	show version: refused, line 2: % Authorization failed.
	show clock: ok, line 1: ` + `
	show running-config | include ^license|^ip http|^hostname: cut, line 1: ` + `
	show running-config | include ^ntp|^clock: ok, line 1: ` + `
	show running-config | section ^call-home: cut, line 1: ` + `
`, 1},
		{"of one device", map[string]string{
			"show-version.txt": version, "show-version-2.txt": "later by name\n", "show-tech-support.txt": "------------------ show clock ------------------\n" + clock,
			"show-running-config-include-hostname.txt": "hostname x\n", "device.json": "{}", "show-license-udi.txt": "show license udi\nUDI: PID:C9300-24UX,SN:FOC00000001\nshow clock\n",
		}, `DIR (x) examined
	show version: ok, line 1: Cisco IOS XE Software, Version 17.09.04a
	show clock: ok, line 2: *10:00:00.000 UTC Thu Jan 1 2026
	show license udi: ok, line 2: UDI: PID:C9300-24UX,SN:FOC00000001 | show clock
	show running-config | include ^license|^ip http|^hostname: cut, line 1: hostname x
	show running-config | include ^ntp|^clock: cut, line 1: ` + `
	show running-config | section ^call-home: cut, line 1: ` + `
	note line 0: its name is no command this tool reads
`, 0},
		{"of logs", map[string]string{
			"a.log": "r1#show clock\n" + clock, "b.log": "r2>show clock\n" + clock + "r1#show version\n" + version, "c9300.example.net": version,
			"d.gz": "\x1f\x8b\x08\x00", "show-clock.txt": clock,
		}, `r1 (r1) examined
	show version: ok, line 4: Cisco IOS XE Software, Version 17.09.04a
	show clock: ok, line 2: *10:00:00.000 UTC Thu Jan 1 2026
r2 (r2) examined
	show clock: ok, line 2: *10:00:00.000 UTC Thu Jan 1 2026
c9300.example.net () examined
	show version: ok, line 1: Cisco IOS XE Software, Version 17.09.04a
d.gz () error unreadable: DIR/d.gz: the file is compressed: unpack it first
show-clock () examined
	show clock: ok, line 1: *10:00:00.000 UTC Thu Jan 1 2026
`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "folder")
			for name, text := range tt.files {
				write(t, filepath.Join(dir, name), text)
			}
			s, err := Open(dir, nil, catalogue)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(strings.ReplaceAll(tt.want, "DIR/", dir+"/"), "DIR", "folder")
			if diff := cmp.Diff(want, readAll(t, s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(s.Unused) != tt.unused {
				t.Errorf("beside the devices: %v", s.Unused)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "binary.log")
	write(t, binary, "\x7fELF"+strings.Repeat("\x00", 50))
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{binary, empty, filepath.Join(dir, "missing")} {
		if _, err := Open(path, nil, catalogue); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// FuzzLog reads anything: no crash, every captured line stands in the file where it says, and what is
// captured is masked.
func FuzzLog(f *testing.F) {
	files, _ := filepath.Glob("testdata/logs/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Add([]byte("r1#show clock\r\x1b[2K\b\b--More--\nr1(config)#do sh ver\n$#$\n"))
	l := newLexicon(catalogue)
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := decode(data)
		if err != nil {
			return
		}
		file := strings.Split(text, "\n")
		b := l.newBook()
		l.log(text, "log", nil, func(name string) *reading { return b.device(name, "fallback") })
		for e := range b.devices() {
			for _, c := range e.Captures {
				for i, line := range strings.Split(c.Text, "\n") {
					if n := c.FirstLine + i - 1; line != "" && (n >= len(file) || file[n] != line) {
						t.Fatalf("%s: line %d, %q, is not line %d of %q", c.Line, i+1, line, n+1, text)
					}
				}
			}
			for _, n := range e.Unused {
				if n.Line < 1 || n.Line > len(file) {
					t.Fatalf("note %v of a text of %d lines", n, len(file))
				}
			}
		}
	})
}
