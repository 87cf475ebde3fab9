package inventory

import (
	"slices"
	"time"

	"slpdoctor/internal/diag"
)

// Inventory is one or more sources, merged, with every device fully resolved. The zero Inventory has
// no devices.
type Inventory struct {
	Devices     []Device              // in the order of the sources
	Jumps       map[string]Jump       // the named jump hosts, used or not
	Credentials map[string]Credential // by name; "" is the default credential, if the command line gives one
	Groups      []string              // the names of the groups, sorted
	Warnings    []Problem             // what a person should know although the inventory is usable
}

// Device is one product instance and how to reach it: the device's own keys over its groups over the
// defaults over the command line over ssh_config.
type Device struct {
	Name     string // unique in the inventory; case and dots are kept
	Address  string // IP address or host name, never empty, IPv6 without brackets
	Port     int    // 22 unless something says otherwise
	Username string // "" when nothing gives one: the caller decides

	Credential    string   // key of Inventory.Credentials; "" is the default credential
	Enable        bool     // send the credential's enable secret after the login
	IdentityFiles []string // private keys ssh_config names, offered when the credential has none
	Jump          []Jump   // hosts to pass through, the nearest first; empty is a direct connection

	Tags   map[string]string
	Groups []string // in the order in which the device names them

	Topology diag.TopologyID // declared; "" when it is to be inferred
	Expect   diag.Expect     // what the operator expects; zero fields expect nothing

	Platform   string        // iosxe or vmanage
	SSHProfile string        // default, legacy or strict; "" leaves it to the run
	HostKey    string        // strict, accept-new or off; "" leaves it to the run
	Timeout    time.Duration // for the whole device; 0 leaves it to the run
	Disabled   bool          // in the inventory, but not to be contacted
	Source     Position      // where the device is written
}

// Declared is what the checks may know of the device.
func (d Device) Declared() diag.Device {
	declared := diag.Device{
		Name: d.Name, Address: d.Address, Tags: d.Tags, Groups: d.Groups, Topology: d.Topology, Expect: d.Expect,
	}
	if d.Platform == diag.PlatformVManage {
		declared.Platform = d.Platform
	}
	return declared
}

// Jump is a host on the way to a device. It logs in with its own credential, with its own identity
// files or with the agent: never with a device's credential, and never with the default credential.
type Jump struct {
	Name          string // its name under jumps:, or the text that gave it
	Address       string
	Port          int
	Username      string   // "" when nothing gives one: the caller decides
	Credential    string   // "" for none: identity files and agent only
	IdentityFiles []string // private keys ssh_config names
	Source        Position
}

func (d Device) inGroup(name string) bool { return slices.Contains(d.Groups, name) }
