package sim

import (
	"context"
	"testing"

	"golang.org/x/crypto/ssh"
)

func TestBastionForwardsToDevices(t *testing.T) {
	s := faulty(t, Faults{})
	b, err := ServeBastion(context.Background(), BastionOptions{Username: "ops", Password: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	cfg := &ssh.ClientConfig{User: "ops", Auth: []ssh.AuthMethod{ssh.Password(testSecret)}, HostKeyCallback: ssh.FixedHostKey(b.signer.PublicKey())}
	jump, err := ssh.Dial("tcp", b.Addr(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer jump.Close()
	hop, err := jump.Dial("tcp", s.Addr("r1"))
	if err != nil {
		t.Fatal(err)
	}
	conn, channels, requests, err := ssh.NewClientConn(hop, s.Addr("r1"), clientConfig(s))
	if err != nil {
		t.Fatal(err)
	}
	ssh.NewClient(conn, channels, requests).Close()
	for _, target := range []string{"192.0.2.1:22", "example.net:22", "127.0.0.1:1"} {
		if c, err := jump.Dial("tcp", target); err == nil {
			c.Close()
			t.Errorf("forwarded to %s", target)
		}
	}
	b.Reject.Store(true)
	if c, err := jump.Dial("tcp", s.Addr("r1")); err == nil {
		c.Close()
		t.Error("forwarded although it rejects")
	}
	if _, err := jump.NewSession(); err == nil {
		t.Error("the bastion offers a session")
	}
	if got := b.Forwarded(); got != 1 {
		t.Errorf("%d connections forwarded", got)
	}
}
