package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	good := portals{vmanage: []string{v.URL}, cssm: []string{c.URL + portal.ClassicAPI, c.URL + portal.SoftwareAPI}, tokenURL: c.URL + portal.TokenServer,
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
		{"http", func(p *portals) { p.vmanage = []string{"http://vmanage.example"} }, "", "want https"},
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

// TestReconcileOverHTTPS asks both portals for the seed's case, as a user does, and is refused by each in turn.
func TestReconcileOverHTTPS(t *testing.T) {
	const tier1, tier3 = "Routing DNA Advantage: Tier 1", "Routing DNA Advantage: Tier 3"
	vm := &portal.VManage{User: "reader", Password: "vm-secret-17", Overview: []portal.OverviewRow{{Name: tier1, Licensed: 298, Total: 300}, {Name: tier3, Licensed: 3, Total: 8}}}
	for i := range 301 {
		name := tier1
		if i >= 298 {
			name = tier3
		}
		vm.Devices = append(vm.Devices, portal.Device{UUID: fmt.Sprintf("C8300-1N1S-FDO%05d", i), Host: fmt.Sprintf("edge-%d", i),
			Licenses: []portal.Assigned{{Name: name, Smart: "example.com", Virtual: "SDWAN", Units: 1}}})
	}
	cs := &portal.CSSM{ClientID: "id-of-reader", ClientSecret: "cssm-secret-18", Smart: []portal.SmartAccount{{Domain: "example.com", Virtual: []portal.VirtualAccount{
		{Name: "SDWAN", Instances: []portal.Instance{{Name: "UDI_PID:Cisco_vManage; UDI_SN:8C3B"}}, Licenses: []portal.License{
			{Name: tier1, Quantity: 300, InUse: 598, Available: -298, Billing: "PREPAID", Status: "Insufficient Licenses"},
			{Name: tier3, Quantity: 8, InUse: 3, Available: 5, Billing: "PREPAID", Status: "In Compliance"}}},
		{Name: "Branch", Licenses: []portal.License{{Name: "Network Advantage", Quantity: 9, InUse: 4, Available: 5, Billing: "PREPAID", Status: "In Compliance"}}}}}}}
	w := newWorld(t)
	serve := func(h http.Handler) *portal.Server {
		s, err := portal.Start(h)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	v, c := serve(vm), serve(cs)
	w.write("ca.pem", string(v.PEM)+string(c.PEM))
	before := w.write("before.csv", "Name,Number of Licensed Devices,Number of Total Licenses\n"+tier1+",300,300\n"+tier3+",3,8\n")
	if week := time.Now().Add(-7 * 24 * time.Hour); os.Chtimes(before, week, week) != nil {
		t.Fatal("the time of a file can not be set")
	}
	t.Setenv("SLPDOCTOR_VMANAGE_USERNAME", vm.User)
	t.Setenv("SLPDOCTOR_VMANAGE_PASSWORD", vm.Password)
	t.Setenv("SLPDOCTOR_CSSM_CLIENT_ID", cs.ClientID)
	t.Setenv("SLPDOCTOR_CSSM_CLIENT_SECRET", cs.ClientSecret)
	secrets := func(texts ...string) {
		t.Helper()
		for _, secret := range append(append(vm.Secrets(), cs.Secrets()...), cs.ClientID) {
			if strings.Contains(strings.Join(texts, ""), secret) {
				t.Errorf("%q is in %q", secret, texts)
			}
		}
	}
	ask := []string{"reconcile", "--state-dir", "state", "--vmanage-url", v.URL, "--cssm-url", c.URL + portal.ClassicAPI, "--cssm-url", c.URL + portal.SoftwareAPI,
		"--cssm-token-url", c.URL + portal.TokenServer, "--vmanage-before", before}

	o := w.want(1, append(ask, "--ca-file", "ca.pem", "-o", "json", "-o", "table=t.txt")...)
	valid(t, w.schema("reconcile"), o.out)
	var d reconcile.Document
	if err := json.Unmarshal([]byte(o.out), &d); err != nil {
		t.Fatal(err)
	}
	got := map[string][]int64{}
	for _, x := range d.Licenses {
		if x.V != nil {
			got[x.Smart+"/"+x.Virtual+"/"+x.Name] = []int64{*x.V, *x.Vp, *x.T, *x.A, *x.S, *x.U, *x.B, *x.Delta}
		}
	}
	want := map[string][]int64{"example.com/SDWAN/" + tier1: {298, 300, 300, 300, 0, 598, -298, 300}, "example.com/SDWAN/" + tier3: {3, 3, 8, 8, 0, 3, 5, 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d.Verdict.Case != reconcile.FCount || d.Verdict.Confidence != reconcile.High {
		t.Errorf("%s (%s)", d.Verdict.Case, d.Verdict.Confidence)
	}
	if vm.Open() != 0 {
		t.Errorf("%d sessions of vManage are left open", vm.Open())
	}
	secrets(o.out, o.err, w.read("t.txt"), w.read(filepath.Join("state", "reconcile.json")))

	for _, tt := range []struct {
		name   string
		args   []string
		change func()
		want   string
		logins int // at vManage
	}{
		{"unknown authority", nil, func() {}, "give its CA certificate with --ca-file", 0},
		{"rejected by CSSM", []string{"--ca-file", "ca.pem"}, func() { t.Setenv("SLPDOCTOR_CSSM_CLIENT_SECRET", "wrong-secret-19") }, "client id or client secret rejected (401)", 1},
		{"rejected by vManage", []string{"--ca-file", "ca.pem"}, func() { v.Fail("/j_security_check", portal.Status(http.StatusUnauthorized)) }, "user name or password rejected; it is not tried again", 1},
		{"its login page again", []string{"--ca-file", "ca.pem"}, func() { t.Setenv("SLPDOCTOR_VMANAGE_PASSWORD", "wrong-secret-20") }, "user name or password rejected; it is not tried again", 1},
	} {
		tt.change()
		seen := len(v.Requests())
		o := w.want(2, append(slices.Clone(ask), tt.args...)...)
		if o.out != "" || !strings.Contains(o.err, tt.want) {
			t.Errorf("%s: %q\n%s", tt.name, o.out, o.err)
		}
		logins := 0
		for _, r := range v.Requests()[seen:] {
			if r == "POST /j_security_check" {
				logins++
			}
		}
		if logins != tt.logins || vm.Open() != 0 {
			t.Errorf("%s: %d logins, %d sessions left open", tt.name, logins, vm.Open())
		}
		secrets(o.out, o.err)
		if strings.Contains(o.err, "wrong-secret") {
			t.Errorf("%s: %s", tt.name, o.err)
		}
	}
}
