package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/viptela"
)

const (
	zipMagic  = "PK\x03\x04"
	gzipMagic = "\x1f\x8b"
	oleMagic  = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
)

// packed are the beginnings of files that are packed in ways that are not read.
var packed = []string{"BZh", "\xfd7zXZ", "\x28\xb5\x2f\xfd", "7z\xbc\xaf", "Rar!"}

// stranger is a file that is something else than its flag says. Without a name it is none.
type stranger struct {
	name string
	kind reconcile.Kind // of the flag it belongs to; "" when to none
	hint string
}

// instead is the error that names both.
func (s stranger) instead(src Source) error {
	e := &Error{Path: src.Path, Err: fmt.Errorf("this is %s, and %s takes another file", s.name, flag(src.Kind)), Hint: s.hint}
	if s.kind != "" {
		e.Hint = "it belongs to " + flag(s.kind)
	}
	return e
}

// foreign recognises the beginning of what is no table.
func foreign(head []byte) stranger {
	for _, magic := range packed {
		if bytes.HasPrefix(head, []byte(magic)) {
			return stranger{name: "an archive of a kind that is not read here", hint: "unpack it first"}
		}
	}
	start := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte(oleMagic)):
		return stranger{name: "an old Excel workbook (.xls) or one with a password", hint: "save it as .xlsx without a password, or as CSV"}
	case bytes.HasPrefix(head, []byte(gzipMagic)), isTar(head):
		return stranger{name: "a packed file", kind: reconcile.Log}
	case bytes.HasPrefix(start, []byte("<")):
		return stranger{name: "a web page or XML", hint: "the session of the portal may have ended: export it again"}
	case bytes.HasPrefix(start, []byte("{")), bytes.HasPrefix(start, []byte("[{")), bytes.HasPrefix(start, []byte("[\n")):
		if isRun(start) {
			return stranger{name: "a run of this program", kind: reconcile.Runs}
		}
		if json.Valid(start) || bytes.Contains(start[:min(len(start), 200)], []byte(`":`)) {
			return stranger{name: "JSON", hint: "export it as CSV"}
		}
	case bytes.IndexByte(head[:min(len(head), 4096)], 0) >= 0:
		return stranger{name: "no text", hint: "give the file as the portal exports it"}
	}
	if line, _, _ := bytes.Cut(head, []byte("\n")); viptela.IsLogLine(line) {
		return stranger{name: "a log", kind: reconcile.Log}
	}
	return stranger{}
}

// isRun recognises the beginning of our own JSON.
func isRun(head []byte) bool {
	head = head[:min(len(head), 300)]
	return bytes.Contains(head, []byte(`"schema"`)) && bytes.Contains(head, []byte(`"kind"`)) && bytes.Contains(head, []byte(`"run"`))
}

// isTar recognises the header of an archive by its sum.
func isTar(head []byte) bool {
	if len(head) < 512 {
		return false
	}
	var sum, told int64
	for i, b := range head[:512] {
		if i >= 148 && i < 156 {
			b = ' '
		}
		sum += int64(b)
	}
	digits := bytes.Trim(head[148:156], " \x00")
	for _, d := range digits {
		if d < '0' || d > '7' {
			return false
		}
		told = told*8 + int64(d-'0')
	}
	return len(digits) > 0 && told == sum && sum > 8*' '
}

var errNoLog = errors.New("no line looks like vmanage-server.log: none begins with a time, none is about a report")
