package inventory

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const fleet = `
version: 1
groups: {campus: {}, wan: {}}
devices:
  - {name: TYO-1, address: 192.0.2.1, groups: [campus], tags: {site: tokyo, role: access}}
  - {name: tyo-2.example.net, address: 192.0.2.130, groups: [campus, wan], tags: {site: tokyo, Role: edge}}
  - {name: osa-1, address: "2001:db8:1::1", groups: [wan], tags: {site: osaka, port: Te1/0/1}}
  - {name: osa-2, address: osa-2.example.net, port: 23, username: u, tags: {site: osaka}}
  - {name: osa-3, address: 192.0.2.3, tags: {site: osaka}, disabled: true}
  - {name: 東京, address: 192.0.2.4}
`

// files are what @FILE may name in these tests.
func files(name string) ([]byte, error) {
	known := map[string]string{
		"failed.txt": "# last night\nosa-1\n\n  東京\r\n",
		"stale.txt":  "osa-2\nretired-1\n",
		"empty.txt":  "# nothing\n",
	}
	text, ok := known[name]
	if !ok {
		return nil, errors.New("no such file")
	}
	return []byte(text), nil
}

func TestSelect(t *testing.T) {
	inv := mustLoad(t, Options{}, "fleet.yaml", fleet)
	for _, tt := range []struct {
		name      string
		query     Query
		want      string
		disabled  string
		unmatched []string
	}{
		{"everything", Query{}, "TYO-1 tyo-2.example.net osa-1 osa-2 東京", "osa-3", nil},
		{"by name, in the order of the inventory", Query{Hosts: []string{"東京", "TYO-1", "TYO-1"}}, "TYO-1 東京", "", nil},
		{"a bare word is a glob of names", Query{Limit: []string{"osa-?"}}, "osa-1 osa-2", "osa-3", nil},
		{"name", Query{Limit: []string{"name=[Tt]*"}}, "TYO-1 tyo-2.example.net", "", nil},
		{"names keep their case", Query{Limit: []string{"tyo-*"}}, "tyo-2.example.net", "", nil},
		{"tag", Query{Limit: []string{"tag:site=tok*"}}, "TYO-1 tyo-2.example.net", "", nil},
		{"keys of tags in any case", Query{Limit: []string{"tag:role=*"}}, "TYO-1 tyo-2.example.net", "", nil},
		{"a star matches a slash", Query{Limit: []string{"tag:port=Te*"}}, "osa-1", "", nil},
		{"a slash is a slash", Query{Limit: []string{"tag:port=Te?/0/[0-9]"}}, "osa-1", "", nil},
		{"network", Query{Limit: []string{"addr=192.0.2.0/25"}}, "TYO-1 東京", "osa-3", nil},
		{"network, IPv6", Query{Limit: []string{"addr=2001:db8::/32"}}, "osa-1", "", nil},
		{"one address", Query{Limit: []string{"addr=192.0.2.130"}}, "tyo-2.example.net", "", nil},
		{"group", Query{Limit: []string{"group=wan"}}, "tyo-2.example.net osa-1", "", nil},
		{"commas mean and", Query{Limit: []string{"tag:site=tokyo, group=wan"}}, "tyo-2.example.net", "", nil},
		{"repeated flags mean or", Query{Limit: []string{"TYO-1", "osa-1"}}, "TYO-1 osa-1", "", nil},
		{"file", Query{Limit: []string{"@failed.txt"}}, "osa-1 東京", "", nil},
		{"file and tag", Query{Limit: []string{"@failed.txt,tag:site=osaka"}}, "osa-1", "", nil},
		{"exclude", Query{Exclude: []string{"tag:site=*", "nobody"}}, "東京", "", []string{`--exclude "nobody"`}},
		{"exclude needs all conditions", Query{Exclude: []string{"tag:site=osaka,addr=192.0.2.0/24"}}, "TYO-1 tyo-2.example.net osa-1 osa-2 東京", "", nil},
		{"limit and exclude", Query{Limit: []string{"tag:site=osaka"}, Exclude: []string{"osa-1"}}, "osa-2", "osa-3", nil},
		{"host and limit", Query{Hosts: []string{"TYO-1", "osa-1"}, Limit: []string{"osa*"}}, "osa-1", "", nil},
		{"nothing", Query{Limit: []string{"tag:site=kyoto"}}, "", "", []string{`--limit "tag:site=kyoto"`}},
		{"one of two matches nothing", Query{Limit: []string{"osa-1", "kyo-*"}}, "osa-1", "", []string{`--limit "kyo-*"`}},
		{"a name that is gone", Query{Limit: []string{"@stale.txt"}}, "osa-2", "", []string{"stale.txt:2: retired-1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.query.ReadFile = files
			s, err := inv.Select(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			if got := names(s.Devices); got != tt.want {
				t.Errorf("devices: got %q, want %q", got, tt.want)
			}
			if got := names(s.Disabled); got != tt.disabled {
				t.Errorf("disabled: got %q, want %q", got, tt.disabled)
			}
			if diff := cmp.Diff(tt.unmatched, s.Unmatched); diff != "" {
				t.Errorf("unmatched: -want +got\n%s", diff)
			}
		})
	}
}

func names(devices []Device) string {
	var list []string
	for _, d := range devices {
		list = append(list, d.Name)
	}
	return strings.Join(list, " ")
}

func TestSelectOverridesLogin(t *testing.T) {
	inv := mustLoad(t, Options{}, "fleet.yaml", fleet)
	s, err := inv.Select(Query{Hosts: []string{"admin@osa-2:2222", "root@東京:99"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range s.Devices {
		got = append(got, line(d))
	}
	if diff := cmp.Diff([]string{"admin@osa-2.example.net:2222", "root@192.0.2.4:99"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if d := inv.Devices[3]; d.Port != 23 || d.Username != "u" {
		t.Errorf("the inventory has changed: %s", line(d))
	}
}

func TestSelectErrors(t *testing.T) {
	inv := mustLoad(t, Options{}, "fleet.yaml", fleet)
	for _, tt := range []struct {
		query Query
		want  string
	}{
		{Query{Hosts: []string{"osa-1", "osa1", "admin@192.0.2.1", "x"}}, `argument 2: no device "osa1" in the inventory; did you mean "osa-1"?
argument 3: no device "192.0.2.1" in the inventory; the device with this address is called "TYO-1"
argument 4: no device "x" in the inventory; inventory list shows the names`},
		{Query{Hosts: []string{"admin:tiger@osa-1"}}, `argument 1: the user before @osa-1 is not one; write [user@]name[:port]; a password never`},
		{Query{Limit: []string{"site=tokyo"}}, `--limit "site=tokyo": unknown key "site" in "site=tokyo"; known: name, tag:KEY, addr, group and @FILE; for a tag write tag:site=tokyo`},
		{Query{Limit: []string{"nam=x"}}, `--limit "nam=x": unknown key "nam" in "nam=x"; did you mean "name"?`},
		{Query{Limit: []string{"group=wam"}}, `--limit "group=wam": no group "wam" in the inventory; did you mean "wan"?`},
		{Query{Exclude: []string{"addr=192.0.2.0/33"}}, `--exclude "addr=192.0.2.0/33": "192.0.2.0/33" is neither a network like 192.0.2.0/24 nor an address`},
		{Query{Limit: []string{"a,,b"}}, `--limit "a,,b": an empty condition; commas stand between conditions that must all hold`},
		{Query{Limit: []string{""}}, `--limit "": an empty condition; commas stand between conditions that must all hold`},
		{Query{Limit: []string{"name="}}, `--limit "name=": "name=" has nothing after the equals sign`},
		{Query{Limit: []string{"tag:site"}}, `--limit "tag:site": "tag:site" has no value; write tag:key=value; tag:key=* matches any value`},
		{Query{Limit: []string{"tag:=x"}}, `--limit "tag:=x": "tag:=x" names no tag; write tag:key=value`},
		{Query{Limit: []string{"r[1"}}, `--limit "r[1": the pattern "r[1" has a [ without its ]`},
		{Query{Limit: []string{"@missing"}}, `--limit "@missing": reading names: no such file; after @ stands a file with one name a line`},
		{Query{Limit: []string{"@empty.txt"}}, `--limit "@empty.txt": the file "empty.txt" holds no names`},
	} {
		tt.query.ReadFile = files
		_, err := inv.Select(tt.query)
		if err == nil {
			t.Errorf("%+v is accepted", tt.query)
			continue
		}
		if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}
