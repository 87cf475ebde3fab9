package inventory

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestReferenceOutsideAnInventory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	parse := func(text string) (*Reference, Problems, error) {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(text), &n); err != nil {
			t.Fatal(err)
		}
		return ParseReference(path, n.Content[0], "url of receiver noc")
	}
	ref, warnings, err := parse("{env: NOC_URL}")
	if err != nil || len(warnings) != 0 {
		t.Fatal(warnings, err)
	}
	r := NewResolver(nil, Seams{Getenv: func(name string) (string, bool) { return "https://hooks.example.net/T0", name == "NOC_URL" }})
	if got, err := r.Fetch(context.Background(), "url of receiver noc", *ref); err != nil || got.Reveal() != "https://hooks.example.net/T0" {
		t.Errorf("fetched %q, %v", got.Reveal(), err)
	}
	r = NewResolver(nil, Seams{Getenv: func(string) (string, bool) { return "", false }})
	if _, err := r.Fetch(context.Background(), "url of receiver noc", *ref); err == nil || !strings.Contains(err.Error(), "url of receiver noc") || !strings.Contains(err.Error(), path+":1") {
		t.Errorf("a missing variable: %v", err)
	}
	for text, want := range map[string]string{
		"https://hooks.example.net/T0": "a literal secret is refused",
		"{envi: NOC_URL}":              "did you mean \"env\"?",
		"{env: A, file: b}":            "exactly one source",
	} {
		if _, _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hooks") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := parse("{command: [pass, show, noc]}"); err == nil || !strings.Contains(err.Error(), "is refused") {
		t.Errorf("a command in a file others may write: %v", err)
	}
	if _, warnings, err := parse("{plain: https://hooks.example.net/T0}"); err != nil || len(warnings) != 1 {
		t.Errorf("plain: %v, %v", warnings, err)
	}
}
