package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sort"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"slpdoctor/inventory"
)

func newInventory(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "inventory",
		Short: "Show what would be contacted; nothing is contacted",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newInventoryList(a), newInventoryValidate(a), &cobra.Command{
		Use:   "example",
		Short: "Print an example inventory, with comments",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.write("", func(w io.Writer) error { _, err := io.WriteString(w, inventory.Example()); return err })
		},
	})
	return c
}

func newInventoryList(a *app) *cobra.Command {
	var s selection
	var format string
	c := &cobra.Command{
		Use:   "list [HOST...]",
		Short: "List the devices that are left after all filters",
		RunE: func(_ *cobra.Command, args []string) error {
			if format != "table" && format != "json" {
				return usage(fmt.Errorf("-o %s: want table or json", format), "")
			}
			_, devices, err := s.load(a, args)
			if err != nil {
				return err
			}
			return a.write("", func(w io.Writer) error {
				if format == "json" {
					return listJSON(w, devices)
				}
				return listDevices(w, devices)
			})
		},
	}
	s.flags(c)
	c.Flags().StringVarP(&format, "output", "o", "table", "table or json")
	return c
}

func listJSON(w io.Writer, devices []inventory.Device) error {
	type row struct {
		Name       string            `json:"name"`
		Address    string            `json:"address"`
		Port       int               `json:"port"`
		Username   string            `json:"username"`
		Credential string            `json:"credential"`
		Jump       []string          `json:"jump"`
		Groups     []string          `json:"groups"`
		Tags       map[string]string `json:"tags"`
		Topology   string            `json:"topology"`
		Source     string            `json:"source"`
	}
	rows := []row{}
	for _, d := range devices {
		r := row{d.Name, d.Address, d.Port, d.Username, d.Credential, []string{}, d.Groups, d.Tags, string(d.Topology), d.Source.String()}
		for _, j := range d.Jump {
			r.Jump = append(r.Jump, j.Name)
		}
		rows = append(rows, r)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(rows)
}

func listDevices(w io.Writer, devices []inventory.Device) error {
	var rows [][]string
	for _, d := range devices {
		rows = append(rows, deviceRow(d))
	}
	if err := columns(w, "NAME\tADDRESS\tUSER\tCREDENTIAL\tJUMP\tGROUPS\tTAGS\tTOPOLOGY", rows); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, counted(len(devices)))
	return err
}

func counted(devices int) string {
	if devices == 1 {
		return "1 device"
	}
	return fmt.Sprintf("%d devices", devices)
}

func deviceRow(d inventory.Device) []string {
	var jumps, tags []string
	for _, j := range d.Jump {
		jumps = append(jumps, j.Name)
	}
	for k, v := range d.Tags {
		tags = append(tags, k+"="+v)
	}
	sort.Strings(tags)
	return []string{d.Name, net.JoinHostPort(d.Address, strconv.Itoa(d.Port)), d.Username, d.Credential,
		strings.Join(jumps, " > "), strings.Join(d.Groups, ","), strings.Join(tags, ","), string(d.Topology)}
}

func newInventoryValidate(a *app) *cobra.Command {
	var s selection
	c := &cobra.Command{
		Use:   "validate",
		Short: "Check an inventory: every error with its file and line; no secret is fetched",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, devices, err := s.load(a, nil)
			if err != nil {
				return err
			}
			return a.write("", func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s, no error\n", counted(len(devices)))
				return err
			})
		},
	}
	s.flags(c)
	return c
}
