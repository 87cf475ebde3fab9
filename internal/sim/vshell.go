package sim

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shell answers a line of the Linux shell: the few programs that read a log, in a pipe.
func (m *manager) shell(line string, now time.Time) string {
	text, complaints := "", ""
	for i, stage := range strings.Split(line, "|") {
		words := strings.Fields(stage)
		if len(words) > 2 && words[0] == "timeout" {
			words = words[2:]
		}
		if len(words) == 0 {
			return "-bash: syntax error near unexpected token `|'\n"
		}
		out, complaint, ok := m.program(words, text, i == 0, now)
		if !ok {
			return "-bash: " + words[0] + ": command not found\n"
		}
		text, complaints = out, complaints+complaint
	}
	return complaints + text
}

// program runs one of them on its files, or on what comes through the pipe.
func (m *manager) program(words []string, in string, reads bool, now time.Time) (out, complaint string, ok bool) {
	options, rest := map[string]string{}, []string{}
	for i := 1; i < len(words); i++ {
		switch w := words[i]; {
		case w == "-n" || w == "-A" || w == "-c":
			i++
			options[w] = words[min(i, len(words)-1)]
		case strings.HasPrefix(w, "-"):
			options[w] = ""
		default:
			rest = append(rest, w)
		}
	}
	pattern := ""
	if strings.HasSuffix(words[0], "grep") && len(rest) > 0 {
		pattern, rest = rest[0], rest[1:]
	}
	if words[0] == "ls" {
		out, complaint = m.list(rest, now)
		return out, complaint, true
	}
	if reads {
		in, complaint = m.read(words[0], rest)
	}
	lines := strings.SplitAfter(in, "\n")
	if len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	n, _ := strconv.Atoi(options["-n"])
	switch words[0] {
	case "head":
		lines = lines[:min(n, len(lines))]
	case "tail":
		lines = lines[len(lines)-min(n, len(lines)):]
	case "cut":
		_, end, _ := strings.Cut(options["-c"], "-")
		columns, _ := strconv.Atoi(end)
		for i, l := range lines {
			if l = strings.TrimSuffix(l, "\n"); len(l) > columns {
				lines[i] = l[:columns] + "\n"
			}
		}
	case "grep", "zgrep":
		after, _ := strconv.Atoi(options["-A"])
		lines = found(lines, pattern, after)
	default:
		return "", "", false
	}
	return strings.Join(lines, ""), complaint, true
}

// found is grep -A: a line of dashes stands between groups that do not touch.
func found(lines []string, pattern string, after int) (out []string) {
	last := -1
	for i, l := range lines {
		if !strings.Contains(l, pattern) {
			continue
		}
		from := max(i, last+1)
		if from > last+1 && last >= 0 {
			out = append(out, "--\n")
		}
		to := min(i+after, len(lines)-1)
		if to > last {
			out = append(out, lines[from:to+1]...)
			last = to
		}
	}
	return out
}

// glob is the files that a pattern of the shell names; the pattern itself when there are none.
func (m *manager) glob(pattern string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		if ok, _ := filepath.Match(pattern, name); ok {
			names = append(names, name)
		}
	}
	if names == nil {
		names = []string{pattern}
	}
	return names
}

func (m *manager) read(program string, patterns []string) (text, complaints string) {
	for _, p := range patterns {
		for _, name := range m.glob(p) {
			content, ok := m.files[name]
			switch {
			case !ok:
				complaints += fmt.Sprintf("%s: %s: No such file or directory\n", program, name)
			case m.spec.NoRead:
				complaints += fmt.Sprintf("%s: %s: Permission denied\n", program, name)
			default:
				text += content
			}
		}
	}
	return text, complaints
}

func (m *manager) list(patterns []string, now time.Time) (text, complaints string) {
	for _, p := range patterns {
		for _, name := range m.glob(p) {
			content, ok := m.files[name]
			if !ok {
				complaints += fmt.Sprintf("ls: cannot access '%s': No such file or directory\n", name)
				continue
			}
			stamp := m.times[name].Format("Jan _2 15:04")
			if now.Sub(m.times[name]) > 180*day {
				stamp = m.times[name].Format("Jan _2  2006")
			}
			text += fmt.Sprintf("-rw-r--r-- 1 vmanage vmanage-admin %8d %s %s\n", len(content), stamp, name)
		}
	}
	return text, complaints
}
