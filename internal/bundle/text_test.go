package bundle

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestDecode(t *testing.T) {
	utf16le := func(s string) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			b.WriteByte(byte(u))
			b.WriteByte(byte(u >> 8))
		}
		return b.String()
	}
	tests := []struct{ name, in, want string }{
		{"plain", "a\nb", "a\nb"},
		{"empty", "", ""},
		{"carriage returns", "a\r\nb\r\r\n\r\nc", "a\nb\n\nc"},
		{"carriage returns alone", "a\rb\rc\r", "a\nb\nc\n"},
		{"byte order mark", "\xef\xbb\xbfr1#", "r1#"},
		{"PowerShell", "\xff\xfe" + utf16le("r1#show clock\r\n東\r\n"), "r1#show clock\n東\n"},
		{"UTF-16, big end first", "\xfe\xff\x00a\x00\n\x00b", "a\nb"},
		{"bell and NUL", "r1\a#\x00show clock\n", "r1#show clock\n"},
		{"colours", "\x1b[1;32mr1#\x1b[0m show\x1b[K\n\x1b]0;title\ax\n\x1b(By\n", "r1# show\nx\ny\n"},
		{"sequence without an end", "a\x1b[\nb\x1b", "a\nb"},
		{"typing error", "r1#shwo\b\bow clock\n", "r1#show clock\n"},
		{"pager, erased with backspaces", "a\n --More-- \b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\bType: Smart\nb", "a\nType: Smart\nb"},
		{"pager, erased with a carriage return", "a\n --More-- \r          \r  Type: Smart\n", "a\n  Type: Smart\n"},
		{"pager, nothing erased", "a\n --More-- \n  Type: Smart\n --More--           Type: Smart\nb --More-- c\n", "a\n\n  Type: Smart\n  Type: Smart\nb --More-- c\n"},
		{"wide scroll", "r1#show running-config | inc\b\b\b\b\b\rr1#$running-config | include x\n", "r1#$running-config | include x\n"},
		{"backspaces beyond the margin", "\b\b\ba\b\b\bb\n", "b\n"},
		{"Latin-1", "description caf\xe9 du coin\n", "description caf\uFFFD du coin\n"},
		{"a secret", "username a secret 9 x\n", "username a secret 9 <masked>\n"},
		{"a hidden secret", "username a sexx\b\bcret 9 x\n", "username a secret 9 <masked>\n"},
		{"tabs stay", "a\tb\n", "a\tb\n"},
	}
	for _, tt := range tests {
		got, err := decode([]byte(tt.in))
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 4096)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	tests := map[string]struct {
		in   string
		want error
	}{
		"noise":   {string(noise), errBinary},
		"program": {"\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 100), errBinary},
		"gzip":    {"\x1f\x8b\x08\x00", errPacked},
		"zip":     {"PK\x03\x04", errPacked},
	}
	for name, tt := range tests {
		if _, err := decode([]byte(tt.in)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if _, err := readLimited(strings.NewReader(strings.Repeat("x", maxFile+1))); !errors.Is(err, errTooLong) {
		t.Errorf("a file over the limit: %v", err)
	}
}
