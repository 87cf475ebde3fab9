package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ManagerSpec says what a vManage (SD-WAN Manager) is: a command line of its own, and a Linux shell with its server
// log. Name and Release are required.
type ManagerSpec struct {
	Name        string
	Story       string
	Tags        map[string]string
	Release     string // 20.12.3
	Personality string // vsmart, vbond, vedge; "" is vmanage
	Now         time.Time
	Skew        time.Duration // how far its clock is off

	Log     *ServerLog   // nil: there is no log
	Older   []*ServerLog // its rotations, the newest first
	NoShell bool         // this user may not open vshell
	NoRead  bool         // this user may not read the log
	Root    bool         // vshell is a shell of root

	Faults Faults
}

// ServerLog is what vmanage-server.log says between two moments: lines about other things every few hours, and a failed
// report at every one of Failures.
type ServerLog struct {
	From, To time.Time
	Failures []time.Time
	Tenant   string // "" is default
	Instance string // with it CSSM answers that it does not know this product instance
	Ballast  int    // bytes that every line about licensing is longer by
}

// manager is the vManage behind a Device.
type manager struct {
	spec  ManagerSpec
	files map[string]string // texts by path
	times map[string]time.Time
}

const managerLog = "/var/log/nms/vmanage-server.log"

// NewManager boots a vManage. Of a Device's methods it has Now, Hostname, Settle and Run.
func NewManager(s ManagerSpec) *Device {
	m := &manager{spec: s, files: map[string]string{}, times: map[string]time.Time{}}
	put := func(path string, l *ServerLog) { m.files[path], m.times[path] = l.text(s.Name), l.To }
	if s.Log != nil {
		put(managerLog, s.Log)
	}
	for i, l := range s.Older {
		put(fmt.Sprintf("%s.%d.gz", managerLog, i+1), l)
	}
	return &Device{Name: s.Name, Story: s.Story, Tags: s.Tags, Faults: s.Faults, manager: m, now: s.Now, skew: s.Skew, world: &World{}}
}

func (l *ServerLog) text(host string) string {
	var b text
	line := func(at time.Time, level, class, words string) {
		b.line("%s UTC %s [%s] [%s] (default task-%d) |default| %s", strings.Replace(at.Format("02-Jan-2006 15:04:05.000"), ".", ",", 1),
			level, host, class, at.Minute()+1, words)
	}
	failures := slices.Clone(l.Failures)
	for at := l.From; !at.After(l.To); at = at.Add(4 * time.Hour) {
		for len(failures) > 0 && !failures[0].After(at) {
			l.failure(&b, host, failures[0])
			failures = failures[1:]
		}
		line(at, "INFO ", "DeviceConfigDAO", "Sync of device configurations done")
		line(at.Add(time.Minute), "INFO ", "SmartLicensingManager", "SmartLicense: usage of tenant "+cmp.Or(l.Tenant, "default")+" collected"+strings.Repeat(".", l.Ballast))
	}
	for _, at := range failures {
		l.failure(&b, host, at)
	}
	return b.String()
}

// failure is the seed's message; the reason stands on a line of its own.
func (l *ServerLog) failure(b *text, host string, at time.Time) {
	b.line("%s UTC ERROR [%s] [SmartLicensingManager || SmartLicense: Failed to report license usage for tenant %s :%s",
		strings.Replace(at.Format("02-Jan-2006 15:04:05.000"), ".", ",", 1), host, cmp.Or(l.Tenant, "default"), strings.Repeat(".", l.Ballast))
	if l.Instance != "" {
		b.line(`{"status":"FAILED","message":[{"product_instance_identifier":["The identity for the instance %s is not valid.Please re-register the instance."]}]}`, l.Instance)
	}
}

func (m *manager) banner(kind string) string {
	if kind == "login" {
		return "viptela " + m.spec.Release + " \n"
	}
	return "Welcome to Viptela CLI\nadmin connected from 192.0.2.250 using ssh on " + m.spec.Name
}

// exec answers a line of the command line of vManage.
func (m *manager) exec(line string, now time.Time) string {
	switch line {
	case "show version":
		return m.spec.Release + "\n"
	case "show system status":
		return m.status(now)
	case "paginate false", "paginate true":
		return ""
	}
	return syntaxError(m.spec.Name, line)
}

func syntaxError(host, line string) string {
	at := len(host) + 2 + strings.LastIndex(line, " ") + 1
	return strings.Repeat("-", at) + "^\nsyntax error: unknown argument\n"
}

func (m *manager) status(now time.Time) string {
	var b text
	person := cmp.Or(m.spec.Personality, "vmanage")
	b.line("\nViptela (tm) %s Operating System Software\nCopyright (c) 2013-%d by Viptela, Inc.\nController Compatibility: ", person, now.Year())
	b.line("Version: %s\nBuild: 5\n\n\nSystem logging to host  is disabled\nSystem logging to disk is enabled\n", m.spec.Release)
	b.line("System state:            GREEN. All daemons up\nSystem FIPS state:       Enabled\n")
	b.line("Last reboot:             Initiated by user. \nCPU-reported reboot:     Not Applicable\nBoot loader version:     Not applicable")
	b.line("System uptime:           17 days 14 hrs 04 min 07 sec\nCurrent time:            %s\n", now.Format("Mon Jan 02 15:04:05 UTC 2006"))
	b.line("Load average:            1 minute: 0.80, 5 minutes: 0.61, 15 minutes: 0.57\nProcesses:               2887 total")
	b.line("CPU allocation:          16 total\nMemory usage:            32760644K total,    18915912K used,   8635456K free\n")
	b.line("Personality:             %s\nModel name:              %s\nServices:                None\nvManaged:                false", person, person)
	b.line("Commit pending:          false\nConfiguration template:  None\nChassis serial number:   None\n")
	return b.String()
}

// runManager is one line typed at vManage's own prompt or, after vshell, in its shell.
func (sh *shell) runManager(line string) {
	m, d := sh.st.dev.manager, sh.st.dev
	sh.st.advance()
	is := func(prefix string) bool { return prefix != "" && strings.HasPrefix(line, prefix) }
	now := d.Now().Add(m.spec.Skew)
	out := ""
	switch {
	case line == "exit" && sh.bash:
		sh.bash = false
		out = "exit\n"
	case line == "exit":
		sh.over = true
	case sh.bash:
		out = m.shell(line, now)
	case is(sh.f.EndlessOn):
	case line == "vshell" && !m.spec.NoShell:
		sh.bash = true
	default:
		if out = m.exec(line, now); line == "paginate false" {
			sh.rows = 0
		}
	}
	switch {
	case is(sh.f.HangupOn):
		sh.write(crlf(out[:len(out)/2]))
		sh.over = true
	case is(sh.f.HangOn):
		sh.write(crlf(out[:len(out)/2]))
		for !sh.keys.sleep(24*time.Hour) && !sh.keys.gone {
		}
	case is(sh.f.EndlessOn):
		sh.endless()
	case sh.bash:
		sh.write(crlf(sh.spoil(out)))
	default:
		sh.page(sh.spoil(out))
	}
}

// managerPrompt is "vmanage# ", or that of its shell.
func (sh *shell) managerPrompt() string {
	switch host := sh.st.dev.manager.spec.Name; {
	case !sh.bash:
		return host + "# "
	case sh.st.dev.manager.spec.Root:
		return host + ":~# "
	default:
		return host + ":~$ "
	}
}
