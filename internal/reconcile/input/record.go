package input

import (
	"strings"
	"time"

	"slpdoctor/internal/reconcile"
)

// record gives the cells of a row by their fields. The first cell that can not be read is its error.
type record struct {
	*sheet
	row   row
	fixed map[field]string // from above the table
	err   error
	rows  int // that were kept
	last  [fieldCount]struct {
		text string
		at   *time.Time
	}

	unread     int
	unreadAt   int
	unreadText string
}

// of is the first of the fields that is not empty in a row.
func (c *record) of(r row, fields ...field) string {
	for _, f := range fields {
		if i := c.heading.at[f]; i >= 0 && i < len(r.cells) {
			if s := strings.TrimSpace(r.cells[i]); s != "" {
				return s
			}
		}
	}
	return ""
}

// cell is a cell without the spaces around it; "" when there is none.
func (c *record) cell(f field) string {
	if i := c.heading.at[f]; i >= 0 && i < len(c.row.cells) {
		return strings.TrimSpace(c.row.cells[i])
	}
	return c.fixed[f]
}

// word is a text of which there are few different ones: each is kept once.
func (c *record) word(f field) string {
	s := c.cell(f)
	if none(s) {
		return ""
	}
	return c.reader.tables.intern(s)
}

// own is a text that only this row has, and the rows beside it that are about the same thing.
func (c *record) own(f field) string {
	s := c.cell(f)
	if none(s) {
		return ""
	}
	if s != c.last[f].text {
		c.last[f].text = strings.Clone(s)
	}
	return c.last[f].text
}

// title is a word that may be broken over lines.
func (c *record) title(f field) string {
	s := c.cell(f)
	if strings.ContainsAny(s, "\r\n\u00a0") || strings.Contains(s, "  ") {
		s = strings.Join(strings.Fields(s), " ")
	}
	if none(s) {
		return ""
	}
	return c.reader.tables.intern(s)
}

// need fails when a cell is empty.
func (c *record) need(s string, f field) string {
	if s == "" && c.err == nil {
		c.err = c.fail(c.row.line, "column %.60q is empty", c.heading.names[f])
	}
	return s
}

func (c *record) count(f field, signed bool) *int64 {
	n, err := number(c.cell(f), signed)
	if err != nil && c.err == nil {
		c.err = c.fail(c.row.line, "column %.60q: %.60q %w", c.heading.names[f], c.cell(f), err)
	}
	return n
}

func (c *record) time(f field) *time.Time {
	s := c.cell(f)
	if none(s) {
		return nil
	}
	last := &c.last[f]
	if s == last.text {
		return last.at
	}
	last.text, last.at = strings.Clone(s), nil
	if c.ragged { // a date without a time is a whole number there
		s = calendar(s, c.old)
	}
	t, zoned, ok := instant(s)
	if !ok {
		if c.unread == 0 {
			c.unreadAt, c.unreadText = c.row.line, last.text
		}
		c.unread++
		return nil
	}
	c.undated = c.undated || !zoned
	last.at = &t
	return &t
}

// when is a time that is kept in its own words too: that it is not understood is no remark.
func (c *record) when(f field) *time.Time {
	s := c.cell(f)
	if none(s) {
		return nil
	}
	last := &c.last[f]
	if s != last.text {
		last.text, last.at = strings.Clone(s), nil
		if t, _, ok := instant(s); ok {
			last.at = &t
		}
	}
	return last.at
}

func (c *record) place() reconcile.Place {
	return reconcile.Place{Input: c.input, Row: c.row.line}
}
