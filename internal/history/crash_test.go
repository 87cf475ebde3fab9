package history

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/diag"
)

// recordVariable makes this test binary record runs into a file until it is killed, and say which are acknowledged.
const recordVariable = "SLPDOCTOR_TEST_RECORD"

func TestMain(m *testing.M) {
	if path := os.Getenv(recordVariable); path != "" {
		os.Exit(recordForever(path))
	}
	os.Exit(m.Run())
}

func recordForever(path string) int {
	ctx := context.Background()
	s, err := Open(ctx, Where{SQLite: path})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	for n := 0; ; n++ {
		r := crashNight(os.Getpid(), n)
		fmt.Println("begin", r.Run.ID)
		if err := s.Record(ctx, Recording{Job: "nightly", Report: r}); err != nil {
			fmt.Println("error", err)
			return 1
		}
		fmt.Println("recorded", r.Run.ID)
	}
}

// crashNight is a run in which every verdict is told by its number: half a run would be seen.
func crashNight(pid, n int) *diag.Report {
	var devices []diag.DeviceResult
	for i := range 40 {
		r := fail("a")
		r.Key = fmt.Sprintf("%d-%d", pid, n)
		devices = append(devices, device(fmt.Sprint("r", i), r, pass("b")))
	}
	report := night(n, devices...)
	report.Run.ID = fmt.Sprintf("%d-%d", pid, n)
	return report
}

// TestKill kills a process that records run after run at random moments: what it has acknowledged is there in full,
// what it has not is there in full or not at all.
func TestKill(t *testing.T) {
	const attempts = 200 // of recording a run
	path := filepath.Join(t.TempDir(), "history.db")
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	some := pace(t)
	begun, kills := 0, 0
	var acknowledged []string
	for begun < attempts {
		b, told := recordAndKill(t, path, time.Duration(rng.Int64N(int64(6*some))))
		begun += b
		kills++
		acknowledged = append(acknowledged, told...)
	}
	t.Logf("%d runs begun, %d acknowledged, %d kills", begun, len(acknowledged), kills)
	w := newWorld(t, Where{SQLite: path})
	var verdict string
	w.ok(w.store.db.QueryRowContext(t.Context(), "pragma integrity_check").Scan(&verdict))
	if verdict != "ok" {
		t.Error(verdict)
	}
	// The values of every run, by its id.
	whole := map[string]int{}
	rows, err := w.store.db.QueryContext(t.Context(), "select d.body from span s join detail d on d.hash = s.value join part on part.id = s.part where part.name = 'check:a'")
	w.ok(err)
	for rows.Next() {
		var body string
		w.ok(rows.Scan(&body))
		_, rest, _ := strings.Cut(body, `"key":"`)
		id, _, _ := strings.Cut(rest, `"`)
		whole[id]++
	}
	w.ok(rows.Err())
	jobs, err := w.store.Jobs(t.Context(), start, 0)
	w.ok(err)
	kept := map[string]bool{}
	for _, r := range jobs[0].Recorded {
		kept[r.ID] = true
	}
	for _, id := range acknowledged {
		if !kept[id] {
			t.Errorf("run %s was acknowledged and is lost", id)
		}
	}
	for id := range kept {
		if whole[id] != 40 {
			t.Errorf("of run %s there are %d of 40 devices", id, whole[id])
		}
	}
	if len(whole) != len(kept) {
		t.Errorf("verdicts of %d runs, and %d runs", len(whole), len(kept))
	}
	if extra := len(kept) - len(acknowledged); extra < 0 || extra > kills {
		t.Errorf("%d runs kept, %d acknowledged, %d kills", len(kept), len(acknowledged), kills)
	}
	last, err := w.store.Last(t.Context(), "nightly")
	w.ok(err)
	for _, d := range last.Devices {
		if len(d.Results) != 2 || d.Results[0].Key != last.Run.ID {
			t.Errorf("the last run, %s, holds %+v", last.Run.ID, d.Results)
		}
	}
}

// pace is how long a run takes to record here and now.
func pace(t *testing.T) time.Duration {
	const runs = 5
	w := newWorld(t, Where{SQLite: filepath.Join(t.TempDir(), "history.db")})
	begun := time.Now()
	for n := range runs {
		w.ok(w.store.Record(t.Context(), Recording{Job: "nightly", Report: crashNight(0, n)}))
	}
	return time.Since(begun) / runs
}

// recordAndKill starts the child and kills it some time after its first word.
func recordAndKill(t *testing.T, path string, after time.Duration) (begun int, acknowledged []string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), recordVariable+"="+path)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		what, id, _ := strings.Cut(lines.Text(), " ")
		switch what {
		case "begin":
			if begun++; begun == 1 {
				time.AfterFunc(after, func() { c.Process.Kill() })
			}
		case "recorded":
			if _, n, _ := strings.Cut(id, "-"); n == "" || strconv.Itoa(c.Process.Pid)+"-"+n != id {
				t.Fatalf("recorded %q", id)
			}
			acknowledged = append(acknowledged, id)
		default:
			t.Fatal(lines.Text())
		}
	}
	c.Wait()
	return begun, acknowledged
}
