package input

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"slpdoctor/internal/reconcile"
)

// row is a row of a table. Its cells are valid until the next one is read.
type row struct {
	line  int // from 1
	cells []string
	err   error // why the row is none
}

// rows yields rows until io.EOF. Trouble with one row is in the row.
type rows interface{ next() (row, error) }

const (
	headSize = 64 << 10 // bytes among which the heading is looked for
	headRows = 60
	longRow  = 1 << 20 // bytes; a quote that is never closed makes a row of a whole file
)

var errLongRow = fmt.Errorf("a row is longer than %d KiB: a double quote is not closed, or this is no export", longRow>>10)

// text decodes what has a byte order mark or is UTF-16 without one.
func text(r *bufio.Reader) (*bufio.Reader, error) {
	head, err := peek(r, 256)
	if err != nil {
		return nil, err
	}
	var enc transform.Transformer
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := r.Discard(3)
		return r, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		enc = utf.UTF16(utf.LittleEndian, utf.UseBOM).NewDecoder()
	case len(head) > 3 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		enc = utf.UTF16(utf.LittleEndian, utf.IgnoreBOM).NewDecoder()
	case len(head) > 3 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		enc = utf.UTF16(utf.BigEndian, utf.IgnoreBOM).NewDecoder()
	default:
		return r, nil
	}
	return bufio.NewReaderSize(transform.NewReader(r, enc), headSize), nil
}

// csvRows are the rows of a text.
type csvRows struct {
	csv   *csv.Reader
	guard *guard
	page  string // the code page of the last cell that was not UTF-8
}

// guard ends a row that does not end, before it fills the memory.
type guard struct {
	io.Reader
	since int64 // bytes since the last row
	ended bool  // the last byte ends a line
}

func (g *guard) Read(p []byte) (int, error) {
	if g.since > longRow {
		return 0, errLongRow
	}
	n, err := g.Reader.Read(p)
	g.since += int64(n)
	if n > 0 {
		g.ended = p[n-1] == '\n'
	}
	return n, err
}

func newCSV(r io.Reader, comma rune) *csvRows {
	g := &guard{Reader: r}
	c := &csvRows{csv: csv.NewReader(g), guard: g}
	c.csv.Comma, c.csv.FieldsPerRecord, c.csv.ReuseRecord = comma, -1, true
	c.csv.TrimLeadingSpace = comma != '\t'
	return c
}

func (c *csvRows) next() (row, error) {
	cells, err := c.csv.Read()
	c.guard.since = 0
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		if errors.Is(err, errLongRow) {
			return row{}, errLongRow
		}
		return row{line: bad.StartLine, err: fmt.Errorf("this is no CSV: %w", bad.Err)}, nil
	}
	if err != nil {
		return row{}, err
	}
	line, _ := c.csv.FieldPos(0)
	for i, cell := range cells {
		if !utf8.ValidString(cell) {
			cells[i], c.page = ansi(cell)
		}
	}
	return row{line: line, cells: cells}, nil
}

// ansi decodes what spreadsheets save without a mark, and names its code page: Korean ones write Hangul in pairs of
// bytes, and where a cell is no such pairs, Windows-1252 has a character for every byte.
func ansi(cell string) (decoded, page string) {
	hangul, high := 0, 0
	pairs, _ := korean.EUCKR.NewDecoder().String(cell) // what is no pair becomes no Hangul
	for _, r := range pairs {
		if unicode.Is(unicode.Hangul, r) {
			hangul++
		}
	}
	for _, b := range []byte(cell) {
		if b >= utf8.RuneSelf {
			high++
		}
	}
	if high == 2*hangul {
		return pairs, "Windows-949"
	}
	decoded, _ = charmap.Windows1252.NewDecoder().String(cell)
	return decoded, "Windows-1252"
}

// separators are what columns are separated with; the first is taken where they fit alike.
var separators = []rune{',', ';', '\t', '|'}

// separator is the one with which the beginning of a text shows the best heading; where no heading is known, the one that
// makes the most columns.
func separator(head []byte, kind reconcile.Kind) rune {
	best := separators[0]
	var bestHeading heading
	wanted := false
	most := 1
	for _, comma := range separators {
		first, _ := firstRows(newCSV(bytes.NewReader(head), comma))
		h, other := find(first, kind)
		if n := widest(first); bestHeading.shape == nil && n > most {
			best, most = comma, n
		}
		fits := h.whole && h.shape != nil
		if !fits && (h.shape == nil || other.whole) {
			h = other
		}
		if h.shape != nil && (bestHeading.shape == nil || fits && !wanted || fits == wanted && h.better(bestHeading)) {
			best, bestHeading, wanted = comma, h, fits
		}
	}
	return best
}

// widest is the number of cells of the first row that has more than one.
func widest(first []row) int {
	for _, r := range first {
		if len(r.cells) > 1 {
			return len(r.cells)
		}
	}
	return 1
}

// firstRows are the rows among which the heading is looked for, and why there are no more.
func firstRows(rs rows) ([]row, error) {
	var out []row
	for len(out) < headRows {
		r, err := rs.next()
		if err != nil {
			return out, err
		}
		r.cells = slices.Clone(r.cells)
		out = append(out, r)
	}
	return out, nil
}
