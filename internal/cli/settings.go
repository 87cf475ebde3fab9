package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"
)

// notSettings are flags that belong to one call only.
var notSettings = []string{"config", "help", "version", "ask-pass", "ask-enable", "dry-run", "command"}

// settle gives every flag of the executed command that was not typed its value from the environment
// (SLPDOCTOR_CONNECT_TIMEOUT for --connect-timeout), the settings file (connect_timeout) or its default,
// in this order. An unknown key of the file is an error with its line.
func (a *app) settle(c *cobra.Command) error {
	path, err := a.settingsPath()
	if err != nil {
		return usage(err, "")
	}
	v := viper.NewWithOptions(viper.KeyDelimiter("\x1f"))
	v.SetEnvPrefix("SLPDOCTOR")
	v.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))
	v.AutomaticEnv()
	lines := map[string]int{}
	if path != "" {
		if lines, err = strictKeys(path, settingKeys(c.Root())); err != nil {
			return usage(err, "settings are the long flags with _ for -, for example connect_timeout: 15s")
		}
		v.SetConfigFile(path)
		v.SetConfigType("yaml")
		if err := v.ReadInConfig(); err != nil {
			return usage(fmt.Errorf("reading settings: %w", err), "")
		}
	}
	var bad error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		key := strings.ReplaceAll(f.Name, "-", "_")
		if bad != nil || f.Changed || slices.Contains(notSettings, f.Name) || !v.IsSet(key) {
			return
		}
		if err := setFlag(c.Flags(), f, v, key); err != nil {
			where := "SLPDOCTOR_" + strings.ToUpper(key)
			if n, ok := lines[key]; ok && os.Getenv(where) == "" {
				where = fmt.Sprintf("%s:%d: %s", path, n, key)
			}
			bad = fmt.Errorf("%s: %w", where, err)
		}
	})
	if bad != nil {
		return usage(bad, "")
	}
	if !slices.Contains([]string{"auto", "always", "never"}, a.color) {
		return usage(fmt.Errorf("--color is %q: want auto, always or never", a.color), "")
	}
	if !slices.Contains([]string{"text", "json"}, a.logFormat) {
		return usage(fmt.Errorf("--log-format is %q: want text or json", a.logFormat), "")
	}
	return nil
}

func setFlag(flags *pflag.FlagSet, f *pflag.Flag, v *viper.Viper, key string) error {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		values := v.GetStringSlice(key)
		if s, ok := v.Get(key).(string); ok { // from the environment: one value, blanks and all
			values = []string{s}
		}
		return list.Replace(values)
	}
	return flags.Set(f.Name, v.GetString(key))
}

// settingsPath is the settings file in force, "" when there is none. One that was named must exist.
func (a *app) settingsPath() (string, error) {
	if a.config != "" {
		if _, err := os.Stat(a.config); err != nil {
			return "", fmt.Errorf("reading settings: %w", err)
		}
		return a.config, nil
	}
	dir := a.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		if home := a.Getenv("HOME"); home != "" {
			dir = filepath.Join(home, ".config")
		}
	}
	candidates := []string{"slpdoctor.yaml"}
	if dir != "" {
		candidates = append(candidates, filepath.Join(dir, "slpdoctor", "config.yaml"))
	}
	for _, p := range candidates {
		switch _, err := os.Stat(p); {
		case err == nil:
			return p, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("reading settings: %w", err)
		}
	}
	return "", nil
}

// settingKeys are the keys of every long flag of every command that may be set in a file.
func settingKeys(root *cobra.Command) map[string]bool {
	keys := map[string]bool{}
	add := func(f *pflag.Flag) {
		if !slices.Contains(notSettings, f.Name) {
			keys[strings.ReplaceAll(f.Name, "-", "_")] = true
		}
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		c.LocalFlags().VisitAll(add)
		c.PersistentFlags().VisitAll(add)
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk(root)
	return keys
}

// strictKeys reads the top level of a settings file: the line of every key, or an error that names the
// first key nobody knows.
func strictKeys(path string, known map[string]bool) (map[string]int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("reading settings %s: %w", path, err)
	}
	lines := map[string]int{}
	if len(doc.Content) == 0 {
		return lines, nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: settings are a mapping of key: value", path, top.Line)
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		k := top.Content[i]
		if !known[k.Value] {
			return nil, fmt.Errorf("%s:%d: unknown setting %q", path, k.Line, k.Value)
		}
		value := top.Content[i+1]
		nested := func(n *yaml.Node) bool { return n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode }
		if value.Kind == yaml.MappingNode || slices.ContainsFunc(value.Content, nested) {
			return nil, fmt.Errorf("%s:%d: the setting %q takes a value or a list of values", path, k.Line, k.Value)
		}
		lines[k.Value] = k.Line
	}
	return lines, nil
}
