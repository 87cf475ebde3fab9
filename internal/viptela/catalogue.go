package viptela

import (
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// Shell is the line that opens the Linux shell of vManage. It is sent only before a line of the catalogue that is typed
// there, and what is typed there is exact: nothing in it comes from an inventory or a device.
const Shell = "vshell"

// Prepare is typed after the login: it turns the pager of this session off and changes nothing on the device.
var Prepare = []string{"paginate false"}

// logFile is vManage's server log (knowledge F.1).
const logFile = "/var/log/nms/vmanage-server.log"

// maxLogLines is how many lines about licensing are read of the log, the newest; and again of its rotations.
const maxLogLines = 400

// The commands. Those of the shell read the log as its owner's group may: they name no other file, write none, and
// their output is bounded in lines and in columns, so that a log of any size costs vManage one pass.
var (
	ShowVersion = query("show version", "release of vManage", "", parseVersion)

	ShowSystemStatus = query("show system status", "what it is, its own time", "", parseStatus)

	ListLogs = query("ls -l /var/log/nms/vmanage-server*", "the log and its rotations: since when it is kept", Shell, parseFiles)

	LogStart = query("head -n 1 "+logFile+" | cut -c 1-40", "the time of the log's first line", Shell, parseStart)

	ReportLines = query("grep -A 3 SmartLicens "+logFile+" | tail -n 400 | cut -c 1-1000",
		"what the log says of licence reports", Shell, parseReports)

	// OlderReportLines reads the rotations, compressed or not, when there are any. They are many megabytes, so that
	// the shell itself ends it after a minute.
	OlderReportLines = planned(query("timeout 60 zgrep -h -A 3 SmartLicens "+logFile+".* | tail -n 400 | cut -c 1-1000",
		"the same of its rotations, when there are any", Shell, parseReports))
)

var catalogue = []*diag.Command{
	&ShowVersion.Command,
	&ShowSystemStatus.Command,
	&ListLogs.Command,
	&LogStart.Command,
	&ReportLines.Command,
	&OlderReportLines.Command,
}

// Catalogue lists every command, always in the same order. The caller may change the slice.
func Catalogue() []*diag.Command { return slices.Clone(catalogue) }

func query[T any](line, purpose, inside string, parse func(lines []string, at func(int) diag.Source, t *T) diag.Reason) *diag.Query[T] {
	q := &diag.Query[T]{Command: diag.Command{Template: diag.NewTemplate(line), Purpose: purpose, Inside: inside}}
	if inside != "" {
		q.Idle, q.Total = 70*time.Second, 90*time.Second // reading a large log is silent until its end
	}
	q.Parse = func(c diag.Capture) diag.Parsed {
		lines := strings.Split(strings.TrimSuffix(c.Text, "\n"), "\n")
		t := new(T)
		why := parse(lines, func(i int) diag.Source {
			return diag.Source{Command: c.Line, Line: i + 1, Text: strings.TrimSpace(lines[i])}
		}, t)
		return diag.Parsed{Facts: t, Problem: why}
	}
	return q
}

// planned sends the read of the rotations only when the list of files shows one that it would read.
func planned(q *diag.Query[LogLines]) *diag.Query[LogLines] {
	q.Wave = 1
	q.Needs = []*diag.Command{&ListLogs.Command}
	q.Plan = func(f *diag.Facts) (string, diag.NotSent) {
		files, ok := ListLogs.Of(f).Peek()
		switch {
		case !ok:
			return "", diag.NotSent{Reason: diag.NotCollected, Detail: "the files of the log are not known"}
		case len(files.Rotated()) == 0:
			return "", diag.NotSent{Reason: diag.NotCollected, Detail: "the log has no rotations"}
		}
		return q.String(), diag.NotSent{}
	}
	return q
}
