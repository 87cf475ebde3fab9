package authcode

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// file is an authorization-code file for product instances; the code is what must never come out.
func file(udis ...string) string {
	var b strings.Builder
	b.WriteString("<smartLicenseAuthorization>\n")
	for _, u := range udis {
		b.WriteString("<udi>" + u + "</udi>\n")
	}
	b.WriteString("<authorizationCode><flag>A</flag><entitlements><tag>regid.example</tag></entitlements>\n" +
		"<signature>" + secret + "</signature></authorizationCode>\n</smartLicenseAuthorization>\n")
	return b.String()
}

const secret = "MEUCIQDtopsecretcode"

func TestParse(t *testing.T) {
	one := []UDI{{"C9300-24UX", "FOC1"}}
	two := []UDI{{"C9300-24UX", "FOC1"}, {"C9300-24UX", "FOC2"}}
	tests := map[string]struct {
		text string
		want []UDI
	}{
		"one":                       {file("P:C9300-24UX,S:FOC1"), one},
		"members of a stack":        {file("P:C9300-24UX,S:FOC1", "P:C9300-24UX,S:FOC2"), two},
		"twice the same":            {file("P:C9300-24UX,S:FOC1", "P:c9300-24ux,S:foc1"), one},
		"as devices print it":       {file(" PID:C9300-24UX , SN:FOC1 "), one},
		"one document for each":     {file("P:C9300-24UX,S:FOC1") + file("P:C9300-24UX,S:FOC2"), two},
		"copied from a terminal":    {"edge1#more flash:slac.txt\r\n" + strings.ReplaceAll(file("P:C9300-24UX,S:FOC1"), "\n", "\r\n") + "edge1#", one},
		"prolog and byte order":     {"\uFEFF<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + file("P:C9300-24UX,S:FOC1"), one},
		"inside another element":    {"<all><smartLicenseAuthorization x=\"1\"><list><udi>P:C9300-24UX,S:FOC1</udi></list></smartLicenseAuthorization></all>", one},
		"comment, entity and CDATA": {"<smartLicenseAuthorization><!-- no --><udi>P:C9300-24UX&#44;<![CDATA[S:FOC1]]></udi></smartLicenseAuthorization>", one},
		"PID with a slash":          {file("P:ISR4451-X/K9,S:FOC1"), []UDI{{"ISR4451-X/K9", "FOC1"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	whole := file("P:C9300-24UX,S:FOC1")
	deep := strings.Repeat("<a>", 100_000)
	var lol strings.Builder
	for i := range 9 {
		fmt.Fprintf(&lol, "<!ENTITY lol%d \"%s\">", i+1, strings.Repeat(fmt.Sprintf("&lol%d;", i), 10))
	}
	tests := map[string]struct {
		text string
		want error  // nil: any
		says string // words of the error
	}{
		"empty":            {" \r\n\t", ErrEmpty, ""},
		"another file":     {"<policy><code>" + secret + "</code></policy>", ErrForeign, ""},
		"binary":           {"\x7fELF\x00\x01\x02" + secret, ErrForeign, ""},
		"a longer name":    {"<smartLicenseAuthorizationRequest><udi>P:A,S:1</udi></smartLicenseAuthorizationRequest>", ErrForeign, ""},
		"cut in an entry":  {whole[:strings.Index(whole, "FOC1")+2], ErrCut, ""},
		"cut in the code":  {whole[:strings.Index(whole, secret)+5], ErrCut, ""},
		"no entry":         {file(), ErrNone, ""},
		"shortened":        {strings.Replace(whole, "<authorizationCode>", "<output truncated>", 1), nil, "damaged at line 3"},
		"entry without SN": {file("P:C9300-24UX", secret), nil, "damaged at line 2"},
		"wrong nesting":    {"\n\n<smartLicenseAuthorization><udi>P:A,S:1</smartLicenseAuthorization></udi>", nil, "damaged at line 3"},
		"unknown entity":   {"<smartLicenseAuthorization><udi>&" + secret + ";</udi></smartLicenseAuthorization>", nil, "not well-formed"},
		"entity bomb":      {"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY lol0 \"lol\">" + lol.String() + "]>" + file("&lol9;"), ErrDoctype, ""},
		"outside entity":   {"<smartLicenseAuthorization><!DOCTYPE x SYSTEM \"file:///etc/passwd\"><udi>&x;</udi></smartLicenseAuthorization>", ErrDoctype, ""},
		"deep":             {"<smartLicenseAuthorization>" + deep, nil, "nested"},
		"huge":             {strings.Repeat("x", MaxSize+1), ErrLarge, ""},
		"too many":         {manyUDIs(), ErrLarge, ""},
		"not UTF-8":        {"<smartLicenseAuthorization><udi>P:\xff\xfe,S:1</udi></smartLicenseAuthorization>", nil, "damaged at line 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(test.text)
			if err == nil {
				t.Fatalf("read %v", got)
			}
			if test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v", err)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
}

func manyUDIs() string {
	all := make([]string, maxUDIs+1)
	for i := range all {
		all[i] = fmt.Sprintf("P:A,S:%d", i)
	}
	return file(all...)
}

func TestParseUDI(t *testing.T) {
	for text, want := range map[string]UDI{
		"PID:C9300-24UX,SN:FOC1":               {"C9300-24UX", "FOC1"},
		"p:a, s:b":                             {"a", "b"},
		"PID:a":                                {},
		"PID:,SN:b":                            {},
		"PID:a,SN:b,SN:c":                      {},
		"":                                     {},
		"PID:a,SN:" + strings.Repeat("b", 500): {},
	} {
		got, err := ParseUDI(text)
		if got != want || (err == nil) != (want != UDI{}) {
			t.Errorf("ParseUDI(%.40q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestCompare(t *testing.T) {
	a, b, c := UDI{"A", "1"}, UDI{"A", "2"}, UDI{"B", "3"}
	pair := Device{Name: "pair", Members: []UDI{a, b}}
	alone := Device{Name: "alone", Members: []UDI{c}}
	half := Device{Name: "half", Members: []UDI{a}, Problem: "the rest is not known"}
	dark := Device{Name: "dark", Problem: "unreachable"}
	tests := map[string]struct {
		file    []UDI
		devices []Device
		states  []State
		foreign []UDI
		equal   bool
		differs bool
	}{
		"equal":                            {[]UDI{b, a}, []Device{pair}, []State{Match}, nil, true, false},
		"equal in another case":            {[]UDI{{"a", "1"}, b}, []Device{pair}, []State{Match}, nil, true, false},
		"a member is missing":              {[]UDI{a}, []Device{pair}, []State{Partial}, nil, false, true},
		"one too many":                     {[]UDI{a, b, c}, []Device{pair}, []State{Match}, []UDI{c}, false, true},
		"another device":                   {[]UDI{c}, []Device{pair}, []State{Absent}, []UDI{c}, false, true},
		"two devices":                      {[]UDI{a, b, c}, []Device{pair, alone}, []State{Match, Match}, nil, true, false},
		"nothing certain":                  {[]UDI{a, b}, []Device{dark}, []State{Unknown}, []UDI{a, b}, false, false},
		"what is known of a device fits":   {[]UDI{a, b}, []Device{half}, []State{Unknown}, []UDI{b}, false, false},
		"what is known of a device misses": {[]UDI{b}, []Device{half}, []State{Unknown}, []UDI{b}, false, true},
		"no device":                        {[]UDI{a}, nil, nil, []UDI{a}, false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Compare(test.file, test.devices)
			var states []State
			for _, d := range got.Devices {
				states = append(states, d.State)
			}
			if d := cmp.Diff(test.states, states); d != "" {
				t.Errorf("states (-want +got):\n%s", d)
			}
			if d := cmp.Diff(test.foreign, got.Foreign); d != "" {
				t.Errorf("foreign (-want +got):\n%s", d)
			}
			if got.Equal() != test.equal || got.Differs() != test.differs {
				t.Errorf("equal %v, differs %v", got.Equal(), got.Differs())
			}
		})
	}
}
