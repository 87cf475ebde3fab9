package bundle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// lexicon knows what people type and how they name files for the commands of a catalogue.
type lexicon struct {
	catalogue []*diag.Command
	forms     []*form
}

// form is a way to ask: the words before a pipe or a parameter, and what its answer is good for.
type form struct {
	words   []string
	pipe    string // "include ^license", "" without
	open    bool   // parameters follow the words
	tail    string // of an open form: the slug of the words behind its parameters, where they are all optional
	targets []target
}

// target is a command that an answer answers.
type target struct {
	command *diag.Command
	line    string  // as it would have been sent; "" when it holds parameters
	filter  *filter // picks the command's answer out of the answer to the unfiltered command; nil: all of it
}

// asked are forms that are not in a catalogue, or hold more than one entry of it, and the form that they
// answer too.
var asked = map[string]string{
	"show license tech":                                 "show license tech support",
	"show ip http client":                               "show ip http client all",
	"show ip http server all":                           "show ip http server session-module",
	"show ip http server status":                        "show ip http server all",
	"show call-home detail":                             "show call-home",
	"show hosts summary":                                "show hosts",
	"show crypto pki certificates":                      "show crypto pki certificates SLA-TrustPoint",
	"show crypto pki trustpoints":                       "show crypto pki trustpoints status",
	"show crypto pki trustpoints SLA-TrustPoint status": "show crypto pki trustpoints status",
	"show running-config all":                           "show running-config",
	"show running-config brief":                         "show running-config",
	"show running-config full":                          "show running-config",
	"show running-config view full":                     "show running-config",
}

func newLexicon(catalogue []*diag.Command) *lexicon {
	l := &lexicon{catalogue: catalogue}
	for _, c := range catalogue {
		text := c.String()
		if !c.Template.Fixed() {
			words, _, _ := strings.Cut(text, "{")
			words, _, _ = strings.Cut(words, "[")
			f := &form{words: strings.Fields(words), open: true, targets: []target{{command: c}}}
			if i := strings.LastIndexByte(text, ']'); !strings.Contains(text[i+1:], "{") {
				f.tail = Slug(text[i+1:])
			}
			l.forms = append(l.forms, f)
			continue
		}
		base, pipe, piped := strings.Cut(text, " | ")
		f := l.form(base, pipe)
		f.targets = append(f.targets, target{command: c, line: text})
		if piped {
			f = l.form(base, "")
			f.targets = append(f.targets, target{command: c, line: text, filter: newFilter(pipe)})
		}
	}
	for alias, like := range asked {
		if from := l.find(like); from != nil {
			f := l.form(alias, "")
			f.targets = append(f.targets, from.targets...)
		}
	}
	return l
}

// form is the form of a line, made when it is new.
func (l *lexicon) form(base, pipe string) *form {
	if f := l.find(base); f != nil && pipe == "" {
		return f
	}
	f := &form{words: strings.Fields(base), pipe: pipe}
	l.forms = append(l.forms, f)
	return f
}

func (l *lexicon) find(line string) *form {
	words := strings.Fields(line)
	i := slices.IndexFunc(l.forms, func(f *form) bool { return f.pipe == "" && slices.Equal(f.words, words) })
	if i < 0 {
		return nil
	}
	return l.forms[i]
}

// resolve finds what a typed line asks for. Without a target it says why.
func (l *lexicon) resolve(typed string) ([]target, string) {
	head, pipe, piped := strings.Cut(typed, "|")
	words := strings.Fields(head)
	if piped {
		pipe = unabbreviated(strings.TrimSpace(pipe))
	}
	var exact, short, open []*form
	for _, f := range l.forms {
		switch {
		case f.pipe != pipe || !abbreviates(words, f.words):
		case f.open:
			open = append(open, f)
		case len(words) != len(f.words):
		case strings.EqualFold(strings.Join(words, " "), strings.Join(f.words, " ")):
			exact = append(exact, f)
		default:
			short = append(short, f)
		}
	}
	switch {
	case len(exact) > 0:
		return exact[0].targets, ""
	case len(short) == 1:
		return short[0].targets, ""
	case len(short) > 1:
		return nil, fmt.Sprintf("%q may stand for more than one command", typed)
	}
	for _, f := range open {
		if t, ok := f.with(words); ok {
			return []target{t}, ""
		}
	}
	if piped {
		return nil, fmt.Sprintf("%q is not a filter this tool reads", typed)
	}
	return nil, fmt.Sprintf("%q is not a command this tool reads", typed)
}

// abbreviates reports whether the first typed words are the words of a form, or beginnings of them.
func abbreviates(typed, words []string) bool {
	if len(typed) < len(words) {
		return false
	}
	for i, w := range words {
		if len(typed[i]) > len(w) || !strings.EqualFold(typed[i], w[:len(typed[i])]) {
			return false
		}
	}
	return true
}

// with is the target of an open form with the parameters as typed. A ping counts whatever its options are:
// its answer names them.
func (f *form) with(typed []string) (target, bool) {
	t := f.targets[0]
	t.line = strings.Join(slices.Concat(f.words, typed[len(f.words):]), " ")
	return t, f.words[0] == "ping" || t.command.Template.Match(t.line)
}

func unabbreviated(pipe string) string {
	verb, rest, _ := strings.Cut(pipe, " ")
	for _, full := range []string{"include", "section"} {
		if verb != "" && strings.HasPrefix(full, verb) {
			return full + " " + strings.TrimSpace(rest)
		}
	}
	return pipe
}

// scrolled finds the command whose line ends like what is left of an echo that was wider than the screen.
func (l *lexicon) scrolled(tail string) []target {
	var found []target
	for _, f := range l.forms {
		for _, t := range f.targets {
			if t.filter == nil && len(tail) >= 8 && strings.HasSuffix(t.line, tail) {
				found = append(found, t)
			}
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found
}

// file finds what a file is the answer to: the longest slug that equals its name or begins it. Besides
// running configurations, the unfiltered form of a filtered command must have the very name.
func (l *lexicon) file(slug string) []target {
	var best *form
	longest := 0
	for _, f := range l.forms {
		s, n := f.slug(), len(f.slug())+len(f.tail)
		begins := strings.HasPrefix(slug, s+"-") && strings.HasSuffix(slug, f.tail) && (f.whole() || s == "show-running-config")
		if (slug == s && f.tail == "" || begins) && n > longest {
			best, longest = f, n
		}
	}
	return best.answers()
}

// answers are the targets of a form of which only the words are known.
func (f *form) answers() []target {
	if f == nil {
		return nil
	}
	targets := slices.Clone(f.targets)
	for i, t := range targets {
		if t.line == "" {
			targets[i].line = strings.Join(f.words, " ")
		}
	}
	return targets
}

// whole reports whether the form is in the catalogue itself.
func (f *form) whole() bool {
	return slices.ContainsFunc(f.targets, func(t target) bool { return t.filter == nil })
}

func (f *form) slug() string {
	if f.pipe != "" {
		return Slug(strings.Join(f.words, " ") + " | " + f.pipe)
	}
	return Slug(strings.Join(f.words, " "))
}

// filter does what "| include" and "| section" do on the device, but leaves a blank line for every line it
// drops, so that line numbers stay.
type filter struct {
	pattern *regexp.Regexp
	section bool
}

func newFilter(pipe string) *filter {
	verb, pattern, _ := strings.Cut(pipe, " ")
	re, err := regexp.Compile(pattern)
	if err != nil {
		re = regexp.MustCompile("")
	}
	return &filter{pattern: re, section: verb == "section"}
}

func (f *filter) apply(text string) string {
	var out strings.Builder
	depth := -1 // indentation of the section's first line, -1 outside
	for line := range strings.Lines(text) {
		body := strings.TrimRight(line, "\n")
		indent := len(body) - len(strings.TrimLeft(body, " "))
		switch {
		case f.pattern.MatchString(body):
			depth = indent
		case f.section && depth >= 0 && indent > depth:
		default:
			depth, body = -1, ""
		}
		out.WriteString(body)
		out.WriteString(line[len(strings.TrimRight(line, "\n")):])
	}
	return out.String()
}
