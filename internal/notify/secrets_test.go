package notify

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slpdoctor/inventory"
)

// TestSecretsStaySecret drives every receiver into its failures, the other end repeating what it was sent, and looks
// for the secrets in everything that is said or kept.
func TestSecretsStaySecret(t *testing.T) {
	ca := newAuthority(t)
	echo := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://127.0.0.1:1"+r.URL.RequestURI())
			w.Header().Set("X-Echo", r.Header.Get("Authorization"))
			w.WriteHeader(code)
			io.WriteString(w, r.URL.RequestURI()+" "+r.Header.Get("Authorization"))
		}
	}
	garbage := func(w http.ResponseWriter, r *http.Request) {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			fmt.Fprintf(c, "%s %s\r\n\r\n", r.URL.RequestURI(), r.Header.Get("Authorization"))
			c.Close()
		}
	}
	box := newLetterbox(t, false, ca.issue())
	t.Setenv("NOC_MAIL", "SECRETWRONG")
	var receivers, everything strings.Builder
	receivers.WriteString(strings.Replace(box.receiver(login+", ca_file: "+ca.file), "noc", "mail", 1))
	for i, a := range []http.HandlerFunc{echo(302), echo(401), echo(404), echo(429), echo(500), garbage, drop} {
		s := newHookServer(t, ca.issue(), a)
		t.Setenv(fmt.Sprint("URL", i), s.URL+"/services/T000SECRETPATH?sig=SECRETQUERY")
		fmt.Fprintf(&receivers, "- {name: hook%d, webhook: {url: {env: URL%d}, headers: {Authorization: {env: TOKEN}}, ca_file: %s}}\n", i, i, ca.file)
	}
	for i, url := range []string{"https://user:SECRETUSER@127.0.0.1:1/SECRETPATH", "https://SECRETUSER@nowhere.invalid/SECRETPATH", "https://127.0.0.1:99999/SECRETPATH"} {
		t.Setenv(fmt.Sprint("BAD", i), url)
		fmt.Fprintf(&receivers, "- {name: bad%d, webhook: {url: {env: BAD%d}}}\n", i, i)
	}
	t.Setenv("TOKEN", "Bearer SECRETHEADER")
	c, spool := configured(t, receivers.String()), spooled(t)
	for _, line := range append(deliver(t, c, spool, night(0)), deliver(t, c, spool, night(1))...) {
		everything.WriteString(line + "\n")
	}
	for _, name := range kept(t, spool) {
		b, err := os.ReadFile(filepath.Join(spool.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		everything.Write(b)
	}
	if n := len(kept(t, spool)); n != 22 {
		t.Errorf("%d kept:\n%s", n, everything.String())
	}
	for _, r := range c.Receivers {
		everything.WriteString(r.Describe() + r.channel.where())
	}
	fmt.Fprintf(&everything, "%v", c.Check(t.Context(), inventory.NewResolver(nil, inventory.Seams{Getenv: func(string) (string, bool) { return "no url SECRET", true }})))
	for line := range strings.Lines(everything.String()) {
		if strings.Contains(line, "SECRET") || strings.Contains(line, "U0VDUkVU") || strings.Contains(line, "redacted") {
			t.Errorf("%s", line)
		}
	}
}

// TestTheSecondLock: an error that did repeat a secret, or the path of a secret URL, does not pass.
func TestTheSecondLock(t *testing.T) {
	t.Setenv("URL", "https://hooks.example.net/services/SECRETPATH?sig=SECRETQUERY")
	c := configured(t, "- {name: noc, webhook: {url: {env: URL}}}\n")
	for text, want := range map[string]string{
		"posting to https://hooks.example.net/services/SECRETPATH?sig=SECRETQUERY": "posting to [redacted]",
		"no /services/SECRETPATH?sig=SECRETQUERY here":                             "no [redacted] here",
		"no /services/SECRETPATH here":                                             "no [redacted] here",
	} {
		if got := c.clean(text); got != want {
			t.Errorf("%q", got)
		}
	}
}
