package engine

import (
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/viptela"
)

// managerIdentity is what is always collected from vManage.
var managerIdentity = []*diag.Command{&viptela.ShowVersion.Command, &viptela.ShowSystemStatus.Command}

// Identifies reports whether the answer to a command may show a device to be of another platform (Foreign).
func Identifies(cmd *diag.Command) bool {
	return cmd == &iosxe.ShowVersion.Command || slices.Contains(managerIdentity, cmd)
}

// examineManager is Examine for vManage: it has no way of reporting of its own kind, no deadline and no licences in
// use; its log and its checks are what there is to say.
func (c Catalogue) examineManager(f *diag.Facts, order []*diag.Command) diag.DeviceResult {
	d := Unexamined(f.Device)
	d.State = diag.Examined
	d.Platform, d.Commands, d.Reports = managerPlatform(f), commands(f, order), viptela.Reports.Of(f).Log
	d.Results = c.Judge(f)
	if e := Foreign(f); e != nil {
		d.State, d.Error = diag.Failed, e
	}
	return d
}

func managerPlatform(f *diag.Facts) *diag.Platform {
	v, _ := viptela.ShowVersion.Partial(f)
	s, _ := viptela.ShowSystemStatus.Partial(f)
	if v == nil {
		v = &viptela.Version{}
	}
	if s == nil {
		s = &viptela.Status{}
	}
	text := func(v diag.Value[string]) string { s, _ := v.Peek(); return s }
	p := diag.Platform{OS: text(v.OS), Release: text(v.Release.Or(s.Release)), PID: text(s.Model), Serial: text(s.Serial)}
	if text(s.Personality) == "vmanage" {
		p.OS = "vManage"
	}
	if p == (diag.Platform{}) {
		return nil
	}
	return &p
}

// foreignManager reports a device that is another one than vManage, or of which neither answer shows that it is one: a
// shell is asked of no such device.
func foreignManager(f *diag.Facts) *diag.Fault {
	v, noVersion := viptela.ShowVersion.Partial(f)
	if v != nil {
		if os, ok := v.OS.Peek(); ok {
			return foreign("the device runs "+os+", and the inventory says that it is vManage", hintPlatform)
		}
	}
	s, noStatus := viptela.ShowSystemStatus.Partial(f)
	if s != nil {
		if p, ok := s.Personality.Peek(); ok && p != "vmanage" {
			return foreign("the device is a "+p+", and the inventory says that it is vManage", hintPlatform)
		}
	}
	said := []diag.Reason{diag.Refused, diag.Unparsed}
	if slices.Contains(said, noVersion) && slices.Contains(said, noStatus) {
		return foreign("nothing in the device's answers shows that it is vManage, as the inventory says", hintPlatform)
	}
	return nil
}
