package sim

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// platform is what a product family contributes to the outputs.
type platform struct {
	prefix     string // PIDs of the family begin with it
	family     string // as in "Software ID" tags
	image      string // image family in show version
	software   string
	boot       string // boot file system
	stack      bool   // prints show switch and the member table of show version
	controller bool   // prints "Router operating mode"
	licences   []Licence
	found      int // "Total licenses found"
	hsec       bool
}

// Licence is one licence in use.
type Licence struct {
	Name  string // network-advantage
	Title string // what stands in parentheses: a description or a tag
	Type  string // Perpetual or Subscription
	Count int
	Unit  string // Enforcement type; "" means NOT ENFORCED
}

var platforms = []platform{
	{prefix: "C9300", family: "C9300", image: "CAT9K_IOSXE", software: "Catalyst L3 Switch Software", boot: "flash", stack: true,
		licences: network("C9300-48 Network Advantage", "C9300-48 DNA Advantage"), found: 194},
	{prefix: "C9500", family: "C9500", image: "CAT9K_IOSXE", software: "Catalyst L3 Switch Software", boot: "bootflash",
		licences: network("C9500 Network Advantage", "C9500-32QC DNA Advantage"), found: 221},
	{prefix: "C94", family: "C9400", image: "CAT9K_IOSXE", software: "Catalyst L3 Switch Software", boot: "bootflash",
		licences: network("C9400 Network Advantage", "C9400 DNA Advantage"), found: 213, hsec: true},
	{prefix: "C9800", family: "C9800", image: "C9800_IOSXE-K9", software: "C9800 Software", boot: "bootflash",
		licences: []Licence{
			{Name: "air-network-advantage", Title: "air-network-advantage", Type: "Perpetual", Count: 42},
			{Name: "air-dna-advantage", Title: "air-dna-advantage", Type: "Subscription", Count: 42},
		}, found: 12},
	{prefix: "C8300", family: "C8300", image: "X86_64_LINUX_IOSD-UNIVERSALK9-M", software: "c8000be Software", boot: "bootflash", controller: true,
		licences: router("NWSTACK_T2_A", "DNA_P_T2_A", "T2"), found: 88, hsec: true},
	{prefix: "C8000V", family: "C8000V", image: "X86_64_LINUX_IOSD-UNIVERSALK9-M", software: "Virtual XE Software", boot: "bootflash", controller: true,
		licences: router("ESR_P_250M_A", "DNA_P_250M_A", "250M"), found: 78, hsec: true},
	{prefix: "ISR4", family: "ISR4400", image: "X86_64_LINUX_IOSD-UNIVERSALK9-M", software: "ISR Software", boot: "bootflash", controller: true,
		licences: router("ESR_P_500M_A", "DNA_P_500M_A", "500M"), found: 94, hsec: true},
	{prefix: "CSR1000V", family: "CSR1000V", image: "X86_64_LINUX_IOSD-UNIVERSALK9-M", software: "Virtual XE Software", boot: "bootflash", controller: true,
		licences: []Licence{{Name: "ax_1G", Title: "ax_1G", Type: "Subscription", Count: 1}}, found: 60},
}

func network(nw, dna string) []Licence {
	return []Licence{
		{Name: "network-advantage", Title: nw, Type: "Perpetual", Count: 1},
		{Name: "dna-advantage", Title: dna, Type: "Subscription", Count: 1},
	}
}

func router(nw, dna, tier string) []Licence {
	return []Licence{
		{Name: "network-advantage_" + tier, Title: nw, Type: "Perpetual", Count: 1},
		{Name: "dna-advantage_" + tier, Title: dna, Type: "Subscription", Count: 1},
	}
}

func platformOf(pid string) (platform, error) {
	for _, p := range platforms {
		if strings.HasPrefix(pid, p.prefix) {
			return p, nil
		}
	}
	return platform{}, fmt.Errorf("choosing platform of %q: unknown product", pid)
}

// uuid derives a stable identifier from a text.
func uuid(text string) string {
	h := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// tag is the entitlement tag of a licence on a platform.
func (p platform) tag(l Licence) string {
	id := strings.ReplaceAll(p.family+"_"+l.Name, "-", "_")
	return "regid.2019-06.com.cisco." + id + ",1.0_" + uuid(id)
}
