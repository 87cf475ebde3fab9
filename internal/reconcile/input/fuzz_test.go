package input_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/input"
)

// fuzzed reads bytes: it ends, in data or in an error that names its place.
func fuzzed(t *testing.T, kind reconcile.Kind, text []byte) *reconcile.Data {
	var d reconcile.Data
	err := input.Read(t.Context(), &d, []input.Source{{Kind: kind, Path: "-"}}, input.Options{Stdin: bytes.NewReader(text), Unpacked: 1 << 20})
	if err == nil {
		return &d
	}
	if e, ok := errors.AsType[*input.Error](err); !ok || !strings.HasPrefix(e.Path, "-") || e.Err == nil {
		t.Errorf("the error is %#v", err)
	}
	return nil
}

func FuzzTables(f *testing.F) {
	for _, s := range []string{overview, "\ufeff" + overview, utf16le(overview, true), inventory + "L,Prepaid,\"1,300\",(7),-,-7\n", instances + "\"UDI_PID:X; UDI_SN:Y\",T,L,1\n",
		"Hostname,UUID,License\na,b,\"L\nM\"\n", "sep=;\nLicense;Authorized;Required\nL;1;2\n", "<html>", "{\"kind\":1}", "PK\x03\x04"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, kind := range []reconcile.Kind{reconcile.VManage, reconcile.CSSM, reconcile.Instances} {
			d := fuzzed(t, kind, text)
			if d == nil {
				continue
			}
			for _, v := range d.VManage {
				if v.License == "" || v.Licensed != nil && *v.Licensed < 0 || v.Row < 2 {
					t.Errorf("%+v", v)
				}
			}
			for _, v := range d.Balances {
				if v.License == "" || v.InUse != nil && *v.InUse < 0 || v.Row < 2 {
					t.Errorf("%+v", v)
				}
			}
		}
	})
}

func FuzzLogs(f *testing.F) {
	log := monthly(time.Date(2025, 7, 15, 0, 0, 0, 0, time.UTC), 3)
	for _, s := range []string{log, gz(log), tape(plainEntry("var/log/nms/vmanage-server.log", log)), gz(tape(plainEntry("x/var/log/nms/vmanage-server.log.1.gz", gz(log)))), utf16be(log, true), unknownID} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d := fuzzed(t, reconcile.Log, text)
		if d == nil {
			return
		}
		if d.Reports == nil || d.Reports.Lines < 0 {
			t.Fatalf("%+v", d.Reports)
		}
		for _, v := range d.Reports.Failures {
			days := 0
			for _, n := range v.PerDay {
				days += n
			}
			if v.Count < 1 || v.Invalid > v.Count || days > v.Count || v.Input >= len(d.Inputs) {
				t.Errorf("%+v", v)
			}
		}
	})
}

func FuzzRuns(f *testing.F) {
	for _, s := range []string{`{"schema":1,"kind":"run","run":{"mode":"run"},"devices":[{"name":"a","facts":{"licenses":["x (y)"],"counts":{"x (y)":2}}}]}`, `{"schema":1,"kind":"run"} {"schema":1,"kind":"device","name":"a"}`, "r1#show version\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) { fuzzed(t, reconcile.Runs, text) })
}

func FuzzWorkbooks(f *testing.F) {
	f.Add([]byte("<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c></row>"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) < 4096 {
			fuzzed(t, reconcile.CSSM, []byte(sheetBook(t, sheetHead+string(text)+sheetEnd)))
		}
	})
}
