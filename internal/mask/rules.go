package mask

import (
	"regexp"
	"strings"
)

// A rule finds secrets on one line: the groups of its pattern. The pattern sees the line in lower case, and
// only if the line holds the trigger.
type rule struct {
	trigger string // at least two bytes
	pattern *regexp.Regexp
	// labelled is a "Label: value" line of a show command, where the device's words for "no value"
	// stay.
	labelled bool
}

// rest is a secret that reaches to the end of the line, behind the digit of its encryption type:
// passwords and server keys may hold spaces.
const rest = `(?:[0-9] +)?(\S.*)`

// word is a secret of one word, behind the digit of its encryption type.
const word = `(?:[0-9] +)?(\S+)`

var rules = []rule{
	// Users, enable, lines, PPP, HTTP client, BGP, trustpoints, IS-IS: whatever comes after the keyword.
	// "password encryption aes" and "password-encryption" are settings.
	config("password", `\bpassword\s+(?:encryption aes\s*$|`+rest+`)`),
	config("secret", `\bsecret\s+`+rest),
	config("passphrase", `\bpassphrase\s+`+rest),
	config("password-encrypt", `\bconfig-key\s+password-encrypt\s+`+rest),

	// Keys of servers, peers and chains. A bare number behind "key" is the id of a key.
	config("key", `\b(?:tacacs|radius|server-private)\b.*?\skey\s+`+rest),
	config("key", `^\s+(?:pac\s+)?key\s+(?:[0-9] +(\S.*)|[0-9]+\s*$|chain\s|[a-z ]+:(?:\s|$)|(\S.*))`),
	config("key-string", `\bkey-string\s+`+rest),
	config("server-key", `\bserver-key\s+`+rest),
	config("isakmp key", `\bisakmp key\s+`+word),
	config("pre-share", `\bpre-share(?:d-key)?\s+(?:.*?\s)?key\s+`+rest),
	config("pre-shared-key", `\bpre-shared-key\s+(?:address\s.*|(?:local\s+|remote\s+)?(?:hex\s+)?`+rest+`)`),
	config("-key", `\b(?:authentication|message-digest)-key\s+(?:[0-9]+\s+(?:md5|sha1|sha2|cmac-aes-128|hmac-\S+)\s+)?`+word),
	config("psk", `\bwpa-psk\s+(?:ascii|hex)\s+`+rest),
	config("set-key", `\bset-key\s+(?:ascii|hex)\s+`+rest),
	config("authentication", `\b(?:standby|vrrp|glbp|nhrp)\b.*\bauthentication\s+(?:md5\s+.*|text\s+(\S+)|(\S+))`),

	// SNMP.
	config("snmp-server", `\bsnmp-server\s+community\s+`+word),
	config("snmp-server", `\bsnmp-server\s+host\s+\S+\s+(?:vrf\s+\S+\s+)?(?:(?:traps|informs)\s+)?(?:version\s+(?:1|2c|3\s+(?:auth|noauth|priv))\s+)?(\S+)`),
	config("community-map", `\bcommunity-map\s+(\S+)`),
	config("snmp-server", `\bsnmp-server\s+user\s.*?\sauth\s+(?:md5|sha(?:-2\s+[0-9]+)?)\s+(\S+)(?:\s+priv\s+(?:des|3des|aes(?:\s+[0-9]+)?)\s+(\S+))?`),
	label("community", `\bcommunity(?:\s+(?:name|string))?\s*:\s*(\S.*)`),

	// Smart Licensing: tokens, the proxy's user, and the codes that move licences. A short number behind
	// "return code:" is none of them.
	config("idtoken", `\bidtoken[\s:=]+(\S+)`),
	label("id token", `\bid token\s*[:=]\s*(\S+)`),
	label("user", `^\s*(?:proxy\s+)?user\s?name\s*:\s*(\S.*)`),
	label("pass", `\bpass(?:word|phrase)"?\s*[:=]\s*(\S.*)`),
	label("code:", `\b(?:request|return|confirmation|authorization|reservation|cancellation|installation)\s+code:\s*(\S*[^0-9\s-].*|[0-9-]{5,})`),
	config("reservation", `\bsmart\s+(?:reservation\s+install|install\s+reservation)\s+(?:file\s.*|(\S.*))`),
	config("mail-server", `\bmail-server\s+(\S+:\S*)@`),
	config("://", `://([^\s/@]*:\S*|[^\s/?#]*)@`),

	// Hashes wherever they stand; type 7 only behind a keyword, because it is but a number.
	hash("$1$"), hash("$5$"), hash("$6$"), hash("$8$"), hash("$9$"), hash("$14$"),
	config(" 7 ", `[a-z] 7 ((?:0[0-9]|1[0-5])(?:[0-9a-f]{2}){2,})(?:\s|$)`),
}

func config(trigger, pattern string) rule {
	return rule{trigger: trigger, pattern: regexp.MustCompile(pattern)}
}

func hash(kind string) rule {
	return config(kind, `(`+regexp.QuoteMeta(kind)+`[./a-z0-9$]{8,})`)
}

func label(trigger, pattern string) rule {
	return rule{trigger: trigger, pattern: regexp.MustCompile(pattern), labelled: true}
}

// find adds the secrets of a line, given in lower case, that begins at byte start of its text.
func (r rule) find(spans []span, line string, start int) []span {
	for _, m := range r.pattern.FindAllStringSubmatchIndex(line, -1) {
		for g := 2; g < len(m); g += 2 {
			if m[g] < 0 {
				continue
			}
			value := strings.TrimRight(line[m[g]:m[g+1]], " \t\r")
			if value != "" && !(r.labelled && nothing.MatchString(value)) {
				spans = append(spans, span{start + m[g], start + m[g] + len(value)})
			}
		}
	}
	return spans
}

// nothing is what IOS XE prints for a field without a value.
var nothing = regexp.MustCompile(`^(?:<none>|<empty>|none|not configured)$`)

var (
	keyBorder = regexp.MustCompile(`-----(BEGIN|END) [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)
	keyLine   = regexp.MustCompile(`^\s*(?:[A-Za-z0-9+/=]+|(?:Proc-Type|DEK-Info|Comment|Version):.*|<masked>)?\s*$`)
)

// privateKeys are the lines inside PEM private keys. Where the end is missing, they go on as long as the
// lines look like one.
func privateKeys(s string) []span {
	if !strings.Contains(s, "PRIVATE KEY") { // tables are full of dashes
		return nil
	}
	var spans []span
	borders := keyBorder.FindAllStringSubmatchIndex(s, -1)
	for i, b := range borders {
		if s[b[2]:b[3]] != "BEGIN" {
			continue
		}
		limit, closed := len(s), false
		if i+1 < len(borders) {
			next := borders[i+1]
			limit, closed = next[0], s[next[2]:next[3]] == "END"
		}
		spans = append(spans, keyLines(s, span{b[1], limit}, closed)...)
	}
	return spans
}

func keyLines(s string, block span, closed bool) []span {
	var spans []span
	for at := block.start; at < block.end; {
		end := min(lineAt(s, at).end, block.end)
		text := s[at:end]
		if !closed && !keyLine.MatchString(text) {
			break
		}
		if t := strings.TrimSpace(text); t != "" {
			start := at + strings.Index(text, t)
			spans = append(spans, span{start, start + len(t)})
		}
		at = end + 1
	}
	return spans
}
