package notify

import (
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/transition"
)

// Limits of Slack: 50 blocks a message, 3000 characters a text, 150 a header. A message is also refused as a whole
// somewhat above 13000 characters, which is documented nowhere (slackapi/bolt-js issue 2509).
const (
	slackBytes = 12_000
	slackItems = (50 - 3) / 2
)

// slackText is a text object.
type slackText struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    *bool  `json:"emoji,omitempty"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text,omitempty"`
	Elements []slackText `json:"elements,omitempty"`
}

// slackEscape takes the meaning out of the only characters that have one in every text of Slack: mentions, channels
// and links are all written in angle brackets.
var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slackPlain is text that is shown as it is: no formatting, no mention, no emoji.
func slackPlain(s string) slackText {
	no := false
	return slackText{Type: "plain_text", Text: clip(slackEscape.Replace(s), 2900), Emoji: &no}
}

// slackCode is a word in a code span, in which nothing has a meaning but its end.
func slackCode(s string) string {
	return "`" + slackEscape.Replace(strings.ReplaceAll(s, "`", "'")) + "`"
}

// slack is a message of blocks, with a text for notifications. What comes from a device stands in code spans or in
// plain text.
func slack(m *Message) []byte {
	items := m.items()
	return fit(len(items), slackItems, slackBytes, func(n int) []byte {
		title := slackPlain(clip(m.Subject, 150))
		blocks := []slackBlock{{Type: "header", Text: &title}}
		for _, i := range items[:n] {
			h := slackText{Type: "mrkdwn", Text: "*" + strings.TrimSpace(string(i.Kind)+" "+string(i.Severity)) + "* " + slackCode(i.devices()) + " " + slackCode(part(i.Event)),
				Verbatim: true}
			p := slackPlain(strings.Join(withFix(i.Event), "\n"))
			blocks = append(blocks, slackBlock{Type: "section", Text: &h}, slackBlock{Type: "section", Text: &p})
		}
		if more := m.more(items[n:]); more != "" {
			p := slackPlain(more)
			blocks = append(blocks, slackBlock{Type: "section", Text: &p})
		}
		blocks = append(blocks, slackBlock{Type: "context", Elements: []slackText{slackPlain(strings.Join(m.context(), " "))}})
		return encode(struct {
			Text   string       `json:"text"`
			Blocks []slackBlock `json:"blocks"`
		}{slackEscape.Replace(m.Subject), blocks})
	})
}

// withFix is the facts and the first thing to do.
func withFix(e transition.Event) []string {
	out := facts(e)
	if len(e.Fixes) > 0 && e.Fixes[0].Summary != "" {
		out = append(out, "To do: "+clip(e.Fixes[0].Summary, 300))
	}
	if len(out) == 0 {
		out = []string{"No more is known."}
	}
	return out
}

// Limits of Teams: 28 KB a message. The number of items is ours, because a card has no end to scroll to.
const (
	teamsBytes = 27_000
	teamsItems = 40
)

// teamsRun is a piece of text that is shown as it is: other than a TextBlock, a TextRun knows no Markdown.
type teamsRun struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Weight   string `json:"weight,omitempty"`
	Size     string `json:"size,omitempty"`
	Color    string `json:"color,omitempty"`
	FontType string `json:"fontType,omitempty"`
	IsSubtle bool   `json:"isSubtle,omitempty"`
}

type teamsBlock struct {
	Type      string     `json:"type"`
	Inlines   []teamsRun `json:"inlines"`
	Separator bool       `json:"separator,omitempty"`
	Spacing   string     `json:"spacing,omitempty"`
}

func teamsLine(runs ...teamsRun) teamsBlock {
	for i := range runs {
		runs[i].Type = "TextRun"
	}
	return teamsBlock{Type: "RichTextBlock", Inlines: runs}
}

// teamsColors marks what is urgent.
var teamsColors = map[diag.Severity]string{diag.Critical: "Attention", diag.High: "Attention", diag.Medium: "Warning"}

// teams is an Adaptive Card as the webhook of a Workflow takes it.
func teams(m *Message) []byte {
	items := m.items()
	return fit(len(items), teamsItems, teamsBytes, func(n int) []byte {
		body := []teamsBlock{teamsLine(teamsRun{Text: m.Subject, Weight: "Bolder", Size: "Medium"})}
		for _, i := range items[:n] {
			word := teamsRun{Text: strings.TrimSpace(string(i.Kind)+" "+string(i.Severity)) + " ", Weight: "Bolder"}
			word.Color = teamsColors[i.Severity]
			if mended(i.Event) {
				word.Color = "Good"
			}
			h := teamsLine(word, teamsRun{Text: i.devices() + " " + part(i.Event), FontType: "Monospace"})
			h.Separator = true
			body = append(body, h)
			for _, s := range withFix(i.Event) {
				b := teamsLine(teamsRun{Text: s})
				b.Spacing = "None"
				body = append(body, b)
			}
		}
		if more := m.more(items[n:]); more != "" {
			body = append(body, teamsLine(teamsRun{Text: more, Weight: "Bolder"}))
		}
		foot := teamsLine(teamsRun{Text: strings.Join(m.context(), " "), IsSubtle: true})
		foot.Separator = true
		type card struct {
			Schema       string            `json:"$schema"`
			Type         string            `json:"type"`
			Version      string            `json:"version"`
			FallbackText string            `json:"fallbackText"`
			Width        map[string]string `json:"msteams"`
			Body         []teamsBlock      `json:"body"`
		}
		type attachment struct {
			ContentType string `json:"contentType"`
			Content     card   `json:"content"`
		}
		return encode(struct {
			Type        string       `json:"type"`
			Attachments []attachment `json:"attachments"`
		}{"message", []attachment{{"application/vnd.microsoft.card.adaptive", card{
			Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", FallbackText: m.Subject,
			Width: map[string]string{"width": "Full"}, Body: append(body, foot)}}}})
	})
}
