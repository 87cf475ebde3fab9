package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/input"
)

// How much the readers of reconcile are given. The log is made while it is read and stands on no disk.
const (
	exportRows = 1_000_000
	logSize    = 5_000_000_000 // bytes, at least
	logBlock   = 16 << 20      // bytes that are repeated
)

// reading is one way to read one of the inputs: ours, or the least that any reader must do.
type reading struct {
	role, input, by string
	run             func(context.Context) (outcome, error)
}

// readings come in pairs: this program, and the base of its ratios.
var readings = []reading{
	{"reconcile-csv", "1,000,000 CSV rows", "slpdoctor", func(ctx context.Context) (outcome, error) {
		path, err := io.ReadAll(os.Stdin)
		if err != nil {
			return outcome{}, err
		}
		var d reconcile.Data
		err = input.Read(ctx, &d, []input.Source{{Kind: reconcile.Instances, Path: string(path)}}, input.Options{})
		return outcome{Outputs: len(d.Instances), Missing: exportRows - len(d.Instances)}, err
	}},
	{"reconcile-csv-alone", "1,000,000 CSV rows", "encoding/csv", func(context.Context) (outcome, error) {
		path, err := io.ReadAll(os.Stdin)
		if err != nil {
			return outcome{}, err
		}
		f, err := os.Open(string(path))
		if err != nil {
			return outcome{}, err
		}
		defer f.Close()
		return csvAlone(f)
	}},
	{"reconcile-log", "5 GB log", "slpdoctor", func(ctx context.Context) (outcome, error) { return readLog(ctx, newLog()) }},
	{"reconcile-log-alone", "5 GB log", "bufio.Scanner", func(context.Context) (outcome, error) { return linesAlone(newLog()) }},
	{"reconcile-gz", "5 GB log, gz", "slpdoctor", func(ctx context.Context) (outcome, error) { return readLog(ctx, newPackedLog()) }},
	{"reconcile-gz-alone", "5 GB log, gz", "gzip and Scanner", func(context.Context) (outcome, error) {
		z, err := gzip.NewReader(newPackedLog())
		if err != nil {
			return outcome{}, err
		}
		return linesAlone(z)
	}},
}

// reconciling prints what the files of reconcile cost to read: every reading is a process of its own.
func reconciling(ctx context.Context, out io.Writer, runs int) error {
	fmt.Fprintf(out, "medians of %d runs in which all take turns; what was found is counted\n\n", runs)
	fmt.Fprintf(out, "%-20s %-17s %9s %12s %9s %9s %12s %8s\n", "input", "read by", "wall s", "rows/s", "CPU s", "peak MB", "rows", "missing")
	path, err := writeExport()
	if err != nil {
		return err
	}
	defer os.Remove(path)
	measured := make([][]figures, len(readings))
	for range runs {
		for i, r := range readings {
			f, err := runClient(ctx, r.role, 0, []byte(path))
			if err != nil {
				return fmt.Errorf("running %s: %w", r.role, err)
			}
			measured[i] = append(measured[i], f)
		}
	}
	for i, r := range readings {
		m := middle(measured[i])
		fmt.Fprintf(out, "%-20s %-17s %9.2f %12.0f %9.2f %9.0f %12d %8d\n", r.input, r.by, m.wall.Seconds(), float64(m.outcome.Outputs)/m.wall.Seconds(),
			m.cpu.Seconds(), float64(m.rss)/(1<<20), m.outcome.Outputs, m.outcome.Missing)
		if i%2 == 1 {
			ours := middle(measured[i-1])
			fmt.Fprintf(out, "%-20s slpdoctor takes %.2f of the time, %.2f of the CPU\n\n", r.input, ours.wall.Seconds()/m.wall.Seconds(), ours.cpu.Seconds()/m.cpu.Seconds())
		}
	}
	return nil
}

// readingRole is the process of one reading.
func readingRole(ctx context.Context, role string) error {
	i := slices.IndexFunc(readings, func(r reading) bool { return r.role == role })
	if i < 0 {
		return fmt.Errorf("there is no reading %q", role)
	}
	o, err := readings[i].run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

// readLog counts the lines; what misses of the failures that every block has one of is missing.
func readLog(ctx context.Context, r io.Reader) (outcome, error) {
	var d reconcile.Data
	if err := input.Read(ctx, &d, []input.Source{{Kind: reconcile.Log, Path: "-"}}, input.Options{Stdin: r}); err != nil {
		return outcome{}, err
	}
	if len(d.Reports.Failures) != 1 || d.Reports.Partial {
		return outcome{}, errors.New("the log was not read to its end")
	}
	f := d.Reports.Failures[0]
	return outcome{Outputs: int(d.Reports.Lines), Missing: blocks() - f.Invalid}, nil
}

func csvAlone(r io.Reader) (outcome, error) {
	c := csv.NewReader(r)
	c.ReuseRecord = true
	o := outcome{Outputs: -1} // the headings
	for {
		_, err := c.Read()
		if errors.Is(err, io.EOF) {
			return o, nil
		}
		if err != nil {
			return o, err
		}
		o.Outputs++
	}
}

func linesAlone(r io.Reader) (outcome, error) {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 1<<20), 1<<20)
	var o outcome
	for s.Scan() {
		o.Outputs++
	}
	return o, s.Err()
}

// writeExport writes a CSSM export of product instances into a file: three licences on every device.
func writeExport() (string, error) {
	f, err := os.CreateTemp("", "slpdoctor-bench-*.csv")
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(f)
	_, err = w.WriteString("Product Instance,Product Type,License,Licenses used,Last Contact,Registration Date,Virtual Account\n")
	var b []byte
	for row := range exportRows {
		b = exportRow(b[:0], row)
		if _, more := w.Write(b); more != nil {
			err = more
			break
		}
	}
	return f.Name(), errors.Join(err, w.Flush(), f.Close())
}

func exportRow(b []byte, row int) []byte {
	licenses := [...]string{"Routing DNA Advantage: Tier 1", "Network Advantage, Tier 1", "Router US Export Lic. for DNA"}
	device := row / len(licenses)
	b = append(b, `"UDI_PID:C8300-1N1S; UDI_SN:FDO`...)
	b = strconv.AppendInt(b, int64(10_000_000+device), 10)
	b = append(b, `;",CEDGE,"`...)
	b = append(b, licenses[row%len(licenses)]...)
	b = append(b, `",1,2025-Aug-28 21:01:17,2025-Aug-21 20:49:52,SDWAN-`...)
	b = strconv.AppendInt(b, int64(device%20), 10)
	return append(b, '\n')
}

// block is a piece of vmanage-server.log with one report that failed.
func block() []byte {
	var b bytes.Buffer
	at := time.Date(2025, 7, 17, 9, 0, 0, 0, time.UTC)
	for i := 0; b.Len() < logBlock; i++ {
		stamp := at.Add(time.Duration(i) * 37 * time.Millisecond).Format("02-Jan-2006 15:04:05,000")
		fmt.Fprintf(&b, "%s UTC INFO  [vmanage-0] [DeviceStatsManager] (device-stats-%d) |default| collected %d records of device 10.%d.%d.1 in %d ms\n", stamp, i%64, i*7%991, i%200, i%251, i%83)
		if i%50 == 0 {
			fmt.Fprintf(&b, "%s UTC ERROR [vmanage-0] [RestAPIClient] (default task-%d) |default| connection reset\n\tat com.example.http.Client.send(Client.java:120)\n\tat com.example.http.Client.get(Client.java:77)\n", stamp, i)
		}
		if i == 5000 {
			fmt.Fprintf(&b, "%s UTC ERROR [vmanage-0] [SmartLicensingManager] (report-1) |default| SmartLicense: Failed to report license usage for tenant default :\n"+
				`{"product_instance_identifier":["The identity for the instance 0f3c9a54-2b1d-4c7e-9a55-6d2f1e0b7c88 is not valid.Please re-register the instance."]}`+"\n", stamp)
		}
	}
	return b.Bytes()
}

// blocks is how many of them make a log.
func blocks() int { return (logSize + logBlock - 1) / logBlock }

// repeated reads a piece as often as blocks says.
type repeated struct {
	piece []byte
	left  int
	at    int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.at == len(r.piece) {
		r.left--
		r.at = 0
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.piece[r.at:])
	r.at += n
	return n, nil
}

func newLog() io.Reader { return &repeated{piece: block(), left: blocks()} }

// newPackedLog is the log as one gz file of many members, as gzip files may be joined.
func newPackedLog() io.Reader {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(block())
	if err := errors.Join(err, z.Close()); err != nil {
		panic(err) // a buffer takes everything
	}
	return &repeated{piece: b.Bytes(), left: blocks()}
}
