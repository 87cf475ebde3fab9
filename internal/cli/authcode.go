package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/unicode"

	"slpdoctor/internal/authcode"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/report"
)

type authcodeCommand struct {
	current
	specs    []string
	udis     []string
	exitZero bool
}

func newAuthcode(a *app) *cobra.Command {
	var o authcodeCommand
	c := &cobra.Command{
		Use:   "authcode FILE",
		Short: "Compare the UDIs in an authorization-code (SLAC) file with those of devices",
		Long: "Read which product instances an authorization-code file is for (- for standard input) and compare them with\n" +
			"the UDIs of devices, every member of a stack or high-availability pair included: an installation fails when\n" +
			"they are not the same. The devices are asked now (-i), or taken from what was collected before (--from), or\n" +
			"from the command line (--udi, all of one device). Codes are never printed.\n\n" +
			"Exit status:\n" +
			"    0  file and devices name the same product instances\n" +
			"    1  they do not\n" +
			"    2  usage error, or the file can not be read\n" +
			"    3  no difference is seen, but not every device is known\n",
		Example: "  slpdoctor authcode slac.txt -i inventory.yaml -l name=edge1\n" +
			"  slpdoctor authcode slac.txt --from evidence/ -l name=edge1\n" +
			"  slpdoctor authcode slac.txt --udi PID:C9300-24UX,SN:FOC00000001 --udi PID:C9300-24UX,SN:FOC00000002",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(a, args[0]) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.udis, "udi", nil, "a member of the device, `PID:..,SN:..`, repeatable")
	f.StringArrayVarP(&o.specs, "output", "o", nil, "`FORMAT[=PATH]`, repeatable: table, json (default table)")
	f.BoolVar(&o.exitZero, "exit-zero", false, "a difference does not set the exit status")
	o.current.flags(c)
	return c
}

func (o *authcodeCommand) run(a *app, path string) error {
	forms, err := parseForms(o.specs, "table", "json")
	if err != nil {
		return err
	}
	if err := o.current.check(path == "-"); err != nil {
		return err
	}
	if o.given() == (len(o.udis) > 0) {
		return usage(errors.New("nothing to compare with, or too much"), "give one of -i INVENTORY, --from PATH and --udi PID:..,SN:..")
	}
	text, err := readAuthcode(a.In, path)
	if err != nil {
		return usage(err, "")
	}
	file, err := authcode.Parse(text)
	if err != nil {
		return usage(fmt.Errorf("reading %s: %w", path, err), "authcode takes what CSSM generates under Inventory > Product Instances > Authorize License-Enforced Features")
	}
	devices, err := o.members(a)
	if err != nil {
		return err
	}
	c := authcode.Compare(file, devices)
	d := newAuthcodeDocument(path, file, c)
	err = a.emit(forms, func(w io.Writer, format string) error {
		if format == "json" {
			return encode(w, d, "  ")
		}
		l := a.lines()
		d.table(l)
		return l.flush(w)
	})
	switch {
	case err != nil:
		return err
	case o.exitZero || d.Equal:
		return nil
	case c.Differs():
		return status(engine.ExitFindings)
	}
	return status(engine.ExitIncomplete)
}

// readAuthcode is the text of a file, or of standard input, bounded.
func readAuthcode(stdin io.Reader, path string) (string, error) {
	in, name := stdin, "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in, name = f, path
	}
	b, err := io.ReadAll(io.LimitReader(in, authcode.MaxSize+1))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) { // as PowerShell writes it
		if b, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(b); err != nil {
			return "", fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return string(b), nil
}

// members are the devices with their identities.
func (o *authcodeCommand) members(a *app) ([]authcode.Device, error) {
	if len(o.udis) > 0 {
		d := authcode.Device{Name: "--udi"}
		for _, s := range o.udis {
			u, err := authcode.ParseUDI(s)
			if err != nil {
				return nil, usage(err, "")
			}
			d.Members = append(d.Members, u)
		}
		return []authcode.Device{d}, nil
	}
	all, err := o.devices(a, engine.Catalogue{}, []*diag.Command{&iosxe.ShowVersion.Command, &iosxe.ShowLicenseUDI.Command})
	if err != nil {
		return nil, err
	}
	var out []authcode.Device
	for _, s := range all {
		d := authcode.Device{Name: s.Name}
		if s.State != diag.Examined && s.Error != nil {
			d.Problem = s.Error.Message
		}
		if found, problem := identity(s.facts); problem != "" && d.Problem == "" {
			d.Members, d.Problem = found, problem
		} else if problem == "" {
			d.Members, d.Problem = found, ""
		}
		out = append(out, d)
	}
	return out, nil
}

// identity lists the members of a device as the agent knows them, or says why they are not known. What
// `show license udi` says is complete; other answers are only where nothing is missing in them.
func identity(f *diag.Facts) ([]authcode.UDI, string) {
	l := iosxe.LicenseView.Of(f)
	alone := l.HAUDIs.Why() == diag.Absent
	if own, ok := iosxe.ShowLicenseUDI.Of(f).Peek(); ok {
		l, alone = own, true
	}
	if list, ok := l.HAUDIs.Peek(); ok && len(list) > 0 {
		var out []authcode.UDI
		for _, m := range list {
			u, ok := udiOf(m.UDI)
			if !ok {
				return out, "a member of the HA UDI List could not be read"
			}
			out = append(out, u)
		}
		return out, ""
	}
	u, ok := udiOf(l.Device)
	switch {
	case !ok:
		return nil, "its UDI is not known: show license udi gives it"
	case !alone:
		return []authcode.UDI{u}, "whether it has more members is not known: show license udi gives them"
	}
	return []authcode.UDI{u}, ""
}

func udiOf(u iosxe.UDI) (authcode.UDI, bool) {
	pid, ok := u.PID.Peek()
	sn, also := u.SN.Peek()
	return authcode.UDI{PID: pid, SN: sn}, ok && also
}

// authcodeDocument is the JSON document of authcode, kind "authcode".
type authcodeDocument struct {
	Schema  int              `json:"schema"`
	Kind    string           `json:"kind"`
	Tool    diag.Tool        `json:"tool"`
	File    string           `json:"file"`
	Equal   bool             `json:"equal"`
	UDIs    []authcode.UDI   `json:"udis"`    // of the file
	Foreign []authcode.UDI   `json:"foreign"` // of the file, on none of the devices
	Devices []authcodeDevice `json:"devices"`
}

type authcodeDevice struct {
	Name    string         `json:"name"`
	State   authcode.State `json:"state"` // match, partial, absent or unknown
	Members []authcode.UDI `json:"members"`
	Missing []authcode.UDI `json:"missing"` // members that the file does not name
	Problem *string        `json:"problem"` // why the members are not known
}

func newAuthcodeDocument(path string, file []authcode.UDI, c authcode.Comparison) *authcodeDocument {
	list := func(all []authcode.UDI) []authcode.UDI { return append([]authcode.UDI{}, all...) }
	d := &authcodeDocument{Schema: diag.SchemaVersion, Kind: "authcode", Tool: diag.Tool{Name: "slpdoctor", Version: version()},
		File: path, Equal: c.Equal(), UDIs: list(file), Foreign: list(c.Foreign), Devices: []authcodeDevice{}}
	for _, r := range c.Devices {
		one := authcodeDevice{Name: r.Name, State: r.State, Members: list(r.Members), Missing: list(r.Missing)}
		if r.Problem != "" {
			one.Problem = &r.Problem
		}
		d.Devices = append(d.Devices, one)
	}
	return d
}

func (d *authcodeDocument) table(l *lines) {
	l.para("", report.Clean(fmt.Sprintf("%s is for %s.", d.File, howMany(len(d.UDIs), "product instance"))))
	for _, s := range authcodeStates {
		for _, dev := range d.Devices {
			if dev.State == s.state {
				l.para("  "+report.Clean(dev.Name)+": ", report.Clean(s.text(dev)))
				for _, u := range dev.Missing {
					l.plain("    missing in the file: %s", report.Clean(u.String()))
				}
			}
		}
	}
	for _, u := range d.Foreign {
		l.plain("  on no device given: %s", report.Clean(u.String()))
	}
	if d.Equal {
		l.plain("The file fits.")
		return
	}
	if len(d.Foreign) > 0 || strings.Contains(l.b.String(), "missing in the file") {
		l.para("To do: ", "compare the devices that you meant with the list in CSSM; then generate the code for exactly the UDIs of "+
			"`show license udi`, download it and install it (slpdoctor explain M03, M23).")
	}
}

// authcodeStates is how the states are told, in order.
var authcodeStates = []struct {
	state authcode.State
	text  func(authcodeDevice) string
}{
	{authcode.Match, func(d authcodeDevice) string {
		return "all of its " + howMany(len(d.Members), "member") + " in the file"
	}},
	{authcode.Partial, func(d authcodeDevice) string {
		return fmt.Sprintf("only %d of %s in the file: the installation fails", len(d.Members)-len(d.Missing), howMany(len(d.Members), "member"))
	}},
	{authcode.Absent, func(authcodeDevice) string { return "not in the file" }},
	{authcode.Unknown, func(d authcodeDevice) string {
		if d.Problem == nil {
			return "not known"
		}
		return "not known: " + *d.Problem
	}},
}

func authcodeSchema() (*jsonschema.Schema, error) { return jsonschema.For[authcodeDocument](nil) }
