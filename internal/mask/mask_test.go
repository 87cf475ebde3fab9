package mask

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestText(t *testing.T) {
	tests := []struct{ in, want string }{
		// users and passwords
		{"username ops privilege 15 secret 9 $9$abcdefghij$klmnopqrstuv", "username ops privilege 15 secret 9 <masked>"},
		{"username ops privilege 15 password 0 two words", "username ops privilege 15 password 0 <masked>"},
		{"username ops one-time secret plain", "username ops one-time secret <masked>"},
		{"username ops nopassword", "username ops nopassword"},
		{"enable secret 5 $1$salt$0123456789abcdef", "enable secret 5 <masked>"},
		{"enable password level 7 7 0822455D0A16", "enable password <masked>"},
		{"enable secret 4", "enable secret <masked>"},
		{" password 7 0822455D0A16", " password 7 <masked>"},
		{"ip http client password 7 0822455D0A16", "ip http client password 7 <masked>"},
		{" ppp chap password 0 hush", " ppp chap password 0 <masked>"},
		{" ppp pap sent-username r1 password 7 0822455D0A16", " ppp pap sent-username r1 password 7 <masked>"},
		{" neighbor 192.0.2.1 password hush", " neighbor 192.0.2.1 password <masked>"},
		{"service password-encryption", "service password-encryption"},
		{"password encryption aes", "password encryption aes"},
		{"key config-key password-encrypt hush hush", "key config-key password-encrypt <masked>"},
		{"*Mar  1 00:00:01.000: %PARSER-5-CFGLOG_LOGGEDCMD: User:ops  logged command:username x secret hush",
			"*Mar  1 00:00:01.000: %PARSER-5-CFGLOG_LOGGEDCMD: User:ops  logged command:username x secret <masked>"},
		// keys
		{"tacacs-server key 7 0822455D0A16", "tacacs-server key 7 <masked>"},
		{"tacacs-server host 192.0.2.9 single-connection key hush", "tacacs-server host 192.0.2.9 single-connection key <masked>"},
		{"radius-server host 192.0.2.9 auth-port 1812 acct-port 1813 key 7 0822455D0A16",
			"radius-server host 192.0.2.9 auth-port 1812 acct-port 1813 key 7 <masked>"},
		{" server-private 192.0.2.9 key 7 0822455D0A16", " server-private 192.0.2.9 key 7 <masked>"},
		{" key 7 0822455D0A16", " key 7 <masked>"},
		{" key hush hush", " key <masked>"},
		{" pac key 0 hush", " pac key 0 <masked>"},
		{" key 1", " key 1"},
		{"  Key Usage: Signature", "  Key Usage: Signature"},
		{"key chain NTP", "key chain NTP"},
		{"  key-string 7 0822455D0A16", "  key-string 7 <masked>"},
		{" client 192.0.2.9 server-key hush", " client 192.0.2.9 server-key <masked>"},
		{"crypto isakmp key hush address 192.0.2.8", "crypto isakmp key <masked> address 192.0.2.8"},
		{"crypto isakmp key 6 HUSH address 192.0.2.8", "crypto isakmp key 6 <masked> address 192.0.2.8"},
		{"  pre-shared-key address 0.0.0.0 0.0.0.0 key hush key hush", "  pre-shared-key address 0.0.0.0 0.0.0.0 key <masked>"},
		{"  pre-shared-key local 6 HUSH", "  pre-shared-key local 6 <masked>"},
		{" authentication remote pre-share key hush", " authentication remote pre-share key <masked>"},
		{" authentication remote pre-share", " authentication remote pre-share"},
		{"ntp authentication-key 1 md5 0822455D0A16 7", "ntp authentication-key 1 md5 <masked> 7"},
		{"ntp server 192.0.2.5 key 1 prefer", "ntp server 192.0.2.5 key 1 prefer"},
		{" ip ospf message-digest-key 1 md5 7 0822455D0A16", " ip ospf message-digest-key 1 md5 7 <masked>"},
		{" ip ospf authentication-key hush", " ip ospf authentication-key <masked>"},
		{" ip nhrp authentication hush", " ip nhrp authentication <masked>"},
		{" standby 1 authentication md5 key-string hush", " standby 1 authentication md5 key-string <masked>"},
		{" security wpa psk set-key ascii 0 hush", " security wpa psk set-key ascii 0 <masked>"},
		{" wpa-psk ascii 7 0822455D0A16", " wpa-psk ascii 7 <masked>"},
		{"aaa authentication login default group tacacs+ local", "aaa authentication login default group tacacs+ local"},
		{"crypto key generate rsa modulus 2048", "crypto key generate rsa modulus 2048"},
		// SNMP
		{"snmp-server community hush RO 10", "snmp-server community <masked> RO 10"},
		{"snmp-server host 192.0.2.7 version 2c hush", "snmp-server host 192.0.2.7 version 2c <masked>"},
		{"snmp-server host 192.0.2.7 vrf Mgmt-vrf informs version 3 priv user1", "snmp-server host 192.0.2.7 vrf Mgmt-vrf informs version 3 priv <masked>"},
		{"snmp-server host 192.0.2.7 hush", "snmp-server host 192.0.2.7 <masked>"},
		{"snmp-server user u g v3 auth sha hush priv aes 128 hush2", "snmp-server user u g v3 auth sha <masked> priv aes 128 <masked>"},
		{"snmp-server user u g v3", "snmp-server user u g v3"},
		{"Community name: hush", "Community name: <masked>"},
		{"snmp-server enable traps license", "snmp-server enable traps license"},
		// Smart Licensing
		{"r1#license smart trust idtoken YWJjZGVmZ2g local force", "r1#license smart trust idtoken <masked> local force"},
		{"license smart register idtoken YWJjZGVmZ2g", "license smart register idtoken <masked>"},
		{"ID token: YWJjZGVmZ2g", "ID token: <masked>"},
		{"    Username: proxyuser", "    Username: <masked>"},
		{"    Password: hush", "    Password: <masked>"},
		{"    Password: 1234", "    Password: <masked>"},
		{"    Username: <empty>", "    Username: <empty>"},
		{"    Password: <empty>", "    Password: <empty>"},
		{"      Last return code: CrAbCd-EfGhIj", "      Last return code: <masked>"},
		{"      Last Confirmation code: 1a2b3c4d", "      Last Confirmation code: <masked>"},
		{"      Reservation authorization code: <none>", "      Reservation authorization code: <none>"},
		{"Request code: CB-ZC9300:FCW1-abc", "Request code: <masked>"},
		{"HTTP return code: 404", "HTTP return code: 404"},
		{"Authorization Code Process: Expired Not Rescheduled", "Authorization Code Process: Expired Not Rescheduled"},
		{"license smart reservation install AbCdEf-123", "license smart reservation install <masked>"},
		{"license smart install reservation file flash:code.txt", "license smart install reservation file flash:code.txt"},
		{"  Smart Account: ACME Corp, of Tokyo As of Feb 06 22:52:03 2024 UTC", "  Smart Account: ACME Corp, of Tokyo As of Feb 06 22:52:03 2024 UTC"},
		{"     aaa-authorization username: callhome (default)", "     aaa-authorization username: callhome (default)"},
		// URLs
		{"  Address: http://user:p@ss/w@proxy.example.net:80", "  Address: http://<masked>@proxy.example.net:80"},
		{"copy ftp://ops@192.0.2.3/x", "copy ftp://<masked>@192.0.2.3/x"},
		{"  URL: https://smartreceiver.cisco.com/licservice/license", "  URL: https://smartreceiver.cisco.com/licservice/license"},
		{"  Cslu address: http://192.0.2.1:8182/cslu/v1/pi", "  Cslu address: http://192.0.2.1:8182/cslu/v1/pi"},
		{" mail-server ops:hush@mail.example.net priority 1", " mail-server <masked>@mail.example.net priority 1"},
		{" mail-server mail.example.net priority 1", " mail-server mail.example.net priority 1"},
		// hashes wherever they stand
		{"x $9$abcdefghij$klmnopqrstuv y", "x <masked> y"},
		{"foo bar 7 0822455D0A16 baz", "foo bar 7 <masked> baz"},
		{"  interval 7 days", "  interval 7 days"},
		// several secrets, no secret
		{"a://u:v@h secret x", "a://<masked>@h secret <masked>"},
		{"", ""},
		{"\n\n", "\n\n"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, Text(tt.in)); diff != "" {
			t.Errorf("Text(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
	var in, want []string
	for _, tt := range tests {
		in, want = append(in, tt.in), append(want, tt.want)
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), Text(strings.Join(in, "\n"))); diff != "" {
		t.Errorf("all lines in one text (-want +got):\n%s", diff)
	}
}

func TestPrivateKeys(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"closed", "a\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nQUJD\n%SYS-5-X: log\nREVG\n-----END RSA PRIVATE KEY-----\nb",
			"a\n-----BEGIN RSA PRIVATE KEY-----\n<masked>\n\n<masked>\n<masked>\n<masked>\n-----END RSA PRIVATE KEY-----\nb"},
		{"cut off", "-----BEGIN PRIVATE KEY-----\nQUJD\nREVG\nr1#show clock\nQUJD", "-----BEGIN PRIVATE KEY-----\n<masked>\n<masked>\nr1#show clock\nQUJD"},
		{"one line", "-----BEGIN EC PRIVATE KEY----- QUJD -----END EC PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY----- <masked> -----END EC PRIVATE KEY-----"},
		{"two begins", "-----BEGIN PRIVATE KEY-----\nQUJD\n-----BEGIN PRIVATE KEY-----\nREVG\n-----END PRIVATE KEY-----",
			"-----BEGIN PRIVATE KEY-----\n<masked>\n-----BEGIN PRIVATE KEY-----\n<masked>\n-----END PRIVATE KEY-----"},
		{"certificates are public", "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----"},
		{"certificate chain", "crypto pki certificate chain SLA-TrustPoint\n certificate ca 01\n  30820321 30820209\n  \tquit", "crypto pki certificate chain SLA-TrustPoint\n certificate ca 01\n  30820321 30820209\n  \tquit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Text(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"username a secret 9 b\r\n key 7 0822455D0A16\n", "password password key key 7 7\n",
		"-----BEGIN PRIVATE KEY-----\nQUJD", "://a:b@c://d@e", "idtoken=idtoken=x", "\xff\xfe key \x00", "Password: secret <masked>x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := Text(in)
		if got, want := strings.Count(out, "\n"), strings.Count(in, "\n"); got != want {
			t.Fatalf("%d line ends of %d left: %q -> %q", got, want, in, out)
		}
		if again := Text(out); again != out {
			t.Fatalf("masked twice: %q -> %q -> %q", in, out, again)
		}
	})
}

// TestCorpus masks every real output: what changes are lines with codes and passwords, nothing else.
func TestCorpus(t *testing.T) {
	root := os.Getenv("SLPDOCTOR_CORPUS")
	if root == "" {
		t.Skip("SLPDOCTOR_CORPUS does not name the folder of real outputs")
	}
	files, changed := 0, 0
	err := filepath.WalkDir(filepath.Join(root, "outputs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".txt" {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		before, after := strings.Split(string(data), "\n"), strings.Split(Text(string(data)), "\n")
		if len(before) != len(after) {
			t.Fatalf("%s: %d lines became %d", path, len(before), len(after))
		}
		for i := range before {
			if before[i] == after[i] {
				continue
			}
			changed++
			t.Logf("%s:%d: %q -> %q", filepath.Base(path), i+1, before[i], after[i])
			if l := strings.ToLower(before[i]); !strings.Contains(l, " code: ") && !strings.Contains(l, "username: ") && !strings.Contains(l, "password: ") {
				t.Errorf("%s:%d holds no secret: %q", path, i+1, before[i])
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("reading the corpus: %d files, %v", files, err)
	}
	t.Logf("%d files, %d lines masked", files, changed)
}

func BenchmarkText(b *testing.B) {
	s := strings.Repeat("  Attempts: Total=12, Success=9, Fail=3  Ongoing Failure: Overall=3 Communication=3\nTrust Code Installed: <none>\n", 500)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Text(s)
	}
}
