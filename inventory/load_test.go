package inventory

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

var update = flag.Bool("update", false, "rewrite testdata/bad/*.want")

// noSSH keeps the tests away from the files of whoever runs them.
var noSSH = Options{SSHConfig: "none", Home: "/home/u"}

// load loads files that are written first: name, content, name, content, ...
func load(t *testing.T, o Options, files ...string) (*Inventory, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	var names []string
	for i := 0; i < len(files); i += 2 {
		write(t, files[i], files[i+1], 0o600)
		names = append(names, files[i])
	}
	if o.SSHConfig == "" {
		o.SSHConfig = "none"
	}
	return Load(names, o)
}

func mustLoad(t *testing.T, o Options, files ...string) *Inventory {
	t.Helper()
	inv, err := load(t, o, files...)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func write(t *testing.T, name, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil { // the umask had its say
		t.Fatal(err)
	}
}

// Every file of testdata/bad is refused with exactly the problems its .want file lists. No problem repeats
// the word tiger, which stands for a password in these files.
func TestBadSources(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no bad sources: %v", err)
	}
	bad, err := filepath.Abs("testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasSuffix(name, ".want") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(bad, name))
			if err != nil {
				t.Fatal(err)
			}
			write(t, name, string(text), 0o644) // whatever mode it was checked out with
			_, err = Load([]string{name}, noSSH)
			if err == nil {
				t.Fatal("it loads")
			}
			got := err.Error() + "\n"
			if strings.Contains(strings.ToLower(got), "tiger") {
				t.Errorf("a secret is repeated:\n%s", got)
			}
			if *update {
				write(t, filepath.Join(bad, name+".want"), got, 0o644)
			}
			want, err := os.ReadFile(filepath.Join(bad, name+".want"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestUnreadableSources(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("dir", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		sources []string
		want    string
	}{
		{[]string{"missing.yaml"}, "missing.yaml: no such file or directory"},
		{[]string{"dir"}, "dir: this is a directory; name the inventory file in it"},
		{[]string{"-", "-"}, "-: given twice\nstandard input: the file is empty"},
		{nil, "inventory: no source given"},
	} {
		o := noSSH
		o.Stdin = strings.NewReader("")
		_, err := Load(tt.sources, o)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, want %s", tt.sources, err, tt.want)
		}
	}
}

func TestPrecedence(t *testing.T) {
	inv := mustLoad(t, Options{Username: "flag", Topology: diag.Pull}, "fleet.yaml", `
version: 1
defaults: {username: from-defaults, credential: lab, tags: {site: tokyo, owner: net}, jump: [bastion], timeout: 1m}
credentials: {lab: {password: {env: X}}, core: {password: {env: Y}}}
jumps: {bastion: {address: b.example.net}, outer: {address: o.example.net, port: 2222, username: ops, credential: core}}
groups:
  first: {port: 1001, topology: offline, tags: {role: first, rank: "1"}, expect: {vrf: A, name_servers: [192.0.2.1]}}
  second: {port: 1002, username: from-second, timeout: 2m, tags: {role: second, row: b}, expect: {vrf: B, policy: P}}
devices:
  - {name: bare, address: 192.0.2.1}
  - {name: grouped, address: 192.0.2.2, groups: [first, second]}
  - {name: turned, address: 192.0.2.3, groups: [second, first]}
  - name: own
    address: 192.0.2.4
    groups: [first, second]
    port: 1003
    username: own
    credential: core
    jump: [outer, ops@b3.example.net:22]
    topology: cslu-push
    tags: {role: own}
    expect: {vrf: C, name_servers: []}
    ssh_profile: legacy
    host_key: accept-new
    timeout: 3m
    disabled: true
  - {name: direct, address: 192.0.2.5, jump: []}
`)
	bastion := Jump{Name: "bastion", Address: "b.example.net", Port: 22, Source: Position{"fleet.yaml", 5}}
	outer := Jump{Name: "outer", Address: "o.example.net", Port: 2222, Username: "ops", Credential: "core", Source: Position{"fleet.yaml", 5}}
	inline := Jump{Name: "ops@b3.example.net:22", Address: "b3.example.net", Port: 22, Username: "ops", Source: Position{"fleet.yaml", 19}}
	both := []string{"first", "second"}
	want := []Device{
		{
			Name: "bare", Address: "192.0.2.1", Port: 22, Username: "from-defaults", Credential: "lab", Jump: []Jump{bastion},
			Tags: map[string]string{"site": "tokyo", "owner": "net"}, Topology: diag.Pull, Timeout: time.Minute,
			Platform: "iosxe", Source: Position{"fleet.yaml", 10},
		},
		{
			Name: "grouped", Address: "192.0.2.2", Port: 1001, Username: "from-second", Credential: "lab", Jump: []Jump{bastion},
			Tags:   map[string]string{"site": "tokyo", "owner": "net", "role": "first", "rank": "1", "row": "b"},
			Groups: both, Topology: diag.Offline, Timeout: 2 * time.Minute,
			Expect:   diag.Expect{VRF: "A", NameServers: []string{"192.0.2.1"}, Policy: "P"},
			Platform: "iosxe", Source: Position{"fleet.yaml", 11},
		},
		{
			Name: "turned", Address: "192.0.2.3", Port: 1002, Username: "from-second", Credential: "lab", Jump: []Jump{bastion},
			Tags:   map[string]string{"site": "tokyo", "owner": "net", "role": "second", "rank": "1", "row": "b"},
			Groups: []string{"second", "first"}, Topology: diag.Offline, Timeout: 2 * time.Minute,
			Expect:   diag.Expect{VRF: "B", NameServers: []string{"192.0.2.1"}, Policy: "P"},
			Platform: "iosxe", Source: Position{"fleet.yaml", 12},
		},
		{
			Name: "own", Address: "192.0.2.4", Port: 1003, Username: "own", Credential: "core", Jump: []Jump{outer, inline},
			Tags:   map[string]string{"site": "tokyo", "owner": "net", "role": "own", "rank": "1", "row": "b"},
			Groups: both, Topology: diag.CSLUPush, Timeout: 3 * time.Minute,
			Expect:   diag.Expect{VRF: "C", NameServers: []string{}, Policy: "P"},
			Platform: "iosxe", SSHProfile: "legacy", HostKey: "accept-new", Disabled: true, Source: Position{"fleet.yaml", 13},
		},
		{
			Name: "direct", Address: "192.0.2.5", Port: 22, Username: "from-defaults", Credential: "lab",
			Tags: map[string]string{"site": "tokyo", "owner": "net"}, Topology: diag.Pull, Timeout: time.Minute,
			Platform: "iosxe", Source: Position{"fleet.yaml", 27},
		},
	}
	if diff := cmp.Diff(want, inv.Devices); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestMergedSources(t *testing.T) {
	inv, err := Load([]string{"testdata/good/base.yaml", "testdata/good/tokyo.csv"}, noSSH)
	if err != nil {
		t.Fatal(err)
	}
	csv := "testdata/good/tokyo.csv"
	want := []Device{
		{
			Name: "東京-1.Example.net", Address: "192.0.2.21", Port: 2022, Username: "admin", Credential: "lab",
			Jump: []Jump{
				{Name: "bastion", Address: "bastion.example.net", Port: 22, Username: "ops", Source: Position{"testdata/good/base.yaml", 6}},
				{Name: "ops@198.51.100.9:2200", Address: "198.51.100.9", Port: 2200, Username: "ops", Source: Position{csv, 2}},
			},
			Tags:   map[string]string{"Site": "東京", "site": "campus", "owner": "net", "role": "access", "circuit": "007", "Rack Row": "A, 1"},
			Groups: []string{"campus", "wan"}, Topology: diag.CSLUPush, Timeout: 90 * time.Second,
			Expect:   diag.Expect{VRF: "Mgmt", NameServers: []string{"192.0.2.53"}},
			Platform: "iosxe", Source: Position{csv, 2},
		},
		{
			Name: "R2", Address: "2001:db8::2", Port: 2222, Username: "netops", Credential: "lab",
			Tags: map[string]string{"site": "tokyo", "owner": "net"}, Platform: "iosxe", Source: Position{csv, 3},
		},
	}
	if diff := cmp.Diff(want, inv.Devices); diff != "" {
		t.Errorf("devices: -want +got\n%s", diff)
	}
	lab := inv.Credentials["lab"]
	if got, want := lab.Enable.Name, filepath.Join("testdata", "good", "secrets", "enable"); got != want {
		t.Errorf("file: is %s, want %s: relative to the inventory", got, want)
	}
	if got, want := lab.PrivateKey, "/home/u/.ssh/id"; got != want {
		t.Errorf("private_key is %s, want %s", got, want)
	}
}

func TestDuplicatesAcrossSources(t *testing.T) {
	a := "version: 1\ndefaults: {port: 23}\ngroups: {g: {}}\ncredentials: {c: {}}\njumps: {j: {address: j}}\ndevices: [{name: r1, address: 192.0.2.1}]\n"
	_, err := load(t, Options{}, "a.yaml", a, "b.yaml", a, "c.txt", "r1\n")
	want := strings.Join([]string{
		`b.yaml:3: the group "g" is defined already at a.yaml:3`,
		`b.yaml:4: the credential "c" is defined already at a.yaml:4`,
		`b.yaml:5: the jump host "j" is defined already at a.yaml:5`,
		`b.yaml:6: the device "r1" is defined already at a.yaml:6`,
		`c.txt: which defaults apply? a.yaml:2 and b.yaml:2 both have some; move the settings into groups, or load the sources one at a time`,
		`c.txt:1: the device "r1" is defined already at a.yaml:6`,
	}, "\n")
	if err == nil {
		t.Fatal("it loads")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// What is wrong with defaults is said once, however many sources take them over.
func TestInheritedDefaults(t *testing.T) {
	_, err := load(t, Options{}, "base.yaml", "version: 1\ndefaults: {credential: labb, jump: [b]}\ndevices: []\n", "a.csv", "name\nr1\n", "b.txt", "r2\n")
	want := `base.yaml:2: unknown credential "labb"
base.yaml:2: unknown jump host "b"; define it under jumps, or write user@host:port`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	inv := mustLoad(t, Options{}, "base.yaml", "version: 1\ndefaults: {port: 23}\ndevices: [{name: r0, address: r0}]\n",
		"other.yaml", "version: 1\ndevices: [{name: r1, address: r1}]\n", "b.txt", "r2\n")
	var ports []int
	for _, d := range inv.Devices {
		ports = append(ports, d.Port)
	}
	if diff := cmp.Diff([]int{23, 22, 23}, ports); diff != "" {
		t.Errorf("ports: -want +got\n%s", diff)
	}
}

// The command line may name a jump host of the inventory, with its credential.
func TestJumpFlag(t *testing.T) {
	inv := mustLoad(t, Options{Jump: "bastion,b2"}, "fleet.yaml", `version: 1
credentials: {b: {password: {env: B}}}
jumps: {bastion: {address: b1, credential: b}}
devices: [{name: r1, address: r1}, {name: r2, address: r2, jump: []}]
`)
	bastion := Jump{Name: "bastion", Address: "b1", Port: 22, Credential: "b", Source: Position{"fleet.yaml", 3}}
	want := [][]Jump{{bastion, {Name: "b2", Address: "b2", Port: 22, Source: commandLine}}, nil}
	if diff := cmp.Diff(want, [][]Jump{inv.Devices[0].Jump, inv.Devices[1].Jump}); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, o := range []Options{{SSHConfig: "none", Jump: "b1:x"}, {SSHConfig: "none", Topology: "cslu"}} {
		if _, err := FromHosts([]string{"r1"}, o); err == nil || !strings.HasPrefix(err.Error(), "command line: ") {
			t.Errorf("%+v: got %v", o, err)
		}
	}
}

func TestNamesSurvive(t *testing.T) {
	inv := mustLoad(t, Options{}, "fleet.yaml", `
version: 1
devices:
  - {name: c9300-1.Tokyo.Example.NET, address: 192.0.2.1}
  - {name: C9300-1.tokyo.example.net, address: 192.0.2.2}
  - {name: 東京 コア, address: 192.0.2.3}
  - {name: 007, address: 192.0.2.4}
  - {name: 2024-02-10, address: 192.0.2.5}
  - {name: yes, address: 192.0.2.6}
`)
	var got []string
	for _, d := range inv.Devices {
		got = append(got, d.Name)
	}
	want := []string{"c9300-1.Tokyo.Example.NET", "C9300-1.tokyo.example.net", "東京 コア", "007", "2024-02-10", "yes"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestDetect(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       Format
	}{
		{"fleet.yaml", "anything", YAML},
		{"fleet.YML", "anything", YAML},
		{"fleet.json", `{"version": 1}`, YAML},
		{"fleet.csv", "name", CSV},
		{"fleet", "# comment\n\nversion: 1\n", YAML},
		{"-", "---\ndevices:", YAML},
		{"-", `{"version": 1}`, YAML},
		{"-", "devices:\n", YAML},
		{"-", "name,address\n", CSV},
		{"-", "Address\n192.0.2.1\n", CSV},
		{"fleet.txt", "r1\nr2", List},
		{"-", "# routers\nr1:22\n", List},
		{"-", "2001:db8::1\n", List},
		{"-", "[2001:db8::1]:22\n", List},
	} {
		if got := detect(document{name: tt.name, data: []byte(tt.text)}); got != tt.want {
			t.Errorf("%s %q: got %s, want %s", tt.name, tt.text, got, tt.want)
		}
	}
}

func TestFormatOverrideAndStdin(t *testing.T) {
	o := noSSH
	o.Stdin, o.Format = strings.NewReader("name,site\nr1,tokyo\n"), List
	if _, err := Load([]string{"-"}, o); err == nil {
		t.Error("a CSV file loads as a plain list")
	}
	o.Stdin, o.Format = strings.NewReader("name,site\nr1,tokyo\n"), Detect
	inv, err := Load([]string{"-"}, o)
	if err != nil {
		t.Fatal(err)
	}
	want := []Device{{
		Name: "r1", Address: "r1", Port: 22, Tags: map[string]string{"site": "tokyo"}, Platform: "iosxe", Source: Position{"standard input", 2},
	}}
	if diff := cmp.Diff(want, inv.Devices); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := ParseFormat("toml"); err == nil {
		t.Error("toml is a format")
	}
}

func TestWarnings(t *testing.T) {
	inv := mustLoad(t, Options{}, "fleet.yaml", `
version: 1
credentials: {lab: {password: {plain: tiger}}}
devices:
  - {name: r1, address: 192.0.2.1}
  - {name: r2, address: 192.0.2.1}
  - {name: r3, address: 192.0.2.1, jump: [ops@b1]}
  - {name: r4, address: 192.0.2.1, disabled: true}
`, "more.csv", "name,adress,Site\nr9,192.0.2.1,tokyo\n")
	want := []Problem{
		{Position{"fleet.yaml", 3}, `password of credential "lab" stands in plain text in this file`, ""},
		{Position{"more.csv", 1}, `the column "adress" is taken as a tag`, `did you mean "address"?`},
		{Position{"fleet.yaml", 6}, `the device "r2" has the address and port of "r1" (fleet.yaml:5)`, ""},
	}
	if diff := cmp.Diff(want, inv.Warnings); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A command in an inventory that others control would let them run programs as the user.
func TestCommandNeedsATrustedInventory(t *testing.T) {
	text := "version: 1\ncredentials: {lab: {password: {command: [./get, lab]}}}\ndevices: [{name: r1, address: 192.0.2.1}]\n"
	t.Chdir(t.TempDir())
	for mode, want := range map[fs.FileMode]string{
		0o600: "",
		0o644: "",
		0o664: "fleet.yaml:2: command in password of credential \"lab\" is refused in a file others may write (mode 0664); chmod go-w fleet.yaml, and own it",
		0o602: "fleet.yaml:2: command in password of credential \"lab\" is refused in a file others may write (mode 0602); chmod go-w fleet.yaml, and own it",
	} {
		write(t, "fleet.yaml", text, mode)
		inv, err := Load([]string{"fleet.yaml"}, noSSH)
		switch {
		case want != "" && (err == nil || err.Error() != want):
			t.Errorf("%04o: got %v, want %s", mode, err, want)
		case want == "" && err != nil:
			t.Errorf("%04o: %v", mode, err)
		case want == "":
			program, err := filepath.Abs("get")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{program, "lab"}, inv.Credentials["lab"].Password.Argv); diff != "" {
				t.Errorf("argv: -want +got\n%s", diff)
			}
		}
	}
	o := noSSH
	o.Stdin = strings.NewReader(text)
	_, err := Load([]string{"-"}, o)
	want := "standard input:2: command in password of credential \"lab\" is refused in an inventory read from standard input; read it from a file"
	if err == nil || err.Error() != want {
		t.Errorf("stdin: got %v, want %s", err, want)
	}
}

func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\ngroups: {a: {tags: &t {")
	for i := range 4000 {
		b.WriteString("t" + strings.Repeat("x", i%50) + string(rune('0'+i%10)) + strings.Repeat("y", i/50) + ": v, ")
	}
	b.WriteString("}}}\ndevices:\n")
	for range 3000 {
		b.WriteString("  - {name: r, address: 192.0.2.1, tags: *t}\n")
	}
	_, err := load(t, Options{}, "bomb.yaml", b.String())
	if err == nil || !strings.Contains(err.Error(), "the aliases of this file stand for more than 1000000 values; write shared settings once, as a group") {
		t.Errorf("got %.300v", err)
	}
}

func TestAliasesOfValues(t *testing.T) {
	inv := mustLoad(t, Options{}, "fleet.yaml", "version: 1\ndevices:\n- {name: a, address: 192.0.2.1, tags: &t {site: tokyo}}\n- {name: b, address: 192.0.2.2, tags: *t}\n")
	if got := inv.Devices[1].Tags["site"]; got != "tokyo" {
		t.Errorf("tag through an alias is %q", got)
	}
}

func TestExampleLoads(t *testing.T) {
	inv := mustLoad(t, Options{}, "example.yaml", Example())
	if len(inv.Devices) < 5 || len(inv.Warnings) != 0 {
		t.Errorf("%d devices, warnings %v", len(inv.Devices), inv.Warnings)
	}
	if d := inv.Devices[0]; d.Name != "c9300-1.example.net" || d.Tags["site"] != "tokyo" || d.Tags["role"] != "access" {
		t.Errorf("first device is %+v", d)
	}
}

func TestFromHosts(t *testing.T) {
	cred, err := DefaultCredential(CommandLine{AskPass: true, AskEnable: true}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	inv, err := FromHosts([]string{"admin@r1:2222", "2001:db8::1", "[2001:db8::1]:2022", "2001:db8::1"},
		Options{SSHConfig: "none", Username: "netops", Jump: "ops@b1:22,b2", Default: cred})
	if err != nil {
		t.Fatal(err)
	}
	jumps := []Jump{
		{Name: "ops@b1:22", Address: "b1", Port: 22, Username: "ops", Source: Position{File: "command line"}},
		{Name: "b2", Address: "b2", Port: 22, Source: Position{File: "command line"}},
	}
	want := []Device{
		{Name: "r1:2222", Address: "r1", Port: 2222, Username: "admin", Source: Position{File: "argument 1"}},
		{Name: "2001:db8::1", Address: "2001:db8::1", Port: 22, Username: "netops", Source: Position{File: "argument 2"}},
		{Name: "[2001:db8::1]:2022", Address: "2001:db8::1", Port: 2022, Username: "netops", Source: Position{File: "argument 3"}},
	}
	for i := range want {
		want[i].Jump, want[i].Enable, want[i].Platform, want[i].Tags = jumps, true, "iosxe", map[string]string{}
	}
	if diff := cmp.Diff(want, inv.Devices); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}

	_, err = FromHosts([]string{"admin:tiger@r1", "10.0.0.0/24", "r1", "r1:"}, noSSH)
	wantErr := strings.Join([]string{
		"argument 1: a password does not belong into HOST; leave it out and use a credential, --ask-pass or SLPDOCTOR_PASSWORD",
		`argument 2: "10.0.0.0/24" is a network, not a device; list its devices, and select them with addr=10.0.0.0/24`,
		`argument 4: the port after "r1:" is missing`,
	}, "\n")
	if err == nil {
		t.Fatal("bad arguments load")
	}
	if diff := cmp.Diff(wantErr, err.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 3 {
		t.Errorf("the error is %T", err)
	}
}

func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*", "testdata/good/*", "example.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range []Format{Detect, YAML, CSV, List} {
			var n notes
			l := loader{notes: &n, options: Options{Format: format, SSHConfig: "none", Home: "/home/u"}}
			var parsed []*source
			if s := l.parse(document{name: "fuzz", data: data}); s != nil {
				parsed = append(parsed, s)
			}
			inv, err := l.build(parsed, []string{"fuzz"})
			if (inv == nil) == (err == nil) {
				t.Fatalf("inventory %v, error %v", inv, err)
			}
			if err != nil {
				continue
			}
			for _, d := range inv.Devices {
				if d.Name == "" || d.Address == "" || d.Port < 1 || d.Port > 65535 || d.Source.Line < 1 {
					t.Fatalf("unresolved device %+v", d)
				}
			}
		}
	})
}
