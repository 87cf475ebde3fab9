package inventory

import (
	"strings"
	"testing"
)

func TestParseHost(t *testing.T) {
	for text, want := range map[string]Host{
		"r1":                        {"", "r1", 0},
		" r1.Example.net:22 ":       {"", "r1.Example.net", 22},
		"admin@r1":                  {"admin", "r1", 0},
		"admin@example@r1:2222":     {"admin@example", "r1", 2222},
		"192.0.2.1:22":              {"", "192.0.2.1", 22},
		"2001:db8::1":               {"", "2001:db8::1", 0},
		"2001:0DB8:0::1":            {"", "2001:db8::1", 0},
		"::ffff:192.0.2.1":          {"", "::ffff:192.0.2.1", 0},
		"fe80::1%eth0":              {"", "fe80::1%eth0", 0},
		"[2001:db8::1]":             {"", "2001:db8::1", 0},
		"admin@[2001:db8::1]:65535": {"admin", "2001:db8::1", 65535},
		"r_1-a.b":                   {"", "r_1-a.b", 0},
	} {
		got, err := ParseHost(text)
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "@", "@r1", "admin@", ":22", "r1:", "r1:0", "r1:65536", "r1:022", "r1:-1", "r1:x", "[r1]:22", "[192.0.2.1]:22",
		"[2001:db8::1", "[2001:db8::1]22", "[2001:db8::1]:", "2001:db8::1:99999", "1.2.3", "1.2.3.4.5", "-oProxyCommand=x", "r 1",
		"a\x00b", "10.0.0.0/8", "ssh://r1", "r1;reboot", "ad min@r1", "東京", "[r1", "a:b:c", strings.Repeat("a", 254),
	} {
		if got, err := ParseHost(text); err == nil {
			t.Errorf("%q is accepted: %+v", text, got)
		}
	}
	for _, text := range []string{"admin:tiger@r1", "admin:tiger@", "ssh://admin:tiger@r1", "admin:t@iger@r 1", "ti\x00ger@r1"} {
		if _, err := ParseHost(text); err == nil || strings.Contains(err.Error(), "iger") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParseJumps(t *testing.T) {
	got, err := ParseJumps("ops@b1:2222, [2001:db8::1]:22,b2")
	if err != nil || strings.Join(got, " ") != "ops@b1:2222 [2001:db8::1]:22 b2" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := ParseJumps("none"); err != nil || got != nil {
		t.Errorf("none: got %q, %v", got, err)
	}
	for _, chain := range []string{"", "b1,", ",b1", "b1,,b2", "b1:x"} {
		if got, err := ParseJumps(chain); err == nil {
			t.Errorf("%q is accepted: %q", chain, got)
		}
	}
}
