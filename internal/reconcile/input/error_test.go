package input_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/input"
)

const (
	inventory = "License,Billing,Available to Use,In Use,Substitution,Balance\n"
	instances = "Product Instance,Product Type,License,Licenses used\n"
)

// Every error names the place, what is wrong with it and, where there is something to do, what.
func TestTablesThatAreRefused(t *testing.T) {
	const again = "export it again, or take the wrong one out"
	for name, c := range map[string]struct {
		kind          reconcile.Kind
		file, text    string
		problem, hint string
	}{
		"no number": {reconcile.CSSM, "l.csv", inventory + "L,Prepaid,10,many,0,5\n",
			`l.csv:2: column "In Use": "many" is no whole number`, ""},
		"half a licence": {reconcile.CSSM, "l.csv", inventory + "L,Prepaid,10,5.5,0,5\n",
			`l.csv:2: column "In Use": "5.5" is no whole number`, ""},
		"a negative count": {reconcile.VManage, "v.csv", "Name,Number of Licensed Devices,Number of Total Licenses\nL,-298,300\n",
			`v.csv:2: column "Number of Licensed Devices": "-298" is negative, and this count never is`, ""},
		"too large": {reconcile.CSSM, "l.csv", inventory + "\nK,Prepaid,1,1,0,0\nL,Prepaid,99999999999999999999999,5,0,5\n",
			`l.csv:4: column "Available to Use": "99999999999999999999999" is larger than 1000000000000, which no count of licences is`, ""},
		"no name": {reconcile.CSSM, "l.csv", inventory + ",Prepaid,10,5,0,5\n",
			`l.csv:2: column "License" is empty`, ""},
		"contradiction": {reconcile.CSSM, "l.csv", inventory + "L,Prepaid,10,5,0,5\nM,Prepaid,1,1,0,0\nL,Prepaid,10,6,0,4\n",
			"l.csv:4: the row contradicts line 2, which is about the same licence", "export it again, or take the wrong one out"},
		"contradicting instances": {reconcile.Instances, "i.csv", instances + "edge-1,CEDGE,L,1\nedge-1,CEDGE,L,2\n",
			"i.csv:3: the row contradicts line 2, which is about the same product instance and licence", again},
		"contradicting devices": {reconcile.VManage, "d.csv", "Hostname,UUID,License,Count\nedge-1,X,L,1\nedge-1,X,L,2\n",
			"d.csv:3: the row contradicts line 2, which is about the same device and licence", again},
		"a cut row": {reconcile.CSSM, "l.csv", inventory + "L,Prepaid,10,5,0,5\nM,Prep",
			"l.csv:3: the row has 2 cells, and needed columns stand behind them", "the file may be cut: export it again"},
		"an unquoted comma": {reconcile.CSSM, "l.csv", inventory + "L,Prepaid,1,300,5,0,1295\n",
			"l.csv:2: the row has 7 cells, and there are 6 headings", "a cell with a separator in it needs double quotes"},
		"an open quote": {reconcile.CSSM, "l.csv", inventory + "\"L,Prepaid,10,5,0,5\nM,Prepaid,1,1,0,0\n",
			`l.csv:2: this is no CSV: extraneous or missing " in quoted-field`, ""},
		"an endless row": {reconcile.CSSM, "l.csv", inventory + "\"" + strings.Repeat("x,", 2<<20),
			"l.csv: a row is longer than 1024 KiB: a double quote is not closed, or this is no export", ""},
		"a column is missing": {reconcile.CSSM, "l.csv", "License,In Use,Licences,Comment\nL,5,1,x\n",
			`l.csv:1: a column is missing to be a licence inventory of CSSM: wanted "Available to Use" (or Purchased, Available, Quantity, Purchased Quantity, Available Quantity, Total Available), ` +
				`"Balance" (or Surplus/Shortage, Surplus (+) / Shortage (-)); found "License", "In Use", "Licences", "Comment"`,
			"export it again with all columns, or rename the column that holds it"},
		"other headings": {reconcile.Before, "x.csv", "a,b\n1,2\n",
			`x.csv:1: no headings of an export that --vmanage-before takes: a License & Devices overview of vManage has "Name" (or License, License Name, License Type, Display Name); ` +
				`"Number of Licensed Devices" (or Licensed Devices, No. of Licensed Devices, Licensed Device Count); ` +
				`"Number of Total Licenses" (or Total Licenses, Total Number of Licenses, No. of Total Licenses, Total License Count); found "a", "b"`,
			"give the file as the portal exports it, or rename the headings: in another language they are not known"},
		"headings of another language, with semicolons": {reconcile.Before, "x.csv", "Stand 18.07.2025 12:44\nLizenz;Lizenzierte Geräte;Gesamt\nL;1;2\n",
			`x.csv:2: no headings of an export that --vmanage-before takes: a License & Devices overview of vManage has "Name" (or License, License Name, License Type, Display Name); ` +
				`"Number of Licensed Devices" (or Licensed Devices, No. of Licensed Devices, Licensed Device Count); ` +
				`"Number of Total Licenses" (or Total Licenses, Total Number of Licenses, No. of Total Licenses, Total License Count); found "Lizenz", "Lizenzierte Geräte", "Gesamt"`,
			"give the file as the portal exports it, or rename the headings: in another language they are not known"},
		"a heading twice": {reconcile.CSSM, "l.csv", "License,Available,In Use,Balance,in use\nL,1,1,0,1\n",
			`l.csv:1: the column "In Use" stands twice`, ""},
		"a licence twice, in another case": {reconcile.VManage, "v.csv", overview + "ROUTING DNA ADVANTAGE: TIER 3,8,8,-\n",
			"v.csv:4: the row contradicts line 3, which is about the same licence", "export it again, or take the wrong one out"},
		"cut within its last row": {reconcile.VManage, "v.csv", overview + "Routing DNA Essentials: Tier 1,30,3",
			"v.csv:4: the file ends within this row, before its last column", "the file may be cut: export it again"},
		"an empty file": {reconcile.CSSM, "l.csv", "",
			"l.csv: the file is empty, there are not even headings", "export it again"},
		"swapped for vmanage": {reconcile.VManage, "l.csv", inventory + "L,Prepaid,10,5,0,5\n",
			"l.csv:1: this is a licence inventory of CSSM, and --vmanage takes another file", "it belongs to --cssm"},
		"swapped for cssm": {reconcile.CSSM, "v.csv", overview,
			"v.csv:1: this is a License & Devices overview of vManage, and --cssm takes another file", "it belongs to --vmanage or --vmanage-before"},
		"swapped for instances": {reconcile.Instances, "v.csv", "A title\n" + overview,
			"v.csv:2: this is a License & Devices overview of vManage, and --cssm-instances takes another file", "it belongs to --vmanage or --vmanage-before"},
		"instances as inventory": {reconcile.CSSM, "i.csv", instances + "edge-1,CEDGE,L,1\n",
			"i.csv:1: this is a list of product instances of CSSM, and --cssm takes another file", "it belongs to --cssm-instances"},
		"devices as before": {reconcile.Before, "d.csv", "Hostname,UUID,License,Count\nedge-1,X,L,1\n",
			"d.csv:1: this is a list of devices and their licences from vManage, and --vmanage-before takes another file", "an earlier list of devices is not compared: give the earlier License & Devices overview"},
		"a log": {reconcile.CSSM, "s.log", "17-Jul-2025 09:11:12,123 UTC INFO  [vmanage] [X] (task-1) |default| text\n",
			"s.log: this is a log, and --cssm takes another file", "it belongs to --log"},
		"a packed file": {reconcile.CSSM, "s.gz", gz("17-Jul-2025"),
			"s.gz: this is a packed file, and --cssm takes another file", "it belongs to --log"},
		"an archive whose log leaves it": {reconcile.Log, "a.tar", tape(plainEntry("../../var/log/nms/vmanage-server.log", "x")),
			"a.tar: 1 entry is named like vmanage-server.log, and none is a plain file at a path inside the archive", "download it again"},
		"a run": {reconcile.CSSM, "r.json", `{"schema": 1, "kind": "run", "devices": []}`,
			"r.json: this is a run of this program, and --cssm takes another file", "it belongs to --runs"},
		"json": {reconcile.CSSM, "r.json", `[{"license": "L"}]`,
			"r.json: this is JSON, and --cssm takes another file", "export it as CSV"},
		"a web page": {reconcile.CSSM, "l.csv", "\n<!DOCTYPE html><html>",
			"l.csv: this is a web page or XML, and --cssm takes another file", "the session of the portal may have ended: export it again"},
		"an old workbook": {reconcile.CSSM, "l.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00",
			"l.xls: this is an old Excel workbook (.xls) or one with a password, and --cssm takes another file", "save it as .xlsx without a password, or as CSV"},
		"bzip2": {reconcile.CSSM, "l.bz2", "BZh91AY",
			"l.bz2: this is an archive of a kind that is not read here, and --cssm takes another file", "unpack it first"},
		"no text": {reconcile.CSSM, "l.bin", "\x7fELF\x00\x00\x00\x01",
			"l.bin: this is no text, and --cssm takes another file", "give the file as the portal exports it"},
	} {
		t.Run(name, func(t *testing.T) {
			problem, hint := refuses(t, c.kind, c.file, c.text)
			if problem != c.problem || hint != c.hint {
				t.Errorf("got  %s\nwant %s\nhint %q, want %q", problem, c.problem, hint, c.hint)
			}
		})
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "none.csv"): "none.csv: no such file or directory",
		dir:                            ": this is a folder",
		"-":                            "-: there is no standard input",
		"":                             "--cssm: the name of the file is empty",
	} {
		_, err := read(t, input.Source{Kind: reconcile.CSSM, Path: path})
		if _, ok := errors.AsType[*input.Error](err); !ok || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want ...%s", err, want)
		}
	}
}
