package diag

import "time"

// ReportLog is what vManage's log says about its reports to CSSM. Times are as written there, taken for UTC.
type ReportLog struct {
	Lines    int64           `json:"lines"` // that were looked at
	First    *time.Time      `json:"first"` // from when on the log is known; nil when no line has a time
	Last     *time.Time      `json:"last"`
	Failures []ReportFailure `json:"failures"` // by tenant; empty when there is none
	// Partial: not all of the log was read, or a file of it is damaged, so that no failure proves nothing.
	Partial bool `json:"partial"`
}

// ReportFailure is how often the report of one tenant failed.
type ReportFailure struct {
	Tenant   string         `json:"tenant"` // "" when the log does not say
	Count    int            `json:"count"`
	Invalid  int            `json:"invalid"`  // of these: CSSM does not know the product instance any more
	Instance string         `json:"instance"` // its uuid, "" when none was printed
	First    *time.Time     `json:"first"`
	Last     *time.Time     `json:"last"`
	PerDay   map[string]int `json:"per_day"` // by date, 2006-01-02
	Line     int            `json:"line"`    // of the last one, counted from 1 in what was read
	Text     string         `json:"text"`    // of the last one, cut to one screen line
}
