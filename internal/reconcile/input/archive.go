package input

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"

	"slpdoctor/internal/reconcile"
)

const (
	logDir  = "var/log/nms"
	logName = "vmanage-server.log"
	maxLogs = 1000 // of an archive
)

var errUnpacked = errors.New("it unpacks to more than is read")

// bounded reads what is unpacked until the bound of a source is used up or the context ends.
type bounded struct {
	io.Reader
	ctx  context.Context
	left *int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, b.ctx.Err()
	}
	if *b.left <= 0 {
		// Only what has more is too long.
		if n, err := b.Reader.Read(p[:min(len(p), 1)]); n == 0 && err != nil {
			return 0, err
		}
		return 0, errUnpacked
	}
	n, err := b.Reader.Read(p[:min(int64(len(p)), *b.left)])
	*b.left -= int64(n)
	return n, err
}

// log reads a log, or those of an admin-tech archive. Nothing of an archive is written anywhere.
func (r *reader) log(path string, f io.Reader) error {
	left := r.o.Unpacked
	raw := bufio.NewReaderSize(f, headSize)
	head, err := peek(raw, 1024)
	if err != nil {
		return failed(path, err)
	}
	for _, magic := range append([]string{zipMagic, oleMagic}, packed...) {
		if bytes.HasPrefix(head, []byte(magic)) {
			return &Error{Path: path, Err: errors.New("this is no log: an archive of a kind that is not read here, or a spreadsheet"), Hint: "gz, tar and plain text are read: unpack it first"}
		}
	}
	if bytes.HasPrefix(head, []byte(gzipMagic)) {
		z, err := gzip.NewReader(raw)
		if err != nil {
			return &Error{Path: path, Err: fmt.Errorf("this is no complete gz file: %w", err)}
		}
		raw = bufio.NewReaderSize(&bounded{z, r.ctx, &left}, headSize)
		head, _ = raw.Peek(1024) // an error comes again when it is read
	}
	if isTar(head) {
		return r.archive(path, raw, &left)
	}
	t, err := text(raw)
	if err != nil {
		t = raw
	}
	s, err := r.one(path, t)
	if err != nil {
		return err
	}
	if s.Lines > 0 && s.Last.IsZero() && s.First.IsZero() && s.Found == 0 {
		return notLog(path, s.head)
	}
	return nil
}

// one reads a single log.
func (r *reader) one(name string, from io.Reader) (*scan, error) {
	in := r.begin(reconcile.Log, name)
	s := &scan{LogScanner: r.logs.Scan(in), input: in}
	err := s.read(r.ctx, from)
	if r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	r.finishLog(s)
	if err != nil {
		r.partial(s.input, err)
	}
	return s, nil
}

// notLog is the error for what has nothing of a log.
func notLog(path string, head []byte) error {
	if s := foreign(head); s.name != "" && s.kind != reconcile.Log {
		return s.instead(Source{reconcile.Log, path})
	}
	first, _ := firstRows(newCSV(bytes.NewReader(head), separator(head, reconcile.Log)))
	if _, h := find(first, reconcile.Log); h.shape != nil && h.whole {
		return stranger{name: h.shape.what, kind: h.shape.kinds[0]}.instead(Source{reconcile.Log, path})
	}
	return &Error{Path: path, Err: errNoLog, Hint: "it stands in an admin-tech archive as " + logDir + "/" + logName}
}

// archive reads the logs among the entries of an archive: plain files in their folder, and nothing else.
func (r *reader) archive(name string, in io.Reader, left *int64) error {
	physical, scanned := int64(math.MaxInt64), r.o.Unpacked // a sparse entry is longer than what is kept of it
	t := tar.NewReader(&bounded{in, r.ctx, &physical})
	entries, odd, logs := 0, 0, 0
	var last int
	var stopped error
	for stopped == nil {
		h, err := t.Next()
		if err != nil {
			stopped = err
			break
		}
		entries++
		wanted, plain := ours(h)
		switch {
		case wanted && !plain:
			odd++
		case wanted && logs == maxLogs:
			stopped = fmt.Errorf("it has more than %d logs", maxLogs)
		case wanted:
			logs++
			if last, err = r.entry(name+":"+h.Name, &bounded{t, r.ctx, &scanned}, left); err != nil {
				return err
			}
		}
	}
	switch {
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case logs == 0 && !errors.Is(stopped, io.EOF):
		return &Error{Path: name, Err: fmt.Errorf("the archive is cut or damaged before its log (%w)", stopped), Hint: "download it again"}
	case logs == 0 && odd > 0:
		return &Error{Path: name, Err: fmt.Errorf("%s named like %s, and none is a plain file at a path inside the archive", count(odd, "entry is", "entries are"), logName), Hint: "download it again"}
	case logs == 0:
		return &Error{Path: name, Err: fmt.Errorf("the archive has no %s/%s among %s", logDir, logName, count(entries, "entry", "entries")), Hint: "give the admin-tech of vManage itself"}
	case !errors.Is(stopped, io.EOF):
		r.partial(last, stopped)
	}
	if odd > 0 {
		r.note(last, "%s of the archive named like the log left out: no plain file, or a path that leaves the archive", count(odd, "entry", "entries"))
	}
	return nil
}

// ours reports whether an entry is named like the log, and whether it is a plain file at a plain path.
func ours(h *tar.Header) (named, plain bool) {
	if len(h.Name) > 1000 || !strings.HasPrefix(path.Base(h.Name), logName) {
		return false, false
	}
	dir := path.Dir(h.Name)
	if clean := path.Clean("/" + dir); clean != "/"+logDir && !strings.HasSuffix(clean, "/"+logDir) {
		return false, false
	}
	safe := !slices.Contains(strings.Split(h.Name, "/"), "..") && !strings.ContainsAny(h.Name, "\\\x00")
	return true, safe && h.Typeflag == tar.TypeReg
}

// entry reads a log of an archive, and is its input.
func (r *reader) entry(name string, in io.Reader, left *int64) (int, error) {
	raw := bufio.NewReaderSize(in, headSize)
	head, _ := raw.Peek(1024)
	if bytes.HasPrefix(head, []byte(gzipMagic)) {
		z, err := gzip.NewReader(raw)
		if err == nil {
			raw = bufio.NewReaderSize(&bounded{z, r.ctx, left}, headSize)
			if head, _ = raw.Peek(1024); isTar(head) || bytes.HasPrefix(head, []byte(gzipMagic)) {
				err = errors.New("an archive inside the archive is not read")
			}
		}
		if err != nil {
			raw = bufio.NewReader(broken{err})
		}
	}
	s, err := r.one(name, raw)
	if err != nil {
		return 0, err
	}
	return s.input, nil
}

// broken is what can not be read at all.
type broken struct{ error }

func (b broken) Read([]byte) (int, error) { return 0, b.error }
