package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/portal"
)

// TestPortals reads both portals with credentials from a variable, a file and a program's output.
func TestPortals(t *testing.T) {
	const tier1 = "Routing DNA Advantage: Tier 1"
	vm := &portal.VManage{User: "reader", Password: "vm-secret-17", Overview: []portal.OverviewRow{{Name: tier1, Licensed: 1, Total: 300}},
		Devices: []portal.Device{{UUID: "u1", Licenses: []portal.Assigned{{Name: tier1, Smart: "example.com", Virtual: "SDWAN", Units: 1}}}}}
	cs := &portal.CSSM{ClientID: "id", ClientSecret: "cssm-secret-18", Smart: []portal.SmartAccount{{Domain: "example.com", Virtual: []portal.VirtualAccount{{Name: "SDWAN",
		Licenses: []portal.License{{Name: tier1, Quantity: 300, InUse: 598, Available: -298}}, Instances: []portal.Instance{{Name: "UDI_PID:Cisco_vManage; UDI_SN:1"}}}}}}}
	v, err := portal.Start(vm)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	c, err := portal.Start(cs)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	env := map[string]string{
		"SLPDOCTOR_VMANAGE_USERNAME":           "reader",
		"SLPDOCTOR_VMANAGE_PASSWORD_FILE":      write("password", "vm-secret-17\n"),
		"SLPDOCTOR_CSSM_CLIENT_ID":             "id",
		"SLPDOCTOR_CSSM_CLIENT_SECRET_COMMAND": "printf cssm-secret-18",
	}
	var stderr bytes.Buffer
	a := &app{Env: Env{Err: &stderr, Getenv: func(name string) string { return env[name] }, Now: time.Now}}
	good := portals{vmanage: v.URL, cssm: []string{c.URL + portal.ClassicAPI, c.URL + portal.SoftwareAPI}, tokenURL: c.URL + portal.TokenServer,
		caFile: write("ca.pem", string(v.PEM)+string(c.PEM))}
	var d reconcile.Data
	if err := good.read(t.Context(), a, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Inputs) != 3 || len(d.VManage) != 1 || len(d.Assigned) != 1 || len(d.Balances) != 1 || len(d.Instances) != 1 {
		t.Errorf("read %+v", d)
	}
	for _, tt := range []struct {
		name   string
		change func(*portals)
		unset  string
		want   string
	}{
		{"no password", func(*portals) {}, "SLPDOCTOR_VMANAGE_PASSWORD_FILE", "--vmanage-url needs the variable SLPDOCTOR_VMANAGE_PASSWORD"},
		{"no client", func(*portals) {}, "SLPDOCTOR_CSSM_CLIENT_ID", "--cssm-url needs the variable SLPDOCTOR_CSSM_CLIENT_ID"},
		{"no authority", func(p *portals) { p.caFile = "" }, "", "--ca-file"},
		{"no file", func(p *portals) { p.caFile = filepath.Join(dir, "none.pem") }, "", "none.pem"},
		{"no certificate", func(p *portals) { p.caFile = write("bad.pem", "hello") }, "", "no certificate in PEM form"},
		{"http", func(p *portals) { p.vmanage = "http://vmanage.example" }, "", "want https"},
	} {
		p := good
		tt.change(&p)
		kept := env[tt.unset]
		delete(env, tt.unset)
		var d reconcile.Data
		err := p.read(t.Context(), a, &d)
		if tt.unset != "" {
			env[tt.unset] = kept
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || d.Inputs != nil {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		for _, secret := range append(vm.Secrets(), cs.Secrets()...) {
			if strings.Contains(err.Error()+stderr.String(), secret) {
				t.Errorf("%s: %q is in %v %s", tt.name, secret, err, &stderr)
			}
		}
	}
}
