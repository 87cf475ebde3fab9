package sim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// session answers the requests of the one session channel and runs its shell.
func (st *station) session(ch ssh.Channel, requests <-chan *ssh.Request) {
	f := &st.dev.Faults
	sh := &shell{st: st, ch: ch, f: f, rows: 24, privilege: 15, host: st.dev.Hostname()}
	if f.Privilege > 0 {
		sh.privilege = f.Privilege
	}
	done := make(chan struct{})
	started := false
	for {
		select {
		case <-done:
			return
		case r, ok := <-requests:
			if !ok {
				if started {
					sh.keys.stop()
					<-done
				}
				return
			}
			switch {
			case r.Type == "pty-req" && !f.RejectPTY:
				sh.rows = ptyRows(r.Payload)
				r.Reply(true, nil)
			case r.Type == "shell" && !f.RejectShell && !started:
				started = true
				sh.keys = newKeyboard(ch, f.TypeAhead)
				r.Reply(true, nil)
				st.counts.shells.Add(1)
				go func() {
					defer close(done)
					sh.run()
					sh.keys.stop()
				}()
			default:
				if r.WantReply {
					r.Reply(false, nil)
				}
			}
		}
	}
}

// ptyRows reads the height out of a pty request: string term, uint32 columns,
// uint32 rows.
func ptyRows(payload []byte) int {
	if len(payload) < 4 {
		return 24
	}
	rest := payload[4:]
	n := int(binary.BigEndian.Uint32(payload))
	if n > len(rest) || len(rest)-n < 8 {
		return 24
	}
	rows := int(binary.BigEndian.Uint32(rest[n+4:]))
	if rows <= 0 || rows > 512 {
		return 24
	}
	return rows
}

// shell is one VTY.
type shell struct {
	st        *station
	ch        ssh.Channel
	f         *Faults
	keys      *keyboard
	host      string
	rows      int // pager height; 0 is off
	privilege int
	prompts   int
	over      bool
	bash      bool // in the Linux shell of a vManage
}

func (sh *shell) write(s string) { sh.ch.Write([]byte(s)) }

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func (sh *shell) prompt() string {
	if sh.st.dev.manager != nil {
		return sh.managerPrompt()
	}
	if sh.privilege == 15 {
		return sh.host + "#"
	}
	return sh.host + ">"
}

func (sh *shell) run() {
	if sh.f.ExecDenied {
		sh.write("\r\n% Authorization failed.\r\n")
		return
	}
	if motd := sh.st.dev.banner("motd"); motd != "" {
		sh.write("\r\n" + crlf(motd) + "\r\n")
	}
	sh.write(crlf(sh.f.MOTD) + "\r\n")
	for n := 0; !sh.over; n++ {
		if sh.f.CloseAfter > 0 && n == sh.f.CloseAfter {
			return
		}
		sh.showPrompt()
		line, ok := sh.readLine(true)
		if !ok {
			return
		}
		if line = strings.TrimSpace(line); line != "" {
			sh.st.remember(line)
			if sh.st.dev.manager != nil {
				sh.runManager(line)
			} else {
				sh.perform(line)
			}
		}
	}
}

func (sh *shell) showPrompt() {
	sh.prompts++
	sh.write(sh.prompt())
	if n := sh.f.AsyncEvery; n > 0 && sh.prompts%n == 0 {
		sh.write("\r\n" + sh.async() + "\r\n")
	}
}

// async is a log line as the terminal monitor shows it.
func (sh *shell) async() string {
	return fmt.Sprintf("*%s: %%SYS-5-CONFIG_I: Configured from console by admin on vty1 (192.0.2.251)", sh.st.dev.Now().Format("Jan _2 15:04:05.000"))
}

func (st *station) remember(line string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.typed) < 1000 {
		st.typed = append(st.typed, line)
	}
}

// readLine is the line editor: it echoes what has been typed, in order, once
// the command before it has finished. Backspace, Ctrl-U and Ctrl-C work.
func (sh *shell) readLine(echo bool) (string, bool) {
	var line, out []byte
	flush := func() {
		if len(out) > 0 {
			sh.ch.Write(out)
			out = out[:0]
		}
	}
	for {
		if !sh.keys.ready() || sh.f.EchoDelay > 0 {
			flush()
		}
		c, ok := sh.keys.next()
		if !ok {
			return "", false
		}
		switch c {
		case '\r', '\n':
			out = append(out, "\r\n"...)
			flush()
			return string(line), true
		case 3, 26:
			out = append(out, "\r\n"...)
			flush()
			return "", true
		case 8, 127:
			if len(line) > 0 {
				line = line[:len(line)-1]
				out = append(out, "\b \b"...)
			}
		case 21:
			out = append(out, bytes.Repeat([]byte("\b \b"), len(line))...)
			line = line[:0]
		default:
			if c < 32 {
				continue
			}
			line = append(line, c)
			if echo {
				out = append(out, sh.echo(line)...)
			}
			if sh.f.EchoDelay > 0 {
				sh.keys.sleep(sh.f.EchoDelay)
			}
		}
	}
}

// echo is what the terminal shows for the newest byte of a line. Beyond the
// width the line scrolls: it is redrawn from its last ten columns, with a "$"
// for what has left the screen.
func (sh *shell) echo(line []byte) []byte {
	room := sh.f.Columns - len(sh.prompt()) - 1
	const keep = 10
	if n := len(line); sh.f.Columns > 0 && room > keep && n > room && (n-room-1)%(room-keep) == 0 {
		tail := append([]byte("$"), line[n-keep:]...)
		blank := room - len(tail)
		return slices.Concat(bytes.Repeat([]byte("\b"), room), tail, bytes.Repeat([]byte(" "), blank), bytes.Repeat([]byte("\b"), blank))
	}
	return line[len(line)-1:]
}

// perform answers one line.
func (sh *shell) perform(line string) {
	p := parseLine(line, sh.privilege, len(sh.prompt()))
	if sh.st.srv.opts.Think > 0 && sh.keys.sleep(sh.st.srv.opts.Think) {
		return
	}
	full := line
	if p.cmd != nil && p.err == "" {
		full = p.cmd.words(p.args)
		if p.how != "" {
			full += " | " + p.how + " " + p.expr
		}
	}
	is := func(prefix string) bool { return prefix != "" && strings.HasPrefix(full, prefix) }
	switch {
	case is(sh.f.HangOn):
		out := sh.st.run(line, sh.privilege)
		sh.write(crlf(out[:len(out)/2]))
		for !sh.keys.sleep(24*time.Hour) || sh.f.Deaf && !sh.keys.gone {
		}
	case is(sh.f.EndlessOn):
		sh.endless()
	case p.err == "" && slices.ContainsFunc(sh.f.Deny, is), sh.f.DenyTerminal && is("terminal "):
		sh.write(crlf(denied))
	case p.err != "":
		sh.write(crlf(p.err))
	case !sh.control(p):
		out := sh.st.run(line, sh.privilege)
		if strings.HasPrefix(full, "ping ") && strings.Contains(out, "(0/") && sh.f.PingTakes > 0 && sh.keys.sleep(sh.f.PingTakes) {
			return
		}
		if is(sh.f.HangupOn) {
			sh.write(crlf(out[:len(out)/2]))
			sh.over = true
			return
		}
		out = sh.spoil(out)
		if sh.f.Gap > 0 {
			half := strings.IndexByte(out[len(out)/2:], '\n') + len(out)/2 + 1
			sh.page(out[:half])
			sh.keys.sleep(sh.f.Gap)
			out = out[half:]
		}
		sh.page(out)
	}
}

// words is the command written out, without output modifier.
func (c *command) words(args map[string]string) string {
	for _, alt := range c.pattern.alternatives {
		out := make([]string, 0, len(alt))
		params := 0
		for _, t := range alt {
			w := t.literal
			if w == "" {
				if w = args[t.name]; w != "" {
					params++
				}
			}
			out = append(out, w)
		}
		if params == len(args) && !slices.Contains(out, "") {
			return strings.Join(out, " ")
		}
	}
	return c.syntax
}

// control answers the commands that act on the session itself.
func (sh *shell) control(p parsed) bool {
	switch p.cmd.syntax {
	case "exit", "logout", "quit":
		sh.over = true
	case "disable":
		sh.privilege = 1
	case "enable":
		sh.enable()
	case "terminal length <n:int>":
		sh.rows = number(p.args["n"], 0)
	case "terminal width <n:int>", "terminal monitor", "terminal no monitor":
	default:
		return false
	}
	return true
}

func (sh *shell) enable() {
	secret := sh.st.srv.opts.EnableSecret
	switch {
	case sh.privilege == 15:
		return
	case !sh.f.EnableError && (secret == "" || sh.f.EnableUnset):
		sh.write("% No password set\r\n")
		return
	}
	for range 3 {
		sh.write("Password: ")
		typed, ok := sh.readLine(false)
		if !ok {
			return
		}
		sh.st.counts.enables.Add(1)
		if sh.f.EnableError {
			sh.write("% Error in authentication.\r\n\r\n")
			return
		}
		if typed == secret {
			sh.privilege = 15
			return
		}
	}
	sh.write("% Bad secrets\r\n\r\n")
}

// spoil puts the faults of the output into it.
func (sh *shell) spoil(out string) string {
	if sh.f.Lookalike {
		out = "banner motd ^C\n" + sh.host + "#\nWelcome to core-sw1>\n^C\n" + out
	}
	if sh.f.Noise {
		out = "\a\x00\x1b[0m" + strings.Replace(out, "\n", "\x1b[K\n", 1)
	}
	if lines := strings.SplitAfter(out, "\n"); sh.f.AsyncOutput && len(lines) > 10 {
		lines[len(lines)/2] += sh.async() + "\n"
		out = strings.Join(lines, "")
	}
	return out
}

const more = " --More-- "

// page writes an output, stopping after every screen when the pager is on.
func (sh *shell) page(out string) {
	if sh.rows <= 1 {
		sh.write(crlf(out))
		return
	}
	lines := strings.SplitAfter(crlf(out), "\n")
	room := sh.rows - 1
	for len(lines) > 0 && lines[0] != "" {
		n := min(room, len(lines))
		sh.write(strings.Join(lines[:n], ""))
		lines = lines[n:]
		if len(lines) == 0 || lines[0] == "" {
			return
		}
		sh.write(more)
		key, ok := sh.keys.next()
		sh.write(strings.Repeat("\b", len(more)) + strings.Repeat(" ", len(more)) + strings.Repeat("\b", len(more)))
		switch {
		case !ok:
			sh.over = true
			return
		case key == ' ':
			room = sh.rows - 1
		case key == '\r' || key == '\n':
			room = 1
		default:
			return
		}
	}
}

// endless writes until somebody interrupts or hangs up.
func (sh *shell) endless() {
	block := []byte(strings.Repeat("Slot 1 counter 0000000000 packets, 0 errors, 0 drops, 0 overruns\r\n", 64))
	for !sh.keys.interrupted() {
		if _, err := sh.ch.Write(block); err != nil {
			sh.over = true
			return
		}
	}
}
