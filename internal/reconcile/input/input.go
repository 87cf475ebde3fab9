// Package input reads the files that reconcile compares: exports of vManage and CSSM as CSV or XLSX, logs of vManage
// plain, packed or inside an admin-tech archive, and runs and bundles of this program. It recognises what a file is by
// its content, so that a swapped file is an error and not a wrong verdict. It reads in bounded memory what is not kept,
// writes nothing, and asks nothing but the file system for a time. The command line uses it.
package input

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/viptela"
)

// Source is a file to read and what it is said to be, by the flag that named it.
type Source struct {
	Kind reconcile.Kind
	Path string // "-" is standard input
}

// Options say how to read. The zero value reads files and has no standard input.
type Options struct {
	Stdin    io.Reader // what "-" reads; one source can
	Unpacked int64     // how many bytes of a packed log are read; 0 stands for 32 GiB
}

const defaultUnpacked = 32 << 30

// Error is what is wrong with an input. Nothing that was read may be used then.
type Error struct {
	Path string
	Row  int // line of a text, row of a sheet; 0 when the whole input is meant
	Err  error
	Hint string // what to do; "" when there is nothing to say
}

// Error names the place and the trouble.
func (e *Error) Error() string {
	if e.Row > 0 {
		return fmt.Sprintf("%s:%d: %v", e.Path, e.Row, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.Path, e.Err)
}

// Unwrap is the trouble without its place.
func (e *Error) Unwrap() error { return e.Err }

// Read adds what the sources hold to data, in their order; an input of an archive is added for every log in it. The
// error is an *Error, or that of the context.
func Read(ctx context.Context, data *reconcile.Data, sources []Source, o Options) error {
	o.Unpacked = cmp.Or(o.Unpacked, defaultUnpacked)
	if err := distinct(sources); err != nil {
		return err
	}
	r := newReader(ctx, data, o)
	for _, s := range sources {
		if err := r.source(s); err != nil {
			return err
		}
	}
	r.finish()
	return nil
}

// distinct finds a file that is given twice to one flag: its units would be counted twice.
func distinct(sources []Source) error {
	type seen struct {
		Source
		info fs.FileInfo
	}
	var before []seen
	stdin := ""
	for _, s := range sources {
		if s.Path == "" {
			return &Error{Path: flag(s.Kind), Err: errors.New("the name of the file is empty")}
		}
		if s.Path == "-" {
			if stdin != "" {
				return &Error{Path: "-", Err: fmt.Errorf("standard input is named by %s and by %s", stdin, flag(s.Kind)), Hint: "name a file instead of one of the -"}
			}
			stdin = flag(s.Kind)
			continue
		}
		info, err := os.Stat(s.Path)
		if err != nil {
			return failed(s.Path, err)
		}
		for _, b := range before {
			switch {
			case !os.SameFile(b.info, info):
			case b.Kind == s.Kind:
				return &Error{Path: s.Path, Err: fmt.Errorf("the file is given twice to %s", flag(s.Kind)), Hint: "leave one of them"}
			case b.Kind == reconcile.VManage && s.Kind == reconcile.Before || b.Kind == reconcile.Before && s.Kind == reconcile.VManage:
				return &Error{Path: s.Path, Err: errors.New("the file is given as the export of now and as the one before"), Hint: "--vmanage-before takes an export of an earlier day"}
			}
		}
		before = append(before, seen{s, info})
	}
	return nil
}

func flag(k reconcile.Kind) string { return "--" + string(k) }

// reader is one call of Read.
type reader struct {
	ctx    context.Context
	data   *reconcile.Data
	o      Options
	tables tables
	logs   *viptela.Tally

	licences bool // some line of the logs is about smart licensing

	managers map[string]manager // the vManages of runs, by name
	asked    int                // how often one was read
}

func newReader(ctx context.Context, data *reconcile.Data, o Options) *reader {
	return &reader{ctx: ctx, data: data, o: o, tables: newTables(data), logs: viptela.NewTally()}
}

// source reads one source.
func (r *reader) source(s Source) error {
	if s.Kind == reconcile.Runs {
		return r.runs(s.Path)
	}
	f, err := r.open(s.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	if s.Kind == reconcile.Log {
		err = r.log(s.Path, f)
	} else {
		err = r.table(s, f)
	}
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	return err
}

// file is an open source.
type file struct {
	io.Reader
	io.Closer
	modified time.Time // zero for standard input
	size     int64     // bytes; 0 when not known
	consumed int64     // bytes
}

func (f *file) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	f.consumed += int64(n)
	return n, err
}

func (r *reader) open(path string) (*file, error) {
	if path == "-" {
		if r.o.Stdin == nil {
			return nil, &Error{Path: path, Err: errors.New("there is no standard input")}
		}
		return &file{Reader: r.o.Stdin, Closer: io.NopCloser(nil)}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, failed(path, err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		f.Close()
		return nil, failed(path, err)
	case info.IsDir():
		f.Close()
		return nil, &Error{Path: path, Err: errors.New("this is a folder"), Hint: "name its files"}
	case !info.Mode().IsRegular(): // a pipe has no size and no time worth the name
		return &file{Reader: f, Closer: f}, nil
	}
	return &file{Reader: f, Closer: f, modified: info.ModTime().UTC(), size: info.Size()}, nil
}

// failed is an error of the file system without the path, which stands before it.
func failed(path string, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return &Error{Path: path, Err: err}
}

// begin lists an input and is its index.
func (r *reader) begin(kind reconcile.Kind, path string) int {
	r.data.Inputs = append(r.data.Inputs, reconcile.Input{Kind: kind, Path: path, Notes: []string{}})
	return len(r.data.Inputs) - 1
}

func (r *reader) note(input int, format string, args ...any) {
	in := &r.data.Inputs[input]
	in.Notes = append(in.Notes, fmt.Sprintf(format, args...))
}

// count is a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// quoted lists names for an error, at most a screen line of each.
func quoted(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, fmt.Sprintf("%.60q", n))
	}
	return strings.Join(out, ", ")
}

// peek is the beginning of a stream, and its error unless that is its end.
func peek(r *bufio.Reader, n int) ([]byte, error) {
	head, err := r.Peek(n)
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		err = nil
	}
	return head, err
}
