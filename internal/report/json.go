package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"

	"slpdoctor/internal/diag"
)

// Document is the JSON document of a run, kind "run", schema 1.
type Document struct {
	Schema  int                 `json:"schema"`
	Kind    string              `json:"kind"`
	Tool    diag.Tool           `json:"tool"`
	Run     diag.Run            `json:"run"`
	Summary diag.Summary        `json:"summary"`
	Devices []diag.DeviceResult `json:"devices"`
}

// header is Document without its devices: what is known before them.
type header struct {
	Schema  int           `json:"schema"`
	Kind    string        `json:"kind"`
	Tool    *diag.Tool    `json:"tool,omitempty"`
	Run     *diag.Run     `json:"run,omitempty"`
	Summary *diag.Summary `json:"summary,omitempty"`
}

// Read takes a JSON document of a run back in.
func Read(r io.Reader) (*diag.Report, error) {
	var d Document
	if err := json.NewDecoder(r).Decode(&d); err != nil {
		return nil, fmt.Errorf("reading a run: %w", err)
	}
	if err := ours(d.Kind, d.Schema); err != nil {
		return nil, err
	}
	return &diag.Report{Tool: d.Tool, Run: d.Run, Summary: d.Summary, Devices: Slice(d.Devices)}, nil
}

// ReadLean is Read for a comparison: what Lean drops is dropped device by device, so that a large document never
// stands in memory as a whole beside its text.
func ReadLean(text []byte) (*diag.Report, error) {
	var d struct {
		Document
		Devices []lean `json:"devices"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("reading a run: %w", err)
	}
	if err := ours(d.Kind, d.Schema); err != nil {
		return nil, err
	}
	devices := make([]diag.DeviceResult, len(d.Devices))
	for i := range d.Devices {
		devices[i] = d.Devices[i].DeviceResult
	}
	return &diag.Report{Tool: d.Tool, Run: d.Run, Summary: d.Summary, Devices: Slice(devices)}, nil
}

// ours refuses documents that this program does not read as a run.
func ours(kind string, schema int) error {
	switch {
	case kind != "run":
		return fmt.Errorf("reading a run: the document's kind is %q, want \"run\"", kind)
	case schema != diag.SchemaVersion:
		return fmt.Errorf("reading a run: the document has schema %d, this program reads %d", schema, diag.SchemaVersion)
	}
	return nil
}

// Lean drops what no comparison looks at.
func Lean(d *diag.DeviceResult) {
	d.Commands = nil
	d.Results = slices.Clone(d.Results)
	for i := range d.Results {
		r := &d.Results[i]
		if r.Evidence, r.Fixes = nil, nil; !r.TopologyUnknown() {
			r.Message = diag.Message{}
		}
	}
}

// lean is a device that is read without what Lean drops.
type lean struct{ diag.DeviceResult }

// UnmarshalJSON reads the device and drops the rest.
func (l *lean) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &l.DeviceResult); err != nil {
		return err
	}
	Lean(&l.DeviceResult)
	return nil
}

// Slice iterates over devices in memory.
func Slice(devices []diag.DeviceResult) func(func(diag.DeviceResult, error) bool) {
	return func(yield func(diag.DeviceResult, error) bool) {
		for _, d := range devices {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(indent, "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding json: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// JSON writes the JSON document of a run.
func JSON(w io.Writer, r *diag.Report) error { return writeJSON(w, r, Options{}) }

// writeJSON streams one document; devices are never all in memory.
func writeJSON(w io.Writer, r *diag.Report, _ Options) error {
	head, err := encode(header{Schema: diag.SchemaVersion, Kind: "run", Tool: &r.Tool, Run: &r.Run, Summary: &r.Summary}, "")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s,\n  \"devices\": [", bytes.TrimSuffix(head, []byte("\n}"))); err != nil {
		return err
	}
	sep := "\n    "
	for d, err := range r.Devices {
		if err != nil {
			return err
		}
		b, err := encode(d, "    ")
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", sep, b); err != nil {
			return err
		}
		sep = ",\n    "
	}
	_, err = io.WriteString(w, "\n  ]\n}\n")
	return err
}

// Stream writes ndjson while a run goes on: the header, devices as they complete, the summary.
type Stream struct{ W io.Writer }

// Begin writes the header of the run.
func (s Stream) Begin(t diag.Tool, r diag.Run) error {
	return s.line(struct {
		header
	}{header{Schema: diag.SchemaVersion, Kind: "run", Tool: &t, Run: &r}})
}

// Device writes one device.
func (s Stream) Device(d diag.DeviceResult) error {
	return s.line(struct {
		Schema int    `json:"schema"`
		Kind   string `json:"kind"`
		diag.DeviceResult
	}{diag.SchemaVersion, "device", d})
}

// End writes the finished header's times and the summary.
func (s Stream) End(r diag.Run, sum diag.Summary) error {
	return s.line(struct {
		header
	}{header{Schema: diag.SchemaVersion, Kind: "summary", Run: &r, Summary: &sum}})
}

func (s Stream) line(v any) error {
	e := json.NewEncoder(s.W)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func writeNDJSON(w io.Writer, r *diag.Report, _ Options) error {
	s := Stream{w}
	if err := s.Begin(r.Tool, r.Run); err != nil {
		return err
	}
	for d, err := range r.Devices {
		if err != nil {
			return err
		}
		if err := s.Device(d); err != nil {
			return err
		}
	}
	return s.End(r.Run, r.Summary)
}

// writeYAML prints the JSON document as YAML, key by key in the same order.
func writeYAML(w io.Writer, r *diag.Report, o Options) error {
	var b bytes.Buffer
	if err := writeJSON(&b, r, o); err != nil {
		return err
	}
	var n yaml.Node
	if err := yaml.Unmarshal(b.Bytes(), &n); err != nil {
		return fmt.Errorf("turning json into yaml: %w", err)
	}
	block(&n)
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(&n); err != nil {
		return fmt.Errorf("encoding yaml: %w", err)
	}
	return e.Close()
}

// block drops the flow style and the quotes that the JSON text had; the encoder quotes what needs it.
func block(n *yaml.Node) {
	n.Style = 0
	for _, c := range n.Content {
		block(c)
	}
}
