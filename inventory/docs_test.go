package inventory

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

func readManual(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// block is the first example in a language.
func block(t *testing.T, manual, language string) string {
	t.Helper()
	_, rest, begun := strings.Cut(manual, "```"+language+"\n")
	text, _, ended := strings.Cut(rest, "```")
	if !begun || !ended {
		t.Fatalf("no example in %s", language)
	}
	return text
}

// The manual's examples load, and it names everything there is to choose from.
func TestManual(t *testing.T) {
	devices, credentials := readManual(t, "inventory.md"), readManual(t, "credentials.md")
	for name, example := range map[string]string{"inventory.md": devices, "credentials.md": credentials} {
		if inv := mustLoad(t, Options{}, "fleet.yaml", block(t, example, "yaml")); len(inv.Warnings) > 0 {
			t.Errorf("%s: %v", name, inv.Warnings)
		}
	}
	settings := "version: 1\ncredentials: {lab: {}}\ngroups: {campus: {}, tokyo: {}, wan: {}}\njumps: {bastion: {address: b}}\ndevices: []\n"
	if inv := mustLoad(t, Options{}, "settings.yaml", settings, "devices.csv", block(t, devices, "csv")); len(inv.Warnings) > 0 {
		t.Errorf("the CSV example: %v", inv.Warnings)
	}
	for _, word := range slices.Concat(slices.Collect(maps.Keys(textKeys)), csvReserved, topologyNames(),
		platforms, sshProfiles, hostKeys, []string{"jump", "tags", "expect"}) {
		if !strings.Contains(devices, "`"+word+"`") {
			t.Errorf("docs/inventory.md does not name %s", word)
		}
	}
	for _, source := range []Source{FromEnv, FromFile, FromCommand, FromKeyring, FromSystemd, FromPrompt, FromPlain} {
		if !strings.Contains(credentials, "`{"+string(source)+": ") {
			t.Errorf("docs/credentials.md does not name %s", source)
		}
	}
}
