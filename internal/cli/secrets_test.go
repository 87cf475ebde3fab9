package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/sim"
)

// TestSecretsAppearNowhere plants secrets where a user and a device have them, and looks for them in
// everything the program writes.
func TestSecretsAppearNowhere(t *testing.T) {
	w := newWorld(t)
	dev := devices(t, "fra-acc-3", "tyo-acc-1")
	onDevice := []string{"Planted-Enable-1", "Planted-User-2", "PlantedHash3abcdefghijklmn", "PlantedCommunity4", "Planted-Vty-5", "PlantedUrl6"}
	for _, d := range dev {
		if err := d.Configure("enable secret 0 "+onDevice[0], "username planted privilege 15 password 0 "+onDevice[1],
			"username hashed privilege 1 secret 9 $9$"+onDevice[2], "snmp-server community "+onDevice[3]+" RO",
			"line vty 0 4", "password 0 "+onDevice[4],
			"license smart url cslu http://collector:"+onDevice[5]+"@192.0.2.80:8182/cslu/v1/pi"); err != nil {
			t.Fatal(err)
		}
	}
	const password, enable, wrong, gate = "Planted Login 7", "Planted-Secret-8", "Planted-Wrong-9", "Planted-File-10"
	srv := w.serve(sim.Options{Devices: dev, Password: password, EnableSecret: enable})
	t.Setenv(simPasswordEnv, password)
	t.Setenv("SLPDOCTOR_ENABLE", enable)
	t.Setenv("SLPDOCTOR_PASSWORD", wrong)
	w.write("gate", gate+"\n")
	inventory := strings.Replace(w.read("inventory.yaml"), "devices:\n", "  wrong: {password: {env: SLPDOCTOR_PASSWORD}}\n  file: {password: {file: gate}}\ndevices:\n"+
		"  - {name: wrong, address: 127.0.0.1, port: "+portOf(srv.Addr("tyo-acc-1"))+", credential: wrong}\n"+
		"  - {name: file, address: 127.0.0.1, port: "+portOf(srv.Addr("tyo-acc-1"))+", credential: file}\n", 1)
	w.write("inventory.yaml", inventory)
	planted := append([]string{password, enable, wrong, gate}, onDevice...)

	said := map[string]string{}
	keep := func(name string, o outcome) { said[name+" stdout"], said[name+" stderr"] = o.out, o.err }
	keep("run", w.want(1, live("run", "-vv", "--save", "out/kept", "-o", "table", "-o", "json=out/j", "-o", "yaml=out/y", "-o", "ndjson=out/n")...))
	keep("run as json log", w.want(1, live("run", "-vv", "--log-format", "json", "-o", "ndjson")...))
	keep("collect", w.want(3, live("collect", "--save", "out/all")...))
	keep("dry run", w.want(0, live("run", "--dry-run")...))
	keep("list", w.want(0, "inventory", "list", "-i", "inventory.yaml", "-o", "json"))
	keep("check", w.want(1, "check", "out/kept", "-o", "json"))
	for _, d := range dev {
		for _, line := range []string{"show running-config", "show license tech support", "show license status"} {
			w.in = strings.NewReader(d.Run(line))
			keep("parse "+line, w.slpdoctor("parse", "--command", line))
		}
		w.write("raw/"+d.Name+"/"+bundle.Slug("show running-config")+".txt", d.Run("show running-config"))
		w.write("raw/"+d.Name+"/"+bundle.Slug("show license all")+".txt", d.Run("show license all"))
	}
	keep("check of a folder", w.slpdoctor("check", "raw", "-o", "json"))
	files := 0
	err := filepath.WalkDir("out", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files++
			said[path] = w.read(path)
			if info, err := e.Info(); err != nil || strings.HasPrefix(path, "out/kept") && info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", path, info.Mode(), err)
			}
		}
		return err
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files, %v", files, err)
	}
	for name, text := range said {
		for _, p := range planted {
			if i := strings.Index(text, p); i >= 0 {
				t.Errorf("%s holds %q: %q", name, p, text[max(0, i-80):min(len(text), i+30)])
			}
		}
	}
	if text := w.read("raw/" + dev[0].Name + "/show-running-config.txt"); !strings.Contains(text, onDevice[1]) || !strings.Contains(text, onDevice[5]) {
		t.Fatal("the device does not show what was planted")
	}
	if _, err := os.Stat("out/kept/devices/wrong/device.json"); err != nil {
		t.Error("the rejected device is not in the bundle")
	}
}

func portOf(address string) string { return address[strings.LastIndex(address, ":")+1:] }
