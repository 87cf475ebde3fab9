package inventory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"slpdoctor/internal/spelling"
)

// csvReserved are the columns with a meaning; every other column is a tag.
var csvReserved = []string{"name", "address", "port", "username", "credential", "jump", "groups", "topology", "platform"}

// csvSynonyms are the headings other tools give to two of the columns.
var csvSynonyms = map[string]string{
	"host": "name", "hostname": "name", "device": "name", "host_name": "name",
	"ip": "address", "ipaddr": "address", "ip_address": "address", "ip address": "address", "management_ip": "address",
	"primary_ip": "address", "mgmt_ip": "address",
}

// parseCSV reads a header row and a device a row. Without an address column the names are the addresses,
// and the other way round.
func (l *loader) parseCSV(doc document, s *source) {
	r := csv.NewReader(bytes.NewReader(doc.data))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		l.failCSV(doc, err)
		return
	}
	first, _ := r.FieldPos(0)
	pos := Position{doc.name, first}
	columns, ok := l.header(header, pos)
	if !ok {
		return
	}
	for {
		row, err := r.Read()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				l.failCSV(doc, err)
			}
			return
		}
		if !slices.ContainsFunc(row, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		line, _ := r.FieldPos(0)
		pos := Position{doc.name, line}
		if len(row) != len(columns) {
			l.fail(pos, "a cell with a comma in it needs double quotes", "%d cells, but the header has %d columns", len(row), len(columns))
			continue
		}
		l.row(s, columns, row, pos)
	}
}

func (l *loader) failCSV(doc document, err error) {
	pos := Position{File: doc.name}
	if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
		pos.Line, err = syntax.Line, syntax.Err
	}
	l.fail(pos, `a double quote inside a quoted cell is written ""`, "this is not CSV: %v", err)
}

// header returns the column names, reserved ones in lower case.
func (l *loader) header(row []string, pos Position) ([]string, bool) {
	before := len(l.problems)
	columns := make([]string, len(row))
	for i, cell := range row {
		cell = strings.TrimSpace(cell)
		lower := strings.ToLower(cell)
		if slices.Contains(csvReserved, lower) {
			cell = lower
		}
		switch {
		case cell == "":
			l.fail(pos, "the first row names the columns", "column %d has no heading", i+1)
		case len(row) == 1 && strings.ContainsAny(cell, ";\t"):
			l.fail(pos, "save the file with commas", "the columns are not separated by commas")
		case slices.Contains(columns[:i], cell):
			l.fail(pos, "", "the column %q stands twice", cell)
		case secretKey(cell):
			l.fail(pos, "name a credential in the column credential", "the column %q is refused: every column but %s is a tag, and tags are printed", cell, strings.Join(csvReserved, ", "))
		case checkName(cell) != nil:
			l.fail(pos, "", "the heading of column %d %v", i+1, checkName(cell))
		case !slices.Contains(csvReserved, cell):
			if hint := spelling.DidYouMean(cell, csvReserved); hint != "" {
				l.warn(pos, hint, "the column %q is taken as a tag", cell)
			}
		}
		columns[i] = cell
	}
	if len(l.problems) == before && !slices.Contains(columns, "name") && !slices.Contains(columns, "address") {
		hint := "the first row must name the columns: name, address, ..."
		for _, c := range columns {
			if known := csvSynonyms[strings.ToLower(c)]; known != "" {
				hint = fmt.Sprintf("rename the column %q to %q", c, known)
				break
			}
		}
		l.fail(pos, hint, "neither a column name nor a column address")
	}
	return columns, len(l.problems) == before
}

func (l *loader) row(s *source, columns, row []string, pos Position) {
	d := deviceEntry{pos: pos}
	d.settings.tags = map[string]string{}
	for i, column := range columns {
		cell := given[string]{strings.TrimSpace(row[i]), pos, true}
		required := column == "name" || column == "address"
		switch {
		case cell.value == "" && required:
			l.fail(pos, "", "the %s is missing", column)
			return
		case cell.value == "":
		case strings.ContainsFunc(cell.value, unprintable):
			l.fail(pos, "", "the cell of column %q holds a control character", column)
		case column == "name":
			d.name = cell.value
		case column == "groups":
			d.groups = splitCell(cell)
		case column == "jump":
			d.settings.jump = given[[]given[string]]{splitCell(cell), pos, true}
		case slices.Contains(csvReserved, column):
			textKeys[column](l.notes, &d.settings, cell)
		default:
			d.settings.tags[column] = cell.value
		}
	}
	if !slices.Contains(columns, "address") {
		textKeys["address"](l.notes, &d.settings, given[string]{d.name, pos, true})
	}
	if !slices.Contains(columns, "name") {
		d.name = d.settings.address.value
	}
	if d.name != "" {
		s.devices = append(s.devices, d)
	}
}

func splitCell(c given[string]) []given[string] {
	var items []given[string]
	for item := range strings.SplitSeq(c.value, ";") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, given[string]{item, c.pos, true})
		}
	}
	return items
}
