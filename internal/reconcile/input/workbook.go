package input

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Bounds of a workbook. A sheet has at most 1,048,576 rows.
const (
	maxWorkbook = 64 << 20  // bytes of the file
	maxUnzipped = 256 << 20 // bytes of all its parts
	maxParts    = 10_000
	maxColumns  = 512
	maxCells    = 64_000_000 // of a sheet, empty ones between others included
	sheetRows   = 1 << 20
)

var errDamaged = errors.New("the workbook is damaged")

// workbook reads the sheet of a workbook with a heading that fits. Formulas have the value that was saved with them.
func (r *reader) workbook(s Source, f *file, raw io.Reader) (err error) {
	defer func() { // the library indexes what a hostile workbook says
		if p := recover(); p != nil {
			err = &Error{Path: s.Path, Err: fmt.Errorf("%w: %v", errDamaged, p), Hint: "export it again, or save it as CSV"}
		}
	}()
	data, err := io.ReadAll(io.LimitReader(raw, maxWorkbook+1))
	if err != nil {
		return failed(s.Path, err)
	}
	if err := fits(data); err != nil {
		return &Error{Path: s.Path, Err: err, Hint: "export it again, or save it as CSV"}
	}
	// Equal limits: nothing is unpacked into files.
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped})
	if err != nil {
		return &Error{Path: s.Path, Err: fmt.Errorf("%w: %w", errDamaged, err), Hint: "export it again, or save it as CSV"}
	}
	defer book.Close()
	if !complete(book) {
		return &Error{Path: s.Path, Err: fmt.Errorf("%w: a sheet is cut", errDamaged), Hint: "export it again, or save it as CSV"}
	}
	name, hidden, err := r.pickSheet(book, s)
	if err != nil {
		return err
	}
	p := &sheet{Source: s, reader: r, where: fmt.Sprintf("%s sheet %.60q", s.Path, name), modified: f.modified, ragged: true}
	rs, err := openSheet(book, name)
	if err != nil {
		return &Error{Path: p.where, Err: err}
	}
	p.old = rs.old
	first, err := firstRows(rs)
	if err := p.read(first, rs, err); err != nil {
		return err
	}
	if len(hidden) > 0 {
		r.note(p.input, "%s hidden and not read: %s", pick(len(hidden), "a sheet is", "sheets are"), quoted(hidden))
	}
	return nil
}

// fits refuses what is no workbook or would unpack to too much.
func fits(data []byte) error {
	if len(data) > maxWorkbook {
		return fmt.Errorf("the workbook is larger than %d MiB", maxWorkbook>>20)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	book, size := false, uint64(0)
	for _, part := range z.File {
		book = book || strings.EqualFold(part.Name, "xl/workbook.xml")
		if size += min(part.UncompressedSize64, maxUnzipped+1); size > maxUnzipped {
			return fmt.Errorf("the workbook unpacks to more than %d MiB", maxUnzipped>>20)
		}
	}
	switch {
	case len(z.File) > maxParts:
		return fmt.Errorf("the workbook has more than %d parts", maxParts)
	case !book:
		return errors.New("this is a zip archive and no workbook")
	}
	for _, part := range z.File { // the library takes what it can get of a part and does not look at its sum
		if err := unpacks(part); err != nil {
			return fmt.Errorf("%w: %.60q: %w", errDamaged, part.Name, err)
		}
	}
	return nil
}

// unpacks reads a part to its end: it has the length and the sum it says.
func unpacks(part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// complete reports whether every sheet has its end: the library takes a broken one for a short one.
func complete(book *excelize.File) bool {
	whole := true
	book.Pkg.Range(func(name, part any) bool {
		if path, ok := name.(string); ok && strings.HasPrefix(path, "xl/worksheets/sheet") {
			text, _ := part.([]byte)
			whole = bytes.HasSuffix(bytes.TrimSpace(text), []byte("worksheet>"))
		}
		return whole
	})
	return whole
}

// pickSheet is the visible sheet that fits, and the hidden ones. When none does it is the first, for its error.
func (r *reader) pickSheet(book *excelize.File, s Source) (name string, hidden []string, err error) {
	var visible, fit []string
	for _, sheet := range book.GetSheetList() {
		if shown, err := book.GetSheetVisible(sheet); err != nil || !shown {
			hidden = append(hidden, sheet)
			continue
		}
		visible = append(visible, sheet)
		rs, err := openSheet(book, sheet)
		if err != nil {
			continue // a chart has no rows
		}
		first, _ := firstRows(rs)
		if h, _ := find(first, s.Kind); h.whole && h.shape != nil {
			fit = append(fit, sheet)
		}
	}
	switch {
	case len(fit) == 1:
		return fit[0], hidden, nil
	case len(fit) > 1:
		return "", nil, &Error{Path: s.Path, Err: fmt.Errorf("several sheets have the headings of such an export: %s", quoted(fit)), Hint: "leave one of them in the workbook"}
	case len(visible) == 0:
		return "", nil, &Error{Path: s.Path, Err: errors.New("the workbook has no visible sheet"), Hint: "export it again, or save it as CSV"}
	}
	return visible[0], hidden, nil
}

// sheetReader are the rows of a sheet.
type sheetReader struct {
	rows  *excelize.Rows
	line  int
	cells int
	old   bool // days are counted from 1904
}

func openSheet(book *excelize.File, name string) (*sheetReader, error) {
	rs, err := book.Rows(name)
	if err != nil {
		return nil, err
	}
	props, err := book.GetWorkbookProps()
	return &sheetReader{rows: rs, old: err == nil && props.Date1904 != nil && *props.Date1904}, nil
}

func (s *sheetReader) next() (row, error) {
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return row{}, err
		}
		return row{}, io.EOF
	}
	if s.line++; s.line > sheetRows {
		return row{}, fmt.Errorf("%w: it has more than %d rows", errDamaged, sheetRows)
	}
	cells, err := s.rows.Columns()
	if err != nil {
		return row{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if s.cells += len(cells); len(cells) > maxColumns {
		return row{}, fmt.Errorf("%w: it has more than %d columns", errDamaged, maxColumns)
	} else if s.cells > maxCells {
		return row{}, fmt.Errorf("%w: it has more than %d cells", errDamaged, maxCells)
	}
	for i, c := range cells {
		cells[i] = s.moment(c)
	}
	return row{line: s.line, cells: cells}, nil
}

// moment writes a date as text: workbooks keep days since 1900 with a fraction. Counts are whole numbers, so a number
// with a fraction can be nothing else.
func (s *sheetReader) moment(cell string) string {
	whole, fraction, _ := strings.Cut(cell, ".")
	if len(whole) != 5 || strings.Trim(fraction, "0") == "" {
		return cell
	}
	return calendar(cell, s.old)
}

// calendar is a number of days as a date, if it is one that is believable.
func calendar(cell string, old bool) string {
	days, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return cell
	}
	t, err := excelize.ExcelDateToTime(days, old)
	if err != nil || !believable(t) {
		return cell
	}
	return t.Format("2006-01-02 15:04:05")
}
