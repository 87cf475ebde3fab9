package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slpdoctor/internal/iosxe"
)

// TestParseOnTheCorpus parses every real output there is, as a user would.
func TestParseOnTheCorpus(t *testing.T) {
	corpus := os.Getenv("SLPDOCTOR_CORPUS")
	if corpus == "" {
		t.Skip("SLPDOCTOR_CORPUS is not set: the real outputs are not read")
	}
	w := newWorld(t)
	files := 0
	for _, row := range strings.Split(w.read(filepath.Join(corpus, "MANIFEST.tsv")), "\n")[1:] {
		cells := strings.Split(row, "\t")
		if len(cells) < 2 {
			continue
		}
		path := filepath.Join(corpus, cells[0])
		line, _, _ := strings.Cut(cells[1], " (") // a remark
		line, _, _ = strings.Cut(line, " |")
		line = strings.NewReplacer("<x>", "192.0.2.1", "<id>", "1").Replace(line)
		if _, known := iosxe.Find(line); !known {
			if o := w.want(2, "parse", "--command", line, path); !strings.Contains(o.err, "not a command this program knows") {
				t.Errorf("%s: %s", path, o.err)
			}
			continue
		}
		files++
		o := w.want(0, "parse", "--command", line, path)
		var doc struct {
			Kind  string
			Facts map[string]any
			Tree  []any
		}
		if err := json.Unmarshal([]byte(o.out), &doc); err != nil || doc.Kind != "parse" {
			t.Errorf("%s: %v", path, err)
		}
		if len(doc.Facts) == 0 || len(doc.Tree) == 0 {
			t.Errorf("%s: %d facts, %d nodes", path, len(doc.Facts), len(doc.Tree))
		}
	}
	if files < 60 {
		t.Errorf("only %d files were parsed", files)
	}
}
