package input_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"slpdoctor/internal/reconcile"
)

// book is a workbook with the sheets in their order, as text.
func book(t *testing.T, change func(*excelize.File), sheets ...[][]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, rows := range sheets {
		name := "Sheet" + string(rune('1'+i))
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for j, cells := range rows {
			at, _ := excelize.CoordinatesToCellName(1, j+1)
			if err := f.SetSheetRow(name, at, &cells); err != nil {
				t.Fatal(err)
			}
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var inventoryRows = [][]any{
	{"Virtual Account: SDWAN"}, {"Exported", "2025-Aug-28 21:05:00 UTC"}, nil,
	{"License", "Billing", "Available to Use", "In Use", "Substitution", "Balance", "Alerts"},
	{"Routing DNA Advantage: Tier 1", "Prepaid", 300, 598, "-", -298, "Insufficient Licenses"},
	nil,
	{"Routing DNA Advantage: Tier 2", "Prepaid", "1,300", 315.0, 8, "(7)"},
	{"Total", nil, 1600, 913, 8, -305},
}

func TestWorkbook(t *testing.T) {
	text := book(t, func(f *excelize.File) {
		if err := f.SetSheetVisible("Sheet3", false); err != nil {
			t.Fatal(err)
		}
		style, err := f.NewStyle(&excelize.Style{NumFmt: 4}) // 1,300.00
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet2", "C5", "D5", style); err != nil {
			t.Fatal(err)
		}
	}, [][]any{{"About"}, {"this export"}}, inventoryRows, inventoryRows)
	d := reads(t, reconcile.CSSM, "licenses.xlsx", text)
	want := []reconcile.Balance{
		{Place: reconcile.Place{Row: 5}, License: "Routing DNA Advantage: Tier 1", Virtual: "SDWAN", Billing: "Prepaid", Available: new(int64(300)), InUse: new(int64(598)),
			Balance: new(int64(-298)), Alerts: "Insufficient Licenses"},
		{Place: reconcile.Place{Row: 7}, License: "Routing DNA Advantage: Tier 2", Virtual: "SDWAN", Billing: "Prepaid", Available: new(int64(1300)), InUse: new(int64(315)),
			Substituted: new(int64(8)), Balance: new(int64(-7))},
	}
	if diff := cmp.Diff(want, d.Balances); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1 row of totals or remarks left out", `a sheet is hidden and not read: "Sheet3"`}, d.Inputs[0].Notes); diff != "" {
		t.Error(diff)
	}
	if at := d.Inputs[0].Time; at == nil || !at.Equal(time.Date(2025, 8, 28, 21, 5, 0, 0, time.UTC)) {
		t.Errorf("time %v", at)
	}
}

// A date of a workbook is a number with a style.
func TestDatesOfAWorkbook(t *testing.T) {
	for _, at := range []time.Time{time.Date(2025, 8, 28, 21, 1, 17, 0, time.UTC), time.Date(2025, 8, 28, 12, 0, 0, 0, time.UTC), time.Date(2025, 8, 28, 0, 0, 0, 0, time.UTC)} {
		d := reads(t, reconcile.Instances, "instances.xlsx", book(t, nil, [][]any{{"Name", "Product Type", "Last Contact", "Licenses used"}, {"edge-1", "CEDGE", at, 45897}}))
		if v := d.Instances[0]; v.LastContact == nil || !v.LastContact.Equal(at) || *v.Used != 45897 {
			t.Errorf("%s: got %+v", at, v)
		}
	}
}

// A date that is only shown is shown as one.
func TestLastAssignedOfAWorkbook(t *testing.T) {
	at := time.Date(2025, 7, 18, 12, 0, 0, 0, time.UTC)
	d := reads(t, reconcile.VManage, "v.xlsx", book(t, nil, [][]any{{"Name", "Licensed Devices", "Total Licenses", "Last Assigned On"}, {"L", 298, 300, at}}))
	if got := d.VManage[0].LastAssigned; got != "2025-07-18 12:00:00" {
		t.Error(got)
	}
}

// parts are the parts of a zip archive.
func parts(t *testing.T, all map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// flipped is a workbook with another sum beside its sheet.
func flipped(t *testing.T, text string) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		r, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "xl/worksheets/sheet1.xml" {
			f.CRC32++
		}
		out, err := w.CreateRaw(&f.FileHeader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(out, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bomb is a workbook with a part of 32 MiB that says it has this size.
func bomb(t *testing.T, size uint64) string {
	t.Helper()
	var b, part bytes.Buffer
	w, err := flate.NewWriter(&part, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 32<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&b)
	for _, name := range []string{"xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		raw, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: size, CompressedSize64: uint64(part.Len())})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Write(part.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWorkbooksThatAreRefused(t *testing.T) {
	const other = "export it again, or save it as CSV"
	good := book(t, nil, inventoryRows)
	for name, c := range map[string]struct{ text, problem, hint string }{
		"two that fit": {book(t, nil, inventoryRows, inventoryRows), `l.xlsx: several sheets have the headings of such an export: "Sheet1", "Sheet2"`, "leave one of them in the workbook"},
		"none that fits": {book(t, nil, [][]any{{"License", "In Use", "Available"}}), `l.xlsx sheet "Sheet1":1: a column is missing to be a licence inventory of CSSM: ` +
			`wanted "Balance" (or Surplus/Shortage, Surplus (+) / Shortage (-)); found "License", "In Use", "Available"`, "export it again with all columns, or rename the column that holds it"},
		"swapped": {book(t, nil, [][]any{{"Name", "Number of Licensed Devices", "Number of Total Licenses"}}),
			`l.xlsx sheet "Sheet1":1: this is a License & Devices overview of vManage, and --cssm takes another file`, "it belongs to --vmanage or --vmanage-before"},
		"a bad number":     {book(t, nil, [][]any{{"License", "Available", "In Use", "Balance"}, {"L", 10, 5.25, 5}}), `l.xlsx sheet "Sheet1":2: column "In Use": "5.25" is no whole number`, ""},
		"a zip":            {parts(t, map[string]string{"a.txt": "x"}), "l.xlsx: this is a zip archive and no workbook", other},
		"a cut book":       {good[:len(good)/2], "l.xlsx: the workbook is damaged: zip: not a valid zip file", other},
		"a wrong sum":      {flipped(t, good), `l.xlsx: the workbook is damaged: "xl/worksheets/sheet1.xml": zip: checksum error`, other},
		"a bomb that lies": {bomb(t, 10), `l.xlsx: the workbook is damaged: "xl/workbook.xml": zip: not a valid zip file`, other},
		"a bomb": {bomb(t, 1<<40),
			"l.xlsx: the workbook unpacks to more than 256 MiB", other},
	} {
		t.Run(name, func(t *testing.T) {
			problem, hint := refuses(t, reconcile.CSSM, "l.xlsx", c.text)
			if problem != c.problem || hint != c.hint {
				t.Errorf("got  %s\nwant %s\nhint %q, want %q", problem, c.problem, hint, c.hint)
			}
		})
	}
}

// sheetBook is a workbook of one sheet with this XML.
func sheetBook(t *testing.T, sheet string) string {
	t.Helper()
	text := book(t, nil, inventoryRows)
	z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(part)
	}
	all["xl/worksheets/sheet1.xml"] = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + sheet
	return parts(t, all)
}

const sheetEnd = "</sheetData></worksheet>"

const sheetHead = `<row r="1"><c r="A1" t="inlineStr"><is><t>License</t></is></c><c r="B1" t="inlineStr"><is><t>Available</t></is></c>` +
	`<c r="C1" t="inlineStr"><is><t>In Use</t></is></c><c r="D1" t="inlineStr"><is><t>Balance</t></is></c></row>`

// A sheet that says more than it has ends in an error, soon.
func TestHostileSheets(t *testing.T) {
	row := `<row r="2"><c r="A2" t="inlineStr"><is><t>L</t></is></c><c r="B2"><v>10</v></c><c r="C2"><v>5</v></c><c r="D2"><v>5</v></c></row>`
	if d := reads(t, reconcile.CSSM, "l.xlsx", sheetBook(t, sheetHead+row+sheetEnd)); len(d.Balances) != 1 || *d.Balances[0].InUse != 5 {
		t.Fatalf("got %+v", d.Balances)
	}
	for name, c := range map[string]struct{ sheet, want string }{
		"a far row":       {sheetHead + `<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>` + sheetEnd, `the workbook is damaged: it has more than 1048576 rows`},
		"wide rows":       {sheetHead + strings.Repeat(`<row><c r="A2"><v>7</v></c><c r="B2"><v>1</v></c><c r="C2"><v>1</v></c><c r="D2"><v>1</v></c><c r="XFD1"><v>1</v></c></row>`, 100) + sheetEnd, `the workbook is damaged: it has more than 512 columns`},
		"a string beyond": {sheetHead + `<row r="2"><c r="A2" t="s"><v>999999999</v></c><c r="B2"><v>1</v></c><c r="C2"><v>x</v></c></row>` + sheetEnd, `column "In Use": "x" is no whole number`},
		"not closed":      {sheetHead + `<row r="2"><c r="A2"`, `the workbook is damaged: a sheet is cut`},
	} {
		t.Run(name, func(t *testing.T) {
			problem, _ := refuses(t, reconcile.CSSM, "l.xlsx", sheetBook(t, c.sheet))
			if !strings.Contains(problem, c.want) {
				t.Errorf("got %s, want ...%s...", problem, c.want)
			}
		})
	}
}
