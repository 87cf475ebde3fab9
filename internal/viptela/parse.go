package viptela

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// Version is the answer to show version: the release alone on a line. Anything else names another system.
type Version struct {
	Release diag.Value[string] // "20.12.3"
	OS      diag.Value[string] // of a device that is none of Viptela's: "IOS XE", or "another system"
}

var releaseLine = regexp.MustCompile(`^\d+\.\d+[\d.]*(?:-\w+)?$`)

func parseVersion(lines []string, at func(int) diag.Source, v *Version) diag.Reason {
	for i, l := range lines {
		switch l = strings.TrimSpace(l); {
		case releaseLine.MatchString(l):
			v.Release = diag.Present(l, at(i))
			return ""
		case strings.HasPrefix(l, "Cisco IOS") || strings.HasPrefix(l, "Cisco Nexus") || strings.HasPrefix(l, "Cisco Adaptive"):
			os := "another system"
			if strings.Contains(l, "XE") {
				os = "IOS XE"
			}
			v.OS = diag.Present(os, at(i))
			return ""
		}
	}
	return diag.Unparsed
}

// Status is the answer to show system status, as far as it is used.
type Status struct {
	Release     diag.Value[string]
	Personality diag.Value[string]    // vmanage, vsmart, vbond, vedge
	Model       diag.Value[string]    // "vmanage"
	Serial      diag.Value[string]    // chassis serial number
	State       diag.Value[string]    // "GREEN. All daemons up"
	Now         diag.Value[time.Time] // wall clock of its own zone, taken for UTC
	Zone        string                // its label: "UTC", "EDT"; "" when Now is absent
}

func parseStatus(lines []string, at func(int) diag.Source, s *Status) diag.Reason {
	texts := map[string]*diag.Value[string]{"Version": &s.Release, "Personality": &s.Personality, "Model name": &s.Model,
		"Chassis serial number": &s.Serial, "System state": &s.State}
	for i, l := range lines {
		key, value, _ := strings.Cut(l, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch field := texts[key]; {
		case key == "Current time":
			s.now(value, at(i))
		case field == nil || field.Known() || value == "":
		case value == "None":
			*field = diag.None[string](at(i))
		default:
			*field = diag.Present(value, at(i))
		}
	}
	if !s.Personality.Known() && !s.Release.Known() {
		return diag.Unparsed
	}
	return ""
}

// now reads "Thu Aug 26 15:40:21 UTC 2021".
func (s *Status) now(text string, at diag.Source) {
	words := strings.Fields(text)
	if len(words) != 6 {
		return
	}
	t, err := time.Parse("Jan 2 15:04:05 2006", strings.Join([]string{words[1], words[2], words[3], words[5]}, " "))
	if err != nil {
		return
	}
	s.Now, s.Zone = diag.Present(t, at), words[4]
}

// complaint is a line in which a program of the shell says why it has no answer.
var complaint = regexp.MustCompile(`^(?:-?(?:ba)?sh|ls|head|tail|cut|timeout|z?grep|gzip|xzgrep): `)

// problem is the reason of a complaint: the file is not there, it may not be read, or something else.
func problem(line string) diag.Reason {
	switch low := strings.ToLower(line); {
	case strings.Contains(low, "permission denied"):
		return diag.Refused
	case strings.Contains(low, "no such file"), strings.Contains(low, "cannot access"):
		return diag.Absent
	}
	return diag.Unparsed
}

// first is the reason of the first complaint among lines, "" when there is none.
func first(lines []string) diag.Reason {
	for _, l := range lines {
		if complaint.MatchString(l) {
			return problem(l)
		}
	}
	return ""
}

// Files is the list of the log and its rotations.
type Files struct{ List []File }

// File is one of them.
type File struct {
	At      diag.Source
	Name    string // without its folder
	Size    int64
	changed string // "Jul 18 04:12", "Jul 18 2024": the year or the time is missing
}

var listed = regexp.MustCompile(`^-\S+\s+\d+\s+\S+\s+\S+\s+(\d+)\s+([A-Z][a-z]{2}\s+\d{1,2}\s+[\d:]{4,5}|\d{4}-\d\d-\d\d \d\d:\d\d)\s+(\S+)$`)

func parseFiles(lines []string, at func(int) diag.Source, f *Files) diag.Reason {
	for i, l := range lines {
		if m := listed.FindStringSubmatch(strings.TrimSpace(l)); m != nil {
			size, _ := strconv.ParseInt(m[1], 10, 64)
			f.List = append(f.List, File{at(i), path.Base(m[3]), size, strings.Join(strings.Fields(m[2]), " ")})
		}
	}
	if len(f.List) == 0 {
		return cmp.Or(first(lines), diag.Unparsed)
	}
	return ""
}

// rotation begins the name of a file that OlderReportLines reads: the very pattern of its line.
const rotation = "vmanage-server.log."

// Rotated are the older files that are read.
func (f *Files) Rotated() []File {
	var out []File
	for _, x := range f.List {
		if strings.HasPrefix(x.Name, rotation) {
			out = append(out, x)
		}
	}
	return out
}

// Changed is when the file was last written, by the wall clock of vManage; now completes what ls leaves out. The zero
// time when it can not be read.
func (f File) Changed(now time.Time) time.Time {
	for _, layout := range []string{"2006-01-02 15:04", "Jan 2 2006"} {
		if t, err := time.Parse(layout, f.changed); err == nil {
			return t
		}
	}
	t, err := time.Parse("Jan 2 15:04 2006", f.changed+" "+strconv.Itoa(now.Year()))
	if err != nil {
		return time.Time{}
	}
	if t.After(now.Add(24 * time.Hour)) { // of last year: ls writes the time of files up to six months old
		t = t.AddDate(-1, 0, 0)
	}
	return t
}

// Start is when the log begins.
type Start struct{ Time diag.Value[time.Time] }

func parseStart(lines []string, at func(int) diag.Source, s *Start) diag.Reason {
	for i, l := range lines {
		if t := said(l).First; t != nil {
			s.Time = diag.Present(*t, at(i))
			return ""
		}
	}
	return cmp.Or(first(lines), diag.Unparsed)
}

// LogLines is what a read of the log found.
type LogLines struct {
	Log   diag.ReportLog
	At    []diag.Source // of the last failure of every tenant, in the order of Log.Failures
	Full  bool          // as many lines as are read at most: there may be older ones
	Files []string      // what could not be read of the rotations, in the shell's words
}

func parseReports(lines []string, at func(int) diag.Source, l *LogLines) diag.Reason {
	found := 0
	kept := slices.Clone(lines) // without complaints, and each in its place
	for i, line := range lines {
		if complaint.MatchString(line) {
			l.Files = append(l.Files, at(i).Text)
			kept[i] = ""
		}
		if kept[i] != "" {
			found++
		}
	}
	l.Log = said(strings.Join(kept, "\n"))
	l.Log.Lines = int64(found)
	l.Full = found >= maxLogLines
	for _, f := range l.Log.Failures {
		l.At = append(l.At, at(f.Line-1))
	}
	if found == 0 {
		return first(lines)
	}
	return ""
}
