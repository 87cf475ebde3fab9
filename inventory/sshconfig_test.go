package inventory

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sshBlocks = `
Host r1
  HostName 192.0.2.11
  User r1user
  IdentityFile ~/.ssh/%r@%h
  IdentityFile /keys/second
Host 10.1.*
  ProxyJump bastion
Host bastion
  HostName bastion.example.net
  User ops
  Port 22
  ProxyJump outer.example.net:2200
Host behind
  HostName %h.example.net
  ProxyJump a@x,b@[2001:db8::9]:23
Host * !r1
  User fallback
Match host matched
  User matched
Host *
  Port 2022
`

func TestSSHConfig(t *testing.T) {
	inv := sshInventory(t, sshBlocks, `
jumps: {own: {address: bastion, username: me, port: 2222}}
devices:
  - {name: r1, address: 192.0.2.99}
  - {name: alias, address: r1, port: 22, username: explicit}
  - {name: two, address: 10.1.0.2}
  - {name: none, address: 10.1.0.3, jump: []}
  - {name: named, address: 10.1.0.4, jump: [own]}
  - {name: chain, address: behind}
  - {name: match, address: matched, port: 22, jump: []}
`)
	outer := " via fallback@outer.example.net:2200"
	want := map[string]string{
		"r1":    "r1user@192.0.2.99:2022 /home/u/.ssh/r1user@192.0.2.99 /keys/second", // the explicit address wins over HostName
		"alias": "explicit@192.0.2.11:22 /home/u/.ssh/explicit@192.0.2.11 /keys/second",
		"two":   "fallback@10.1.0.2:2022" + outer + " via ops@bastion.example.net:22",
		"none":  "fallback@10.1.0.3:2022",
		"named": "fallback@10.1.0.4:2022" + outer + " via me@bastion.example.net:2222",
		"chain": "fallback@behind.example.net:2022 via a@x:2022 via b@[2001:db8::9]:23",
		"match": "fallback@matched:22",
	}
	got := map[string]string{}
	for _, d := range inv.Devices {
		got[d.Name] = line(d)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if j := inv.Jumps["own"]; j.Address != "bastion.example.net" || j.Username != "me" || j.Port != 2222 {
		t.Errorf("the named jump host is %+v", j)
	}
}

// A host whose ProxyJump leads to itself or round in a circle is still reached.
func TestProxyJumpCircles(t *testing.T) {
	inv := sshInventory(t, "Host a\n ProxyJump b\nHost b\n ProxyJump a\nHost *\n ProxyJump all\n",
		"devices: [{name: all, address: all}, {name: r1, address: r1}, {name: a, address: a}]\n")
	want := []string{"@all:22", "@r1:22 via @all:22", "@a:22 via @b:22"}
	var got []string
	for _, d := range inv.Devices {
		got = append(got, line(d))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestSSHConfigNotUnderstood(t *testing.T) {
	for config, want := range map[string]string{
		"Host r1\n Port 99\nMatch exec true\n User x\n":         "config: the whole file is not used: (3, 7): ssh_config: Match Exec is not supported; repeat in the inventory what is needed of it; --ssh-config none silences this",
		"Match originalhost r1\n User x\n":                      "config: the whole file is not used: (1, 7): ssh_config: unsupported Match criterion \"originalhost\"; repeat in the inventory what is needed of it; --ssh-config none silences this",
		"Host r1\n Port twenty\n":                               "config: Port of r1 is not used: it must be a number from 1 to 65535, found \"twenty\"",
		"Host r1\n HostName 300.1.1.1\n":                        "config: HostName of r1 is not used: \"300.1.1.1\" is not an IPv4 address",
		"Host *\n ProxyCommand nc %h %p\n":                      "config: ProxyCommand is not supported: what it stands for is contacted directly; use ProxyJump or jump",
		"Host r1\n ProxyJump x:y\n":                             "config: ProxyJump of r1 is not used: jump host: the port of \"x:y\" must be a number from 1 to 65535, found \"y\"",
		"Host r1 r2\n ProxyCommand none\n IdentitiesOnly yes\n": "",
	} {
		inv := sshInventory(t, config, "devices: [{name: r1, address: r1}, {name: r2, address: r2}]\n")
		got := Problems(inv.Warnings).Error()
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", config, got, want)
		}
		if d := inv.Devices[0]; line(d) != "@r1:22" {
			t.Errorf("%q changes the device: %s", config, line(d))
		}
	}
}

func TestSSHConfigFile(t *testing.T) {
	hosts := []string{"r1"}
	_, err := FromHosts(hosts, Options{SSHConfig: t.TempDir() + "/missing"})
	if err == nil || !strings.HasSuffix(err.Error(), "missing: no such file or directory; --ssh-config none goes on without one") {
		t.Errorf("got %v", err)
	}
	home := t.TempDir()
	inv, err := FromHosts(hosts, Options{Home: home})
	if err != nil || len(inv.Warnings) > 0 {
		t.Errorf("without a file: %v, %v", inv, err)
	}
	t.Chdir(home)
	if err := os.Mkdir(".ssh", 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, ".ssh/config", "Host r1\n User found\n", 0o600)
	inv, err = FromHosts(hosts, Options{Home: home})
	if err != nil || inv.Devices[0].Username != "found" {
		t.Errorf("with a file at home: %v, %v", inv, err)
	}
	inv, err = FromHosts(hosts, Options{Home: home, SSHConfig: "none", Jump: "none"})
	if err != nil || inv.Devices[0].Username != "" {
		t.Errorf("with none: %v, %v", inv, err)
	}
}

func sshInventory(t *testing.T, config, fleet string) *Inventory {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "config", config, 0o600)
	write(t, "fleet.yaml", "version: 1\n"+fleet, 0o600)
	inv, err := Load([]string{"fleet.yaml"}, Options{SSHConfig: "config", Home: "/home/u"})
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

// line shows what ssh_config can change about a device.
func line(d Device) string {
	var b strings.Builder
	end := func(user, address string, port int, keys []string) {
		b.WriteString(user + "@" + hostPort(address, port))
		if len(keys) > 0 {
			b.WriteString(" " + strings.Join(keys, " "))
		}
	}
	end(d.Username, d.Address, d.Port, d.IdentityFiles)
	for _, j := range d.Jump {
		b.WriteString(" via ")
		end(j.Username, j.Address, j.Port, j.IdentityFiles)
	}
	return b.String()
}
