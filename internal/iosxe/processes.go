package iosxe

import (
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
)

// CPUProcesses is the answer to `show processes cpu sorted`, filtered or whole.
type CPUProcesses struct {
	Processes []CPUProcess `json:"processes,omitempty"`
}

// CPUProcess is one process and its share of the CPU in percent.
type CPUProcess struct {
	At          diag.Source `json:"-"`
	Name        string      `json:"name"`
	PID         int         `json:"pid"`
	FiveSeconds float64     `json:"five_seconds"`
	OneMinute   float64     `json:"one_minute"`
	FiveMinutes float64     `json:"five_minutes"`
}

// MemoryProcesses is the answer to `show processes memory sorted`, filtered or whole.
type MemoryProcesses struct {
	PoolTotal diag.Value[int64] `json:"pool_total_bytes,omitzero"` // of the processor pool
	PoolUsed  diag.Value[int64] `json:"pool_used_bytes,omitzero"`
	Processes []MemoryProcess   `json:"processes,omitempty"`
}

// MemoryProcess is one process and the bytes it allocated and holds.
type MemoryProcess struct {
	At        diag.Source `json:"-"`
	Name      string      `json:"name"` // "*MallocLite*"
	Allocated int64       `json:"allocated_bytes"`
	Freed     int64       `json:"freed_bytes"`
	Holding   int64       `json:"holding_bytes"`
}

// ShowProcessesCPU asks for the CPU share of the licence agent (FN72578).
var ShowProcessesCPU = query("show processes cpu sorted | include SAGetRUMIds|SAUtilRepSave", "CPU of the licence agent", mostly(parseCPUProcesses), mayBeEmpty)

// ShowProcessesMemory asks for the memory that small allocations hold, and for the size of its pool (FN72578).
var ShowProcessesMemory = query("show processes memory sorted | include Processor Pool Total|MallocLite", "memory growth of the licence agent", mostly(parseMemoryProcesses), mayBeEmpty)

func parseCPUProcesses(t *text, p *CPUProcesses) {
	for r := range t.open() {
		cells := strings.Fields(r.text)
		if len(cells) < len(cpuColumns) {
			continue
		}
		pid, err := strconv.Atoi(cells[0])
		five, ok5 := percent(cells[4])
		one, ok1 := percent(cells[5])
		minutes, okM := percent(cells[6])
		if err != nil || !ok5 || !ok1 || !okM {
			continue
		}
		name := strings.Join(cells[8:], " ")
		at := t.table(r, cpuColumns, append(cells[:8:8], name)...)
		p.Processes = append(p.Processes,
			CPUProcess{At: at, Name: name, PID: pid, FiveSeconds: five, OneMinute: one, FiveMinutes: minutes})
	}
	t.drop("CPU utilization for", "PID ")
}

var cpuColumns = []string{"PID", "Runtime(ms)", "Invoked", "uSecs", "5Sec", "1Min", "5Min", "TTY", "Process"}

func percent(s string) (float64, bool) {
	digits, ok := strings.CutSuffix(s, "%")
	f, okF := leadingFloat(digits)
	return f, ok && okF
}

func parseMemoryProcesses(t *text, p *MemoryProcesses) {
	for r := range t.open() {
		cells := strings.Fields(r.text)
		if r.key == "Processor Pool Total" && len(cells) >= 6 {
			put(&p.PoolTotal, t, r, cells[3], bytesCount)
			put(&p.PoolUsed, t, r, cells[5], bytesCount)
			continue
		}
		if len(cells) < len(memoryColumns) {
			continue
		}
		allocated, okA := bytesCount(cells[2])
		freed, okF := bytesCount(cells[3])
		holding, okH := bytesCount(cells[4])
		if _, isPID := bytesCount(cells[0]); !isPID || !okA || !okF || !okH {
			continue
		}
		name := strings.Join(cells[7:], " ")
		at := t.table(r, memoryColumns, append(cells[:7:7], name)...)
		p.Processes = append(p.Processes, MemoryProcess{At: at, Name: name, Allocated: allocated, Freed: freed, Holding: holding})
	}
	t.drop("PID ", "reserve P Pool Total:", "lsmpi_io Pool Total:", "I/O Pool Total:")
}

var memoryColumns = []string{"PID", "TTY", "Allocated", "Freed", "Holding", "Getbufs", "Retbufs", "Process"}

func bytesCount(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
