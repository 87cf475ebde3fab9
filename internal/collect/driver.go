package collect

import (
	"fmt"
	"sync"

	"github.com/scrapli/scrapligo/driver/generic"
	"github.com/scrapli/scrapligo/driver/network"
	"github.com/scrapli/scrapligo/driver/options"
	"github.com/scrapli/scrapligo/platform"
	"github.com/scrapli/scrapligo/transport"
)

// iosxe is scrapligo's cisco_iosxe driver, read from its definition once per process: parsing the YAML and
// compiling its expressions costs 345 us and 266 KB, more than a whole key exchange.
var iosxe = sync.OnceValues(func() (*network.Driver, error) {
	p, err := platform.NewPlatform(platform.CiscoIosxe, "", options.WithCustomTransport((*Transport)(nil)))
	if err != nil {
		return nil, fmt.Errorf("reading scrapligo's platform %s: %w", platform.CiscoIosxe, err)
	}
	return p.GetNetworkDriver()
})

// The names of the privilege levels in scrapligo's platform.
const (
	levelExec       = "exec"
	levelPrivileged = "privilege-exec"
)

// newDriver makes the driver of one login: the platform's knowledge, shared and never written to, over a
// channel and a transport of its own. scrapligo's on-open would type a secret nine times and believe a
// banner (its AcquirePriv), so both hooks are ours.
func newDriver(t transport.Implementation, onOpen, onClose func(*network.Driver) error) (*network.Driver, error) {
	common, err := iosxe()
	if err != nil {
		return nil, err
	}
	own, err := generic.NewDriver("", options.WithCustomTransport(t), options.WithReturnChar(enter))
	if err != nil {
		return nil, fmt.Errorf("making the driver: %w", err)
	}
	d := *common
	d.Driver, d.OnOpen, d.OnClose = own, onOpen, onClose
	return &d, nil
}
