package iosxe

import "slpdoctor/internal/diag"

// CPUProcesses is the answer to `show processes cpu sorted`, filtered or whole.
type CPUProcesses struct {
	Processes []CPUProcess `json:"processes"`
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
	Processes []MemoryProcess   `json:"processes"`
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
var ShowProcessesCPU = query("show processes cpu sorted | include SAGetRUMIds|SAUtilRepSave", "CPU of the licence agent", parseCPUProcesses, mayBeEmpty)

// ShowProcessesMemory asks for the memory that small allocations hold (FN72578).
var ShowProcessesMemory = query("show processes memory sorted | include MallocLite", "memory growth of the licence agent", parseMemoryProcesses, mayBeEmpty)

func parseCPUProcesses(*text, *CPUProcesses) {}

func parseMemoryProcesses(*text, *MemoryProcesses) {}
