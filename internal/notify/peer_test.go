package notify

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPeerRsyslog sends to a real rsyslogd over UDP, TCP and its local socket, and reads what it understood: each field
// of the header apart.
func TestPeerRsyslog(t *testing.T) {
	program, err := exec.LookPath("rsyslogd")
	if err != nil {
		program = "/usr/sbin/rsyslogd"
	}
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("SLPDOCTOR_REQUIRE_PEERS") != "" {
			t.Fatal("rsyslogd is not installed, and SLPDOCTOR_REQUIRE_PEERS is set")
		}
		t.Skip("rsyslogd is not installed")
	}
	dir, err := os.MkdirTemp("", "rsyslog") //nolint:usetesting // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	tcp, udp := freePort(t), freePort(t)
	conf, out, socket := filepath.Join(dir, "conf"), filepath.Join(dir, "out"), filepath.Join(dir, "log")
	write(t, conf, fmt.Sprintf(`module(load="imudp")
module(load="imtcp")
module(load="imuxsock" SysSock.Use="off")
input(type="imudp" address="127.0.0.1" port="%d")
input(type="imtcp" address="127.0.0.1" port="%d")
input(type="imuxsock" socket="%s" createPath="off")
template(name="fields" type="string" string="%%inputname%% %%syslogfacility-text%%.%%syslogseverity-text%% %%app-name%% %%procid%% %%msgid%% %%msg%%\n")
action(type="omfile" file="%s" template="fields")
`, udp, tcp, socket, out))
	cmd := exec.Command(program, "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	eventually(t, "rsyslogd listens", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", tcp))
		if err == nil {
			conn.Close()
		}
		_, noSocket := os.Stat(socket)
		return err == nil && noSocket == nil
	})
	c := configured(t, strings.Replace(syslogReceiver(overUDP, fmt.Sprint("127.0.0.1:", udp), ""), "noc", "udp", 1)+
		strings.Replace(syslogReceiver(overTCP, fmt.Sprint("127.0.0.1:", tcp), ""), "noc", "tcp", 1)+
		"- {name: local, syslog: {transport: local, facility: local1, app_name: licences, socket: "+socket+"}}\n")
	wantSaid(t, deliver(t, c, spooled(t), sample()))
	var text string
	eventually(t, "rsyslogd wrote 18 records", func() bool {
		b, _ := os.ReadFile(out)
		text = string(b)
		return strings.Count(text, " licences ") == 18
	})
	pid := os.Getpid()
	for _, want := range []string{
		fmt.Sprintf("imudp local1.crit licences %d new new severity=critical device=\"tyo-acc-7\" subject=\"report-ack-deadline\"", pid),
		fmt.Sprintf("imtcp local1.notice licences %d resolved resolved severity=medium device=\"tyo-acc-3\" subject=\"clock-ntp-sync\"", pid),
		fmt.Sprintf("imuxsock local1.warning licences %d -  worse severity=none device=\"osa-edge-1\" subject=\"state\"", pid),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("rsyslogd did not understand %q:\n%s", want, text)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// eventually waits for another process.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come true: ", what)
		}
	}
}
