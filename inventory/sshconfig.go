package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kevinburke/ssh_config"
)

// sshConfig answers HostName, Port, User, IdentityFile and ProxyJump from Host blocks. A nil sshConfig
// answers nothing.
type sshConfig struct {
	file     *ssh_config.Config
	path     string
	home     string
	notes    *notes
	reported map[string]bool // warnings given
}

// openSSHConfig reads the file the options name. A file that cannot be understood is a warning, one that
// was asked for and is not there an error.
func (l *loader) openSSHConfig() (*sshConfig, error) {
	path, chosen := l.options.SSHConfig, true
	switch path {
	case "none":
		return nil, nil
	case "":
		path, chosen = filepath.Join(l.home(), ".ssh", "config"), false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		if !chosen {
			if !errors.Is(err, fs.ErrNotExist) {
				l.warn(Position{File: path}, "", "not used: %v", err)
			}
			return nil, nil
		}
		if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathErr.Err
		}
		return nil, err
	}
	file, err := ssh_config.DecodeBytes(data)
	if err != nil {
		l.warn(Position{File: path}, "repeat in the inventory what is needed of it; --ssh-config none silences this",
			"the whole file is not used: %v", err)
		return nil, nil
	}
	return &sshConfig{file: file, path: path, home: l.home(), notes: l.notes, reported: map[string]bool{}}, nil
}

// get is every value of a keyword in the blocks that match one of the aliases, in the order of the file.
// For all keywords but IdentityFile the first counts.
func (c *sshConfig) get(keyword string, aliases ...string) []string {
	var values []string
	for _, block := range c.file.Hosts {
		for _, alias := range aliases {
			if !block.Matches(alias) {
				continue
			}
			for _, node := range block.Nodes {
				switch node := node.(type) {
				case *ssh_config.KV:
					if strings.EqualFold(node.Key, keyword) {
						values = append(values, node.Value)
					}
				case *ssh_config.Include:
					included, _ := node.GetAll(alias, keyword)
					values = append(values, included...)
				}
			}
			break
		}
	}
	return values
}

func (c *sshConfig) first(keyword string, aliases ...string) string {
	if values := c.get(keyword, aliases...); len(values) > 0 {
		return values[0]
	}
	return ""
}

// complete fills in what the inventory leaves open about the device and its jump hosts. jumpSet says that
// the inventory or the command line decides about jump hosts, even if only to have none.
func (c *sshConfig) complete(d Device, jumpSet bool) Device {
	if !jumpSet {
		d.Jump = c.proxyJump(d.Name, d.Address)
	}
	// The first host of a chain may be behind others itself, as for ssh.
	seen := map[string]bool{d.Name: true, d.Address: true}
	for len(d.Jump) > 0 {
		first := d.Jump[0]
		seen[first.Address] = true
		outer := c.proxyJump(first.Name, first.Address)
		if len(outer) == 0 {
			break
		}
		if slices.ContainsFunc(outer, func(j Jump) bool { return seen[j.Address] }) {
			c.warnOnce("ProxyJump of %s is not used: it leads round in a circle", first.Name)
			break
		}
		d.Jump = slices.Concat(outer, d.Jump)
	}
	for i, j := range d.Jump {
		d.Jump[i] = c.jump(j)
	}
	end := c.jump(Jump{Name: d.Name, Address: d.Address, Port: d.Port, Username: d.Username})
	d.Address, d.Port, d.Username, d.IdentityFiles = end.Address, end.Port, end.Username, end.IdentityFiles
	return d
}

// jump fills in one end of a connection.
func (c *sshConfig) jump(j Jump) Jump {
	if c != nil {
		alias := j.Address
		if host := c.first("HostName", alias); host != "" && !isIP(alias) {
			host = strings.NewReplacer("%%", "%", "%h", alias).Replace(host)
			if address, err := parseAddress(host); err != nil {
				c.warnOnce("HostName of %s is not used: %v", alias, err)
			} else {
				j.Address = address
			}
		}
		if text := c.first("Port", j.Name, alias); j.Port == 0 && text != "" {
			port, err := parsePort(text)
			if err != nil {
				c.warnOnce("Port of %s is not used: it %v", alias, err)
			}
			j.Port = port
		}
		if j.Username == "" {
			j.Username = c.first("User", j.Name, alias)
		}
		for _, file := range c.get("IdentityFile", j.Name, alias) {
			j.IdentityFiles = append(j.IdentityFiles, c.identityFile(file, j, alias))
		}
	}
	if j.Port == 0 {
		j.Port = 22
	}
	return j
}

func (c *sshConfig) identityFile(file string, j Jump, alias string) string {
	file = strings.NewReplacer("%%", "%", "%d", c.home, "%h", j.Address, "%n", alias,
		"%p", strconv.Itoa(j.Port), "%r", j.Username).Replace(file)
	if rest, ok := strings.CutPrefix(file, "~/"); ok {
		return filepath.Join(c.home, rest)
	}
	return file
}

// proxyJump is the chain of ProxyJump. One that leads through the host itself, as a block "Host *" makes
// of its own jump host, counts as none.
func (c *sshConfig) proxyJump(name, address string) []Jump {
	if c == nil {
		return nil
	}
	text := c.first("ProxyJump", name, address)
	if text == "" {
		if command := c.first("ProxyCommand", name, address); command != "" && command != "none" {
			c.warnOnce("ProxyCommand is not supported: what it stands for is contacted directly; use ProxyJump or jump")
		}
		return nil
	}
	hops, err := ParseJumps(text)
	if err != nil {
		c.warnOnce("ProxyJump of %s is not used: %v", name, err)
		return nil
	}
	var chain []Jump
	for _, hop := range hops {
		h, err := ParseHost(hop)
		if err != nil || h.Address == address || h.Address == name {
			return nil
		}
		chain = append(chain, Jump{Name: hop, Address: h.Address, Port: h.Port, Username: h.Username, Source: Position{File: c.path}})
	}
	return chain
}

func (c *sshConfig) warnOnce(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !c.reported[text] {
		c.reported[text] = true
		c.notes.warn(Position{File: c.path}, "", "%s", text)
	}
}

// ParseJumps takes a jump chain apart: [user@]host[:port], separated by commas, the nearest first. "none"
// is an empty chain.
func ParseJumps(chain string) ([]string, error) {
	if chain == "none" {
		return nil, nil
	}
	var hops []string
	for hop := range strings.SplitSeq(chain, ",") {
		hop = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(hop), "ssh://"))
		if hop == "" {
			return nil, errors.New("a jump host in the chain is empty")
		}
		if _, err := ParseHost(hop); err != nil {
			return nil, fmt.Errorf("jump host: %w", err)
		}
		hops = append(hops, hop)
	}
	return hops, nil
}

func hostPort(address string, port int) string { return net.JoinHostPort(address, strconv.Itoa(port)) }
