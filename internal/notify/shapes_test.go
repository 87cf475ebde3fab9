package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/transition"
)

func indented(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), '\n')
}

func letterOf(t *testing.T, m *Message) []byte {
	t.Helper()
	e := &email{from: "slpdoctor <slpdoctor@example.net>", to: []string{"noc@example.net", "On Call <oncall@example.net>"}}
	l, err := e.letter(m)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := l.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(b.Bytes(), []byte("\r\n"), []byte("\n"))
}

func TestShapes(t *testing.T) {
	m := newMessage("noc", sample())
	golden(t, "message.json", indented(t, m.json()))
	golden(t, "slack.json", indented(t, slack(m)))
	golden(t, "teams.json", indented(t, teams(m)))
	golden(t, "mail.eml", letterOf(t, m))
	s := &syslogger{transport: overTCP, facility: "daemon", app: "slpdoctor", host: "runner.example.net", pid: 4711}
	golden(t, "syslog.txt", []byte(strings.Join(s.records(m), "\n")+"\n"))
}

func TestTheFirstRunSaysSo(t *testing.T) {
	doc := sample()
	doc.Since = nil
	if text := string(plainText(newMessage("noc", doc))); !strings.Contains(text, "\nThe first run of this job: all that is open is told as new.\n") {
		t.Error(text)
	}
}

// hostile is a text that means something to every receiver.
const hostile = "r1\r\nBcc: evil@example.org\r\n\r\n<!channel> <@U123> @here *bold* `code` </b><script>alert(1)</script> [x](https://evil.example.org) \x1b[31m\x00 \u202e &amp; -> \"q\" <6>forged"

func hostileDocument(n int) *transition.Document {
	d := sample()
	text := hostile + strings.Repeat(" long", 150)
	d.Job, d.Notes = text, []string{text, text}
	var events []transition.Event
	for i := range n {
		e := d.Events[i%len(d.Events)]
		e.Device, e.Was, e.Summary, e.Before, e.After, e.CausedBy = fmt.Sprintf("%d %s", i, text), &text, text, text, text+fmt.Sprint(i), nil
		e.Fixes = []diag.Fix{{Summary: text, Config: []string{text}, Exec: []string{text}, Verify: []string{text}, Manual: []string{text}}}
		events = append(events, e)
	}
	d.Events = events
	return d
}

// texts are all strings of a JSON document.
func texts(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	case map[string]any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	}
	return out
}

func decoded(t *testing.T, b []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

var control = regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f\x{202a}-\x{202e}]`)

func TestSlackOfHostileText(t *testing.T) {
	for _, n := range []int{1, 3, 2_000} {
		b := slack(newMessage("noc", hostileDocument(n)))
		v := decoded(t, b)
		blocks := v["blocks"].([]any)
		if len(blocks) > 50 || len(blocks) < 3 || len(b) > slackBytes {
			t.Errorf("%d events: %d blocks, %d bytes", n, len(blocks), len(b))
		}
		for _, s := range texts(v) {
			if strings.ContainsAny(s, "<>") || control.MatchString(s) || utf8.RuneCountInString(s) > 3000 {
				t.Errorf("%d events: %.200q", n, s)
			}
		}
		for _, block := range blocks { // formatted text holds device text in closed code spans only
			text, _ := block.(map[string]any)["text"].(map[string]any)
			if text["type"] != "mrkdwn" {
				continue
			}
			parts := strings.Split(text["text"].(string), "`")
			if len(parts) != 5 || strings.Contains(parts[0]+parts[2]+parts[4], "bold") || text["verbatim"] != true {
				t.Errorf("%.300q", text)
			}
		}
		if all := strings.Join(texts(v), "\n"); n > 100 && !regexp.MustCompile(`and 19\d\d more events`).MatchString(all) {
			t.Errorf("what is left out is not counted")
		}
	}
}

func TestTeamsOfHostileText(t *testing.T) {
	for _, n := range []int{1, 2_000} {
		b := teams(newMessage("noc", hostileDocument(n)))
		if len(b) > 28<<10 {
			t.Errorf("%d events: %d bytes", n, len(b))
		}
		v := decoded(t, b)
		for _, s := range texts(v) {
			if control.MatchString(s) {
				t.Errorf("%.200q", s)
			}
		}
		// A TextBlock knows Markdown, a TextRun does not.
		if bytes.Contains(b, []byte("TextBlock\",\"text")) || bytes.Contains(b, []byte(`"type":"TextBlock"`)) {
			t.Error("a TextBlock")
		}
		if all := strings.Join(texts(v), "\n"); n > 100 && !regexp.MustCompile(`and 19\d\d more events`).MatchString(all) {
			t.Errorf("what is left out is not counted")
		}
	}
}

func TestJSONIsBounded(t *testing.T) {
	b := newMessage("noc", hostileDocument(2_000)).json()
	var m Message
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	if len(b) > maxJSON || m.Omitted+len(m.Told.Events) != 2_000 || len(m.Told.Events) == 0 {
		t.Errorf("%d bytes, %d events, %d omitted", len(b), len(m.Told.Events), m.Omitted)
	}
	for _, s := range texts(decoded(t, b)) {
		if control.MatchString(s) || strings.Contains(s, "\n") {
			t.Errorf("%.200q", s)
		}
	}
}

func TestMailOfHostileText(t *testing.T) {
	raw := letterOf(t, newMessage("noc", hostileDocument(2000)))
	l, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range l.Header {
		switch name {
		case "Date", "From", "To", "Subject", "Message-Id", "Mime-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted":
		default:
			t.Errorf("header %s: %q", name, values)
		}
		if len(values) != 1 || strings.Contains(values[0], "evil") {
			t.Errorf("header %s: %q", name, values)
		}
	}
	body, err := io.ReadAll(quotedprintable.NewReader(l.Body))
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > mailBytes || control.Match(body) || bytes.Contains(body, []byte("\nBcc")) || !regexp.MustCompile(`\nand 1\d\d\d more events\n`).Match(body) {
		t.Errorf("%d bytes: %.1000s", len(body), body)
	}
}

func TestSyslogOfHostileText(t *testing.T) {
	for _, how := range []transport{overUDP, overUnix} {
		s := &syslogger{transport: how, facility: "local7", app: "slpdoctor", host: "-", pid: 1}
		records := s.records(newMessage("noc", hostileDocument(1000)))
		if len(records) != syslogEvents+1 || !strings.Contains(records[syslogEvents], "and 800 more events") {
			t.Errorf("%d records, the last %q", len(records), records[len(records)-1])
		}
		for _, r := range records {
			if len(r) > syslogBytes || !utf8.ValidString(r) || control.MatchString(r) || strings.Contains(r, "\n") || !strings.HasPrefix(r, "<18") {
				t.Errorf("%q", r)
			}
		}
	}
}

func TestSubject(t *testing.T) {
	if got, want := subject(sample()), "slpdoctor: 1 worse, 3 new, 1 resolved, 1 flap suppressed (critical)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	d := sample()
	d.Events = d.Events[4:5]
	if got, want := subject(d), "slpdoctor: 1 resolved"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSettled: what has come to rest is urgent only where it is at fault.
func TestSettled(t *testing.T) {
	d := sample()
	settled := d.Events[5]
	settled.Kind, settled.Severity, settled.Before = transition.Settled, diag.Critical, ""
	for after, want := range map[string]struct {
		level   int
		subject string
	}{
		"pass":                  {5, "slpdoctor: 1 settled"},
		"not-applicable":        {5, "slpdoctor: 1 settled"},
		"examined":              {5, "slpdoctor: 1 settled"},
		"fail (critical)":       {2, "slpdoctor: 1 settled (critical)"},
		"unreachable (refused)": {2, "slpdoctor: 1 settled (critical)"},
	} {
		settled.After = after
		d.Events = []transition.Event{settled}
		if got := level(settled); got != want.level || subject(d) != want.subject {
			t.Errorf("%s: level %d, %q", after, got, subject(d))
		}
		if got := facts(settled)[1]; got != after {
			t.Errorf("%q", got)
		}
	}
}

func TestFilters(t *testing.T) {
	kinds := func(r Receiver) string {
		m := r.message(sample())
		if m == nil {
			return ""
		}
		var out []string
		for _, e := range m.Told.Events {
			out = append(out, string(e.Kind)+" "+string(e.Severity))
		}
		return strings.Join(out, ", ")
	}
	for want, r := range map[string]Receiver{
		"worse , new critical, new high, new high, resolved medium, flap suppressed medium": {},
		"worse , new critical, new high, new high":                                          {Severity: diag.High},
		"resolved medium": {Events: []transition.Kind{transition.Resolved}},
		"":                {Severity: diag.Critical, Events: []transition.Kind{transition.Resolved}},
	} {
		if got := kinds(r); got != want {
			t.Errorf("severity %q, events %q: %q, want %q", r.Severity, r.Events, got, want)
		}
	}
}
