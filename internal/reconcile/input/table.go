package input

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/reconcile"
)

// table reads an export.
func (r *reader) table(s Source, f *file) error {
	raw := bufio.NewReaderSize(f, headSize)
	head, err := peek(raw, 8)
	if err != nil {
		return failed(s.Path, err)
	}
	if bytes.HasPrefix(head, []byte(zipMagic)) {
		return r.workbook(s, f, raw)
	}
	t, err := text(raw)
	if err != nil {
		return failed(s.Path, err)
	}
	begin, err := peek(t, headSize)
	if err != nil {
		return failed(s.Path, err)
	}
	if what := foreign(begin); what.name != "" {
		return what.instead(s)
	}
	rs := newCSV(t, separator(begin[:wholeLines(begin, len(begin) == headSize)], s.Kind))
	first, err := firstRows(rs)
	p := sheet{Source: s, reader: r, where: s.Path, modified: f.modified, file: f}
	if err := p.read(first, rs, err); err != nil {
		return err
	}
	if p.short > 0 && !rs.guard.ended {
		e := p.fail(p.short, "the file ends within this row, before its last column")
		e.Hint = "the file may be cut: export it again"
		return e
	}
	if rs.page != "" {
		r.note(p.input, "the text is not UTF-8: it was read as %s", rs.page)
	}
	return nil
}

// wholeLines is how much of a beginning ends with a line, when it is cut.
func wholeLines(b []byte, cut bool) int {
	if end := bytes.LastIndexByte(b, '\n'); cut && end > 0 {
		return end + 1
	}
	return len(b)
}

// sheet is a table that is read: a CSV file or a sheet of a workbook.
type sheet struct {
	Source
	reader   *reader
	where    string // as errors call it
	modified time.Time
	ragged   bool // rows may end early: a workbook does not keep empty cells
	old      bool // days of a workbook are counted from 1904

	input   int
	heading heading
	columns int // up to the last heading
	file    *file
	undated bool // of times without a zone
	footers int
	repeats []int
	short   int // the line of the last row, when it has fewer cells than there are headings
}

func (p *sheet) fail(line int, format string, args ...any) *Error {
	return &Error{Path: p.where, Row: line, Err: fmt.Errorf(format, args...)}
}

// read takes in a table of which the first rows were read; err is why there are no more of them.
func (p *sheet) read(first []row, rest rows, err error) error {
	if err := p.find(first); err != nil {
		return err
	}
	p.input = p.reader.begin(p.Kind, p.Path)
	rec := &record{sheet: p, fixed: map[field]string{}}
	if stands := p.preamble(first[:p.heading.row], rec); stands != nil {
		p.date(*stands)
	}
	p.unused(first[p.heading.row])
	p.reader.tables.open(p.heading.shape, p.Kind)
	for _, r := range first[p.heading.row+1:] {
		if err := p.row(r, rec); err != nil {
			return err
		}
	}
	for n := 0; err == nil; n++ {
		var next row
		if next, err = rest.next(); err == nil {
			if err := p.row(next, rec); err != nil {
				return err
			}
		}
		if n%4096 == 0 && p.reader.ctx.Err() != nil {
			return p.reader.ctx.Err()
		}
	}
	if !errors.Is(err, io.EOF) {
		return failed(p.where, err)
	}
	p.close(rec)
	return nil
}

// find finds the heading or says what is there instead.
func (p *sheet) find(first []row) error {
	wanted, other := find(first, p.Kind)
	switch {
	case wanted.shape != nil && wanted.whole:
		if wanted.twice != "" {
			return p.fail(first[wanted.row].line, "the column %.60q stands twice", wanted.twice)
		}
		p.heading = wanted
		p.columns = last(first[wanted.row].cells) + 1
		return nil
	case other.shape != nil && other.whole:
		e := p.fail(first[other.row].line, "this is %s, and %s takes another file", other.shape.what, flag(p.Kind))
		e.Hint = "it belongs to " + flags(other.shape.kinds)
		if p.Kind == reconcile.Before && other.shape.takes(reconcile.VManage) {
			e.Hint = "an earlier list of devices is not compared: give the earlier License & Devices overview"
		}
		return e
	case wanted.shape != nil && wanted.found > 1:
		e := p.fail(first[wanted.row].line, "a column is missing to be %s: wanted %s; found %s", wanted.shape.what,
			strings.Join(wanted.lacks(), ", "), quoted(filled(first[wanted.row].cells)))
		e.Hint = "export it again with all columns, or rename the column that holds it"
		return e
	}
	i := slices.IndexFunc(first, func(r row) bool { return len(filled(r.cells)) > 1 }) // above it may stand a title
	if i < 0 {
		i = slices.IndexFunc(first, func(r row) bool { return len(filled(r.cells)) > 0 })
	}
	if i < 0 {
		if j := slices.IndexFunc(first, func(r row) bool { return r.err != nil }); j >= 0 {
			return p.fail(first[j].line, "%w", first[j].err)
		}
		return &Error{Path: p.where, Err: errors.New("the file is empty, there are not even headings"), Hint: "export it again"}
	}
	e := p.fail(first[i].line, "no headings of an export that %s takes: %s; found %s", flag(p.Kind), wants(p.Kind), quoted(filled(first[i].cells)))
	e.Hint = "give the file as the portal exports it, or rename the headings: in another language they are not known"
	return e
}

// last is the last cell that is not empty; -1 when all are.
func last(cells []string) int {
	i := len(cells) - 1
	for i >= 0 && strings.TrimSpace(cells[i]) == "" {
		i--
	}
	return i
}

func flags(kinds []reconcile.Kind) string {
	var out []string
	for _, k := range kinds {
		out = append(out, flag(k))
	}
	return strings.Join(out, " or ")
}

// filled are the cells that are not empty.
func filled(cells []string) []string {
	return slices.DeleteFunc(slices.Clone(cells), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// preamble reads what stands above the headings: the time of the export, and fields that hold for all rows.
func (p *sheet) preamble(above []row, rec *record) *stamp {
	var stands *stamp
	for _, r := range above {
		for i, c := range r.cells {
			label, value, _ := strings.Cut(c, ":")
			if strings.TrimSpace(value) == "" && i+1 < len(r.cells) {
				value = r.cells[i+1]
			}
			value = strings.TrimSpace(value)
			if f, known := p.label(label); known && p.heading.at[f] < 0 && !none(value) {
				rec.fixed[f] = strings.Clone(value)
			} else if s, ok := dated(c); !known && ok && stands == nil {
				stands = &s
			}
		}
	}
	return stands
}

// label is the field that words above the table name.
func (p *sheet) label(s string) (field, bool) {
	word := plain(s)
	for _, c := range p.heading.shape.columns {
		if word != "" && slices.Contains(c.words, word) {
			return c.field, true
		}
	}
	return 0, false
}

// stamp is a time as an export tells it.
type stamp struct {
	at    time.Time
	zoned bool
	day   bool // the time of day is not said
}

// dated finds the time that a line such as "Exported on: 18 Jul 2025 12:44:23 PM" ends with.
func dated(s string) (stamp, bool) {
	words := strings.Fields(s)
	if len(s) > 200 || len(words) > 12 || !strings.Contains(s, "20") {
		return stamp{}, false
	}
	for i := range words {
		tail := strings.Join(words[i:], " ")
		if at, zoned, ok := instant(tail); ok {
			return stamp{at, zoned, !strings.Contains(tail, ":")}, true
		}
	}
	return stamp{}, false
}

// date is when the export was made, by its own words.
func (p *sheet) date(s stamp) {
	p.reader.data.Inputs[p.input].Time = &s.at
	switch {
	case s.day:
		p.reader.note(p.input, "the export says only the day it was made: its time is taken to be 00:00 UTC")
	case !s.zoned:
		p.reader.note(p.input, "the export does not say the zone of its time: it is taken for UTC")
	}
}

// unused names the columns that are not read, but for the buttons of a page.
func (p *sheet) unused(r row) {
	var left []string
	for i, c := range r.cells {
		if c = strings.TrimSpace(c); c != "" && plain(c) != "actions" && !slices.Contains(p.heading.at[:], i) {
			left = append(left, c)
		}
	}
	if len(left) > 0 {
		p.reader.note(p.input, "not used: %s %s", pick(len(left), "the column", "the columns"), quoted(left[:min(len(left), 20)]))
	}
}

func pick(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// footnote is a line below a table that is no row of it.
var footnote = regexp.MustCompile(`(?i)^(showing|displaying|exported|generated|created|report|page|end of|total|totals|grand total|sum|gesamt|summe|[0-9]+ (record|row|entr|item))`)

// row takes in a row below the headings.
func (p *sheet) row(r row, rec *record) error {
	p.short = 0
	if r.err != nil {
		return p.fail(r.line, "%w", r.err)
	}
	cells, only := 0, ""
	for _, c := range r.cells {
		if c = strings.TrimSpace(c); c != "" {
			cells++
			only = c
		}
	}
	width := p.width()
	switch {
	case cells == 0:
		return nil
	case cells == 1 && width > 1 && (len(r.cells) == 1 && !p.ragged || footnote.MatchString(only)):
		p.footers++
		if p.footers <= headRows && p.reader.data.Inputs[p.input].Time == nil {
			if s, ok := dated(only); ok {
				p.date(s)
			}
		}
		return nil
	case totals(rec.of(r, license, name), len(r.cells)):
		p.footers++
		return nil
	case len(r.cells) < width && !p.ragged && slices.ContainsFunc(p.heading.shape.columns, func(c column) bool { return c.needed && p.heading.at[c.field] >= len(r.cells) }):
		e := p.fail(r.line, "the row has %s, and needed columns stand behind them", count(len(r.cells), "cell", "cells"))
		e.Hint = "the file may be cut: export it again"
		return e
	}
	if n := last(r.cells) + 1; n > p.columns && !p.ragged {
		e := p.fail(r.line, "the row has %s, and there are %s", count(n, "cell", "cells"), count(p.columns, "heading", "headings"))
		e.Hint = "a cell with a separator in it needs double quotes"
		return e
	}
	if len(r.cells) < p.columns {
		p.short = r.line
	}
	rec.row, rec.err = r, nil
	err := p.heading.shape.row(&p.reader.tables, rec)
	if rec.err != nil {
		return rec.err
	}
	return err
}

// ahead is for how many rows more to make room, by the part of the file that was read: at most for three times as many.
func (p *sheet) ahead(have int) int {
	if p.file == nil || p.file.size <= p.file.consumed || have < 1000 {
		return 1
	}
	rest := float64(p.file.size-p.file.consumed) / float64(p.file.consumed)
	return int(min(rest*1.02, 3)*float64(have)) + 1
}

// width is how many columns up to the last one that is read.
func (p *sheet) width() int { return slices.Max(p.heading.at[:]) + 1 }

// totals reports the first cell of a row of totals.
func totals(first string, cells int) bool {
	if len(first) > 20 || cells < 2 {
		return false
	}
	switch plain(first) {
	case "total", "totals", "grandtotal", "subtotal", "sum", "overall", "gesamt", "summe", "ergebnis", "gesamtergebnis", "합계", "총계", "총합계", "소계", "合計", "総計":
		return true
	}
	return false
}

// close says what was odd about the whole table.
func (p *sheet) close(rec *record) {
	r := p.reader
	in := &r.data.Inputs[p.input]
	switch {
	case in.Time == nil && p.modified.IsZero():
		r.note(p.input, "when it was exported is not known")
	case in.Time == nil:
		in.Time = &p.modified
		r.note(p.input, "the export does not say when it was made: the time of the file is taken")
	}
	if rec.rows == 0 {
		r.note(p.input, "the export has headings and no rows")
	}
	if p.Kind == reconcile.Instances && rec.rows > 0 && p.heading.at[license] < 0 && rec.fixed[license] == "" {
		r.note(p.input, "no column names the licences: it is not known how many units of which one its product instances use")
	}
	if n := len(p.repeats); n > 0 {
		r.note(p.input, "%s like an earlier one and counted once: %s %s", count(n, "row is", "rows are"), pick(n, "line", "lines"), lines(p.repeats))
	}
	if p.footers > 0 {
		r.note(p.input, "%s of totals or remarks left out", count(p.footers, "row", "rows"))
	}
	if p.undated {
		r.note(p.input, "times in it do not say their zone: they are taken for UTC")
	}
	if rec.unread > 0 {
		r.note(p.input, "%s not understood and left out, the first in line %d: %.60q", count(rec.unread, "time was", "different times were"), rec.unreadAt, rec.unreadText)
	}
}

// lines lists the first lines of many.
func lines(at []int) string {
	var out []string
	for _, n := range at[:min(len(at), 5)] {
		out = append(out, fmt.Sprint(n))
	}
	if len(at) > 5 {
		out = append(out, "...")
	}
	return strings.Join(out, ", ")
}
