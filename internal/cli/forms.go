package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"slpdoctor/internal/engine"
	"slpdoctor/internal/report"
)

// form is one -o of a document that is not a run: how it is written, and where to.
type form struct {
	format, path string
}

// parseForms reads the -o values of a document that has these formats, of which the first is the default.
func parseForms(specs []string, formats ...string) ([]form, error) {
	if len(specs) == 0 {
		specs = formats[:1]
	}
	var out []form
	for _, s := range specs {
		format, path, hasPath := strings.Cut(s, "=")
		switch {
		case hasPath && path == "":
			return nil, usage(fmt.Errorf("reading -o %s: the path after = is empty", s), "")
		case !slices.Contains(formats, format):
			return nil, usage(fmt.Errorf("reading -o %s: no format %q; there are %s", s, format, strings.Join(formats, ", ")), "")
		case slices.ContainsFunc(out, func(f form) bool { return f.path == path }):
			return nil, usage(fmt.Errorf("reading -o %s: another -o writes to the same place", s), "")
		}
		out = append(out, form{format, path})
	}
	return out, nil
}

// emit writes a document in all its forms, also after one that fails.
func (a *app) emit(forms []form, write func(w io.Writer, format string) error) error {
	var failed []error
	for _, f := range forms {
		if err := a.write(f.path, func(w io.Writer) error { return write(w, f.format) }); err != nil {
			failed = append(failed, fmt.Errorf("writing the %s document: %w", f.format, err))
		}
	}
	if len(failed) > 0 {
		return &exit{engine.ExitInternal, errors.Join(failed...), ""}
	}
	return nil
}

// encode writes one JSON value, for people when it is indented.
func encode(w io.Writer, v any, indent string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	return e.Encode(v)
}

// columns prints rows under a heading, aligned. What is in them may come from anywhere; "-" stands for nothing.
func columns(w io.Writer, heading string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, heading)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = cmp.Or(report.Clean(cell), "-")
		}
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// lines prints labelled text for people, wrapped to a width.
type lines struct {
	b     strings.Builder
	width int
}

// para prints text behind a label, later lines under the same indent. What stands in backquotes is a command
// and never broken.
func (l *lines) para(label, text string) {
	indent := strings.Repeat(" ", len([]rune(label)))
	line := label
	first := true
	for _, word := range unbroken(text) {
		switch {
		case first:
			line += word
		case len([]rune(line))+1+len([]rune(word)) > l.width:
			fmt.Fprintln(&l.b, line)
			line = indent + word
		default:
			line += " " + word
		}
		first = false
	}
	fmt.Fprintln(&l.b, strings.TrimRight(line, " "))
}

// unbroken are the words of a text; a command in backquotes is one word.
func unbroken(text string) []string {
	var out []string
	open := false
	for word := range strings.FieldsSeq(text) {
		if open {
			out[len(out)-1] += " " + word
		} else {
			out = append(out, word)
		}
		open = open != (strings.Count(word, "`")%2 == 1)
	}
	return out
}

// plain prints a line as it is.
func (l *lines) plain(format string, args ...any) { fmt.Fprintf(&l.b, format+"\n", args...) }

func (a *app) lines() *lines {
	w := a.Width
	if w == 0 {
		w = 100
	}
	return &lines{width: max(w, 60)}
}

func (l *lines) flush(w io.Writer) error {
	_, err := io.WriteString(w, l.b.String())
	return err
}
