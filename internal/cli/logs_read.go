package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"slpdoctor/internal/message"
)

const (
	longestLine = 1 << 20 // bytes of a log line that are looked at
	readAhead   = 256 << 10
)

// logFile is what was read of one file.
type logFile struct {
	Path      string  `json:"path"`      // "-" for standard input
	Lines     int     `json:"lines"`     //
	Messages  int     `json:"messages"`  // of any kind
	Licensing int     `json:"licensing"` // that may be about licensing
	CutLines  int     `json:"cut_lines"` // longer than is looked at
	Problem   *string `json:"problem"`   // why it could not be read to its end; null when it could
}

// logSet is what a list of log files holds.
type logSet struct {
	triage message.Triage
	files  []logFile
}

// read streams one file into the triage. device names lines that name none. Only the context's end is an
// error: what is wrong with the file is in its logFile.
func (s *logSet) read(ctx context.Context, r io.Reader, path, device string) error {
	f := logFile{Path: path}
	head := bufio.NewReaderSize(r, readAhead)
	text, binary, err := plainText(head)
	if err != nil {
		return s.end(&f, err)
	}
	var broken error
	wants := func(facility, mnemonic string) bool {
		f.Messages++
		return message.Wanted(facility, mnemonic)
	}
	for e := range message.Some(f.numbered(ctx, text, &broken), wants) {
		f.Licensing++
		name := device
		if e.Host != "" {
			name = e.Host
		}
		s.triage.Add(name, path, e)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case broken == nil && f.Licensing == 0 && binary:
		broken = errors.New("this is not text")
	}
	return s.end(&f, broken)
}

func (s *logSet) end(f *logFile, broken error) error {
	if broken != nil {
		why := broken.Error()
		if errors.Is(broken, io.ErrUnexpectedEOF) {
			why = "it is cut: what stands before the cut was read"
		}
		f.Problem = &why
	}
	s.files = append(s.files, *f)
	return nil
}

// plainText unpacks gzip and decodes UTF-16, and says whether the beginning looks like no text.
func plainText(r *bufio.Reader) (text *bufio.Reader, binary bool, err error) {
	head, _ := r.Peek(4)
	for _, magic := range []string{"PK\x03\x04", "BZh", "\xfd7zX", "\x28\xb5\x2f\xfd"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return nil, true, errors.New("it is packed in a way that is not read here (gz is): unpack it first")
		}
	}
	if bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		unpacked, err := gzip.NewReader(r)
		if err != nil {
			return nil, true, fmt.Errorf("it is no complete gz file: %w", err)
		}
		r = bufio.NewReaderSize(unpacked, readAhead)
		head, _ = r.Peek(4)
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		return bufio.NewReaderSize(transform.NewReader(r, decoder), readAhead), false, nil
	}
	head, _ = r.Peek(4096)
	return r, bytes.IndexByte(head, 0) >= 0, nil
}

// numbered yields the lines of a log with their numbers until it ends, breaks or the context ends.
func (f *logFile) numbered(ctx context.Context, r *bufio.Reader, broken *error) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		var long []byte // a line that does not fit into the reader
		cut := false
		for {
			part, err := r.ReadSlice('\n')
			more := errors.Is(err, bufio.ErrBufferFull)
			if more || len(long) > 0 {
				room := longestLine - len(long)
				cut = cut || len(part) > room
				long = append(long, part[:min(len(part), room)]...)
				part = long
			}
			if more {
				continue
			}
			if err != nil && !errors.Is(err, io.EOF) {
				*broken = err
			}
			if len(part) > 0 {
				if f.Lines++; f.Lines%4096 == 0 && ctx.Err() != nil || !yield(f.Lines, string(part)) {
					return
				}
			}
			if cut {
				f.CutLines++
			}
			long, cut = long[:0], false
			if err != nil {
				return
			}
		}
	}
}

// logPath is one file to read, with the name of the device whose lines name none.
type logPath struct{ path, device string }

// logPaths are the files in the order in which to read them: of files that were rotated, the oldest first.
func logPaths(args []string, device string) ([]logPath, error) {
	if len(args) == 0 {
		args = []string{"-"}
	}
	var out []logPath
	for _, p := range oldestFirst(args) {
		if slices.ContainsFunc(out, func(l logPath) bool { return l.path == p }) {
			return nil, usage(fmt.Errorf("%s is given twice", p), "")
		}
		name := device
		if name == "" {
			name = logName(p)
		}
		if p != "-" {
			info, err := os.Stat(p)
			if err != nil {
				return nil, usage(err, "")
			}
			if info.IsDir() {
				return nil, usage(fmt.Errorf("%s is a folder", p), "name its files")
			}
		}
		out = append(out, logPath{p, name})
	}
	return out, nil
}

// rotated takes a name apart that a log rotation gave: base, number (the higher, the older) or date (the
// higher, the newer).
var rotated = regexp.MustCompile(`^(.+?)(?:\.(\d{1,4})|[.-](\d{8}(?:[-_T]?\d{2,6})?))?(?:\.gz)?$`)

// logName is the device that only the name of a file names.
func logName(path string) string {
	if path == "-" {
		return "stdin"
	}
	name := rotated.FindStringSubmatch(filepath.Base(path))[1]
	for _, ext := range []string{".txt", ".log"} {
		if short := strings.TrimSuffix(name, ext); short != "" {
			name = short
		}
	}
	return name
}

// oldestFirst puts the rotated files of one log into the order of time, in the places where they stand:
// position decides about before and after, and a shell lists messages before messages.1.
func oldestFirst(paths []string) []string {
	age := func(p string) (base string, age float64) {
		m := rotated.FindStringSubmatch(filepath.Base(p))
		if m == nil {
			return p, 0
		}
		base = filepath.Join(filepath.Dir(p), m[1])
		switch {
		case m[2] != "":
			n, _ := strconv.Atoi(m[2])
			return base, float64(n)
		case m[3] != "":
			digits := (onlyDigits(m[3]) + "000000")[:14]
			n, _ := strconv.ParseFloat(digits, 64)
			return base, 1e15 - n
		}
		return base, 0
	}
	places, members := map[string][]int{}, map[string][]string{}
	for i, p := range paths {
		base, _ := age(p)
		places[base] = append(places[base], i)
		members[base] = append(members[base], p)
	}
	out := slices.Clone(paths)
	for base, at := range places {
		slices.SortStableFunc(members[base], func(a, b string) int {
			_, x := age(a)
			_, y := age(b)
			return cmp.Compare(y, x)
		})
		for i, place := range at {
			out[place] = members[base][i]
		}
	}
	return out
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
