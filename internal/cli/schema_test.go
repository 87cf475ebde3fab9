package cli

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/sim"
)

// schema compiles what the program prints, with a validator that is not the one that made it.
func (w *world) schema(kind string) *jsonschema.Schema {
	w.t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(w.want(0, "schema", kind).out))
	if err != nil {
		w.t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("slpdoctor.json", doc); err != nil {
		w.t.Fatal(err)
	}
	s, err := c.Compile("slpdoctor.json")
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, text string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("not one JSON document: %v\n%.300s", err, text)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v", err)
	}
}

func TestRunsKeepTheirSchema(t *testing.T) {
	w := newWorld(t)
	s := w.schema("run")
	dev := devices(t, "tyo-core-1", "tyo-acc-1", "syd-old-1", "lab-acc-1", "lab-acc-2", "syd-vault-2")
	w.serve(sim.Options{Devices: dev})
	run := w.want(1, live("run", "--save", "kept", "-o", "json")...).out
	for name, text := range map[string]string{
		"run":       run,
		"kept run":  w.read("kept/run.json"),
		"check":     w.want(1, "check", "kept", "-o", "json").out,
		"demo":      w.want(0, "demo", "-o", "json", "-l", "tyo-*").out,
		"not run":   w.want(3, live("run", "-o", "json", "--max-time", "1ns")...).out,
		"no checks": w.want(0, live("collect", "--save", "all", "-l", "tyo-*")...).out + w.read("all/run.json"),
	} {
		t.Run(name, func(t *testing.T) {
			_, text, _ := strings.Cut(text, "{")
			valid(t, s, "{"+text)
		})
	}
	for name, broken := range map[string]string{
		"a state is missing":   strings.Replace(run, `"state": "examined",`, "", 1),
		"an unknown key":       strings.Replace(run, `"summary": {`, `"extra": 1, "summary": {`, 1),
		"a number for a text":  strings.Replace(run, `"mode": "run"`, `"mode": 1`, 1),
		"a run without header": strings.Replace(run, `"kind": "run",`, "", 1),
	} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(doc) == nil {
			t.Errorf("%s: valid", name)
		}
	}
}

// TestNDJSON puts the lines of a run together again.
func TestNDJSON(t *testing.T) {
	w := newWorld(t)
	s := w.schema("run")
	w.serve(sim.Options{Devices: devices(t, "tyo-core-1", "tyo-acc-1", "lab-acc-2", "syd-vault-2")})
	for _, args := range [][]string{
		live("run", "-o", "ndjson", "--save", "kept", "-o", "json=run.json"),
		{"check", "kept", "-o", "ndjson", "-o", "json=run.json"},
		{"report", "run.json", "-o", "ndjson"},
	} {
		t.Run(args[0], func(t *testing.T) { together(t, s, w.want(1, args...).out, w.read("run.json")) })
	}
}

func together(t *testing.T, s *jsonschema.Schema, lines, want string) {
	t.Helper()
	var kinds []string
	doc := map[string]any{"schema": diag.SchemaVersion, "kind": "run", "devices": []any{}}
	for line := range strings.Lines(lines) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		kind, _ := v["kind"].(string)
		if kinds = append(kinds, kind); v["schema"] != float64(diag.SchemaVersion) {
			t.Errorf("%s: schema %v", kind, v["schema"])
		}
		delete(v, "kind")
		delete(v, "schema")
		if kind == "device" {
			doc["devices"] = append(doc["devices"].([]any), v)
			continue
		}
		maps.Copy(doc, v)
	}
	if diff := cmp.Diff([]string{"run", "device", "device", "device", "device", "summary"}, kinds); diff != "" {
		t.Fatal(diff)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	valid(t, s, string(text))
	var whole map[string]any
	if err := json.Unmarshal([]byte(want), &whole); err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole["summary"], back["summary"]); diff != "" {
		t.Errorf("the summary is not that of -o json (-json +ndjson):\n%s", diff)
	}
}

// TestParseKeepsItsSchema parses every answer of a healthy, a broken and an old device, and what is none.
func TestParseKeepsItsSchema(t *testing.T) {
	w := newWorld(t)
	s := w.schema("parse")
	for _, d := range devices(t, "tyo-core-1", "chi-br-2", "syd-old-1") {
		lines, text := answers(d)
		for _, l := range lines {
			w.in = strings.NewReader(text[l])
			valid(t, s, w.want(0, "parse", "--command", l).out)
		}
	}
	for _, text := range []string{"", "\n", "% Invalid input detected at '^' marker.\n", "Welcome\n  to: nowhere\n"} {
		w.in = strings.NewReader(text)
		valid(t, s, w.want(0, "parse", "--command", "sh lic tech").out)
	}
}
