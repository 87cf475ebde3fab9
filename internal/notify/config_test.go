package notify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/inventory"
)

func TestLoad(t *testing.T) {
	ca := newAuthority(t)
	path := filepath.Join(t.TempDir(), "notify.yaml")
	write(t, path, `version: 1
receivers:
  - name: noc-chat
    severity: high
    events: [new, worse, flap suppressed]
    timeout: 3s
    webhook: {url: {env: NOC}, shape: slack, ca_file: `+ca.file+`}
  - name: oncall
    email: {server: "relay.example.net:587", username: u, password: {file: secret}, from: a@example.net, to: [b@example.net]}
  - name: siem
    syslog: {transport: tls, server: "log.example.net:6514", facility: local3}
  - name: here
    syslog: {transport: local}
  - name: ticket
    exec: {command: [./ticket, --queue, noc]}
  - name: lab
    webhook: {url: {plain: "https://hooks.example.net/SECRET"}}
`)
	c, warnings, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), ":17: url of receiver \"lab\" stands in plain text") || strings.Contains(warnings[0].Error(), "SECRET") {
		t.Errorf("%v", warnings)
	}
	var got []string
	for _, r := range c.Receivers {
		got = append(got, r.Name+": "+r.Describe())
	}
	want := []string{
		"noc-chat: webhook (slack), url from environment variable NOC; new, worse, flap suppressed; severity high and above",
		"oncall: email to b@example.net over relay.example.net:587 (starttls); all events",
		"siem: syslog over tls to log.example.net:6514, facility local3; all events",
		"here: syslog over local to /dev/log, facility daemon; all events",
		`ticket: exec of "` + filepath.Dir(path) + `/ticket"; all events`,
		"lab: webhook (json), url from plain text; all events",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if c.Receivers[0].Timeout != 3*time.Second || c.Receivers[1].Timeout != defaultTimeout {
		t.Errorf("%s, %s", c.Receivers[0].Timeout, c.Receivers[1].Timeout)
	}
	err = c.Check(t.Context(), inventory.NewResolver(nil, inventory.Seams{}))
	for _, want := range []string{`url of receiver "noc-chat": the environment variable NOC is not set`, `password of receiver "oncall"`, `exec of receiver "ticket": the program can not be run`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestEverythingThatIsWrong is told at once, with its lines, and without what could be a secret.
func TestEverythingThatIsWrong(t *testing.T) {
	t.Chdir(t.TempDir())
	for text, want := range map[string][]string{
		"":            {"n.yaml: the file names no receivers"},
		"# nothing\n": {"n.yaml: the file names no receivers"},
		"version: 1":  {"n.yaml: the file names no receivers; add receivers: and a list"},
		"version: 2\nreceivers: []": {`n.yaml:1: unknown version "2"; write version: 1`,
			"n.yaml:2: the list of receivers is empty; add one"},
		"receivers: {a: b}":                {"n.yaml: the key version is missing", "n.yaml:1: receivers must be a list"},
		"version: 1\nreceivers:\n\t- a":    {"n.yaml:3: this is not YAML"},
		"version: 1\n---\nversion: 1":      {"n.yaml:2: a second YAML document"},
		"- SECRET":                         {"n.yaml: the key version is missing", "n.yaml: the file names no receivers", "n.yaml:1: the file must be a mapping"},
		"version: 1\nreceivers: [*SECRET]": {"an alias (*name) without its anchor"},
		"version: 1\nreceivers:\n- {name: a, webhook: &x {url: {env: A}}}\n- {name: b, webhook: *x}": {
			"n.yaml:3: anchors and aliases are not read here", "n.yaml:3: receiver \"a\" has 0 ways to be told", "n.yaml:4: anchors and aliases", "n.yaml:4: receiver \"b\" has 0 ways"},
		"version: 1\nreceivers:\n- {name: a, webhook: {url: https://x.example/SECRET}}": {"n.yaml:3: url of receiver \"a\": a literal secret is refused"},
		"version: 1\nreceivers:\n- {name: a, webhook: {url: {prompt: true}}}":           {"n.yaml:3: url of receiver \"a\": nobody can be asked when a message is due"},
		"version: 1\nreceivers:\n- {name: a, webhook: {url: {env: A}, headers: {authorization: {env: A}, Authorization: {env: B}, Host: {env: C}, 'SECRET y': {env: D}, X-A: SECRET}}}": {
			"the header Authorization is given twice", "the header Host is set by slpdoctor", `headers of receiver "a": a key is no name of a header`, "header X-A of receiver \"a\": a literal secret"},
		"version: 1\nreceivers:\n- {name: a, webhook: {url: {env: A}, url: {env: B}, shape: discord, sahpe: x}}": {
			`the key "url" of webhook of receiver "a" stands already in line 3`, `shape: unknown "discord"; known: json, slack, teams`, `unknown key "sahpe" in webhook of receiver "a"; known: ca_file, headers, shape, url`},
		"version: 1\nreceivers:\n- {name: a, webhook: {url: {env: A}}}\n- {name: a, exec: {command: [x]}}\n- {exec: {command: x}}\n- {name: 'b\\nc', exec: {}}": {
			`n.yaml:4: the name "a" stands already in line 3`, "n.yaml:5: a receiver without a usable name", "n.yaml:5: command in exec of the receiver must be a list",
			"n.yaml:6: a receiver without a usable name", "n.yaml:6: exec of the receiver has no command"},
		"version: 1\nreceivers:\n- {name: a, severity: urgent, events: [], timeout: 1h, exec: {command: [x]}, syslog: {transport: udp}}": {
			`severity: unknown "urgent"`, "events of receiver \"a\" names none", `timeout is "1h"`, "syslog of receiver \"a\" has no server", "has 2 ways to be told"},
		"version: 1\nreceivers:\n- name: a\n  email: {server: relay, tls: none, from: x, to: [], username: u, ca_file: none.pem}": {
			`server is "relay": want host:port`, `"x" is no mail address`, "ca_file: open none.pem", "names no recipient", "only one of username and password", "tls none is for a server on this machine"},
		"version: 1\nreceivers:\n- name: a\n  webhook: {https://x.example/SECRET: , https://x.example/SECRET: }\n- name: b\n  email: {server: 'smtp://u:SECRET@relay:587', from: a@b, to: [a@b]}": {
			`n.yaml:4: unknown key in webhook of receiver "a"; known:`, `the key of webhook of receiver "a" stands already in line 4`, `webhook of receiver "a" has no url`,
			`server is "user@host": want host:port`},
		"version: 1\nreceivers:\n- name: a\n  email: {server: 'localhost:25', tls: none, from: a@b, to: [a@b], username: u, password: {env: A}}": {
			"tls none is for a server on this machine (localhost, 127.0.0.1, ::1) without a password"},
		"version: 1\nreceivers:\n- name: a\n  syslog: {transport: local, server: 'a:1', facility: x, app_name: 'a b'}\n- name: b\n  syslog: {transport: tcp, server: 'a:99999', socket: /x}": {
			`facility: unknown "x"`, "app_name of syslog of receiver \"a\"", "the local socket has no server", `server is "a:99999"`, "a socket is for the transport local"},
	} {
		write(t, "n.yaml", text)
		_, _, err := Load("n.yaml")
		if err == nil {
			t.Errorf("%q is accepted", text)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		for i, w := range want {
			if i >= len(lines) || !strings.Contains(err.Error(), w) {
				t.Errorf("%q:\n%v\nwant %s", text, err, w)
			}
		}
		if len(lines) != len(want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %d problems, want %d:\n%v", text, len(lines), len(want), err)
		}
	}
	if _, _, err := Load("missing.yaml"); err == nil || !strings.Contains(err.Error(), "missing.yaml") {
		t.Error(err)
	}
	write(t, "n.yaml", strings.Repeat("#", maxConfig+1))
	if _, _, err := Load("n.yaml"); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
}

// TestOthersMayWrite: who may write the file could run programs as the user.
func TestOthersMayWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.yaml")
	write(t, path, "version: 1\nreceivers:\n- {name: a, exec: {command: [/bin/true]}}\n")
	if _, _, err := Load(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o664); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(path); err == nil || !strings.Contains(err.Error(), "is refused in") {
		t.Error(err)
	}
}
