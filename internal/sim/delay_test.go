package sim

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// A line with a round-trip time delays each direction by half of it, without
// making later writes wait for earlier ones, and charges the TCP handshake.
func TestDelayLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rtt = 100 * time.Millisecond
		client, raw := net.Pipe()
		begin := time.Now()
		server := newDelayConn(raw, rtt)
		since := func() time.Duration { return time.Since(begin) }

		go server.Write([]byte("ident"))
		buf := make([]byte, 5)
		io.ReadFull(client, buf)
		if got := since(); got != rtt {
			t.Errorf("the server's first words arrive after %v, want one RTT for connect and way", got)
		}
		for range 3 { // typed ahead: three writes in a row
			client.Write([]byte("hello"))
		}
		for range 3 {
			io.ReadFull(server, buf)
		}
		if got := since(); got != rtt+rtt/2 {
			t.Errorf("three writes in a row are read after %v, want half an RTT more", got)
		}
		go func() {
			server.Write([]byte("one.."))
			server.Write([]byte("two.."))
		}()
		io.ReadFull(client, buf)
		io.ReadFull(client, buf)
		if got := since(); got != 2*rtt {
			t.Errorf("two answers arrive after %v, want half an RTT more", got)
		}
		server.Write([]byte("last."))
		server.Close()
		if n, _ := io.ReadFull(client, buf); string(buf[:n]) != "last." {
			t.Errorf("what was written before the close is lost: %q", buf[:n])
		}
		if _, err := client.Read(buf); !errors.Is(err, io.EOF) {
			t.Errorf("after the close: %v", err)
		}
		server.wait.Wait()
		if _, err := server.Write(buf); err == nil {
			t.Error("a closed line takes more")
		}
		client.Close()
	})
}
