package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/viptela"
)

const chunkSize = 1 << 20 // bytes that are looked at at once

// scan searches one log.
type scan struct {
	*viptela.LogScanner
	input int
	cut   int // pieces of lines that are longer than is looked at
	head  []byte
}

// read searches a log to its end. The error is that of the reader or of the context; what stands before it is kept.
func (s *scan) read(ctx context.Context, r io.Reader) error {
	buf := make([]byte, 0, viptela.Behind+chunkSize)
	from := 0 // what stands before was searched, and is kept for the beginnings of lines
	for {
		var err error
		buf, err = fill(r, buf)
		if len(s.head) == 0 {
			s.head = slices.Clone(buf[:min(len(buf), 4096)])
		}
		to := from + bytes.LastIndexByte(buf[from:], '\n') + 1
		switch {
		case err != nil:
			to = len(buf)
		case to == from:
			to = len(buf) - viptela.Ahead
			s.cut++
		}
		s.Search(buf, from, to)
		if err != nil {
			s.End(len(buf) > 0 && buf[len(buf)-1] != '\n')
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		drop := max(0, to-viptela.Behind)
		from = to - drop
		buf = buf[:copy(buf, buf[drop:])]
	}
}

// fill reads until the capacity is used or no more comes.
func fill(r io.Reader, buf []byte) ([]byte, error) {
	var err error
	for err == nil && len(buf) < cap(buf) {
		var n int
		n, err = r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
	}
	return buf, err
}

// finishLog adds a log that was read.
func (r *reader) finishLog(s *scan) {
	d := r.data
	if d.Reports == nil {
		d.Reports = &reconcile.ReportLog{}
	}
	d.Reports.Lines += s.Lines
	r.licences = r.licences || s.Licences
	if !s.First.IsZero() && (d.Reports.First == nil || s.First.Before(*d.Reports.First)) {
		d.Reports.First = &s.First
	}
	if !s.Last.IsZero() {
		d.Inputs[s.input].Time = &s.Last
		if d.Reports.Last == nil || s.Last.After(*d.Reports.Last) {
			d.Reports.Last = &s.Last
		}
	}
	switch {
	case s.Lines == 0:
		r.note(s.input, "the log is empty")
	case s.Last.IsZero():
		r.note(s.input, "its lines have no time")
	}
	if len(s.Zones) > 0 {
		r.note(s.input, "its times are in %s and are taken for UTC", strings.Join(s.Zones, ", "))
	}
	if s.cut > 0 {
		r.note(s.input, "it has lines longer than %d KiB", chunkSize>>10)
	}
	if s.Repeated > 0 {
		r.note(s.input, "%s another log has too, and counted once", count(s.Repeated, "failed report is one that", "failed reports are ones that"))
	}
	if s.Crowded {
		r.note(s.input, "there are more than %d tenants or %d days: not all are listed", viptela.MaxTenants, viptela.MaxDays)
	}
}

// finish puts together what belongs to no single source.
func (r *reader) finish() {
	failures := map[string]reconcile.ReportFailure{}
	for _, f := range r.logs.Failures() {
		failures[f.Tenant] = failure(reconcile.Place{Input: f.File, Row: f.Line}, f.ReportFailure)
	}
	if r.data.Reports != nil {
		r.data.Reports.Foreign = !r.licences && len(failures) == 0
	}
	r.finishManagers(failures)
	if r.data.Reports == nil {
		return
	}
	for _, tenant := range slices.Sorted(maps.Keys(failures)) {
		r.data.Reports.Failures = append(r.data.Reports.Failures, failures[tenant])
	}
}

// failure is what was counted of a tenant, and the place of the last one.
func failure(at reconcile.Place, f diag.ReportFailure) reconcile.ReportFailure {
	return reconcile.ReportFailure{Place: at, Tenant: f.Tenant, Count: f.Count, Invalid: f.Invalid, Instance: strings.ToLower(f.Instance),
		First: f.First, Last: f.Last, PerDay: f.PerDay, Text: f.Text}
}

// partial says that a log was not read to its end.
func (r *reader) partial(input int, err error) {
	why := fmt.Sprintf("it is damaged (%v): what stands before was read", err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		why = "it is cut: what stands before the cut was read"
	case errors.Is(err, errUnpacked):
		why = fmt.Sprintf("only its first %s unpacked were read: unpack it and name the log itself", size(r.o.Unpacked))
	}
	r.note(input, "%s", why)
	r.data.Reports.Partial = true
}

// size is a number of bytes for people.
func size(n int64) string {
	for _, u := range []struct {
		unit string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size {
			return fmt.Sprintf("%d %s", n/u.size, u.unit)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
