package iosxe

import "slpdoctor/internal/diag"

// The licence commands that print histories.
var (
	ShowLicenseHistory  = query("show license history message", "what the agent and its back end told each other last", readHistory)
	ShowLicenseRUM      = query("show license rum id all", "the usage reports in the device's store", readRUM)
	ShowLicenseRUMOne   = query("show license rum id {number} detail", "one usage report", readRUMDetail, onlyFromFiles)
	ShowLicenseEventLog = query("show license eventlog {number}", "the agent's event log of the last days", readEventLog,
		entry(func(c *diag.Command) {
			c.Plan = func(*diag.Facts) (string, diag.NotSent) { return "show license eventlog 7", diag.NotSent{} }
		}))
	ShowLicense = query("show license", "licences of the models before smart licensing", readPAK, onlyFromFiles)
)

// onlyFromFiles is for commands whose answer is understood but never asked for.
var onlyFromFiles = entry(func(c *diag.Command) {
	c.Plan = func(*diag.Facts) (string, diag.NotSent) {
		return "", diag.NotSent{Reason: diag.NotCollected, Detail: "read from files only"}
	}
})

// LicenseHistory is show license history message: the exchanges of every channel, oldest first.
type LicenseHistory struct {
	Channels diag.Value[[]HistoryChannel] `json:"channels,omitzero"`
	Imports  diag.Value[[]HistoryChannel] `json:"imports,omitzero"` // files that were imported
}

// HistoryChannel is the history of one kind of message.
type HistoryChannel struct {
	Name    diag.Value[string] `json:"name,omitzero"`
	Entries diag.Value[[]Text] `json:"entries,omitzero"` // none: "No past history"; the device's own lines otherwise
}

// RUMReports is show license rum id all (from 17.9).
type RUMReports struct {
	Reports diag.Value[[]RUMReport] `json:"reports,omitzero"`
}

// RUMReport is a row of show license rum id all.
type RUMReport struct {
	ID      diag.Value[int]    `json:"id,omitzero"`
	State   diag.Value[string] `json:"state,omitzero"` // OPEN, CLOSED, ACK, UNACK
	Flag    diag.Value[string] `json:"flag,omitzero"`
	Feature diag.Value[string] `json:"feature,omitzero"`
}

// RUMDetail is show license rum id <n> detail.
type RUMDetail struct {
	ID           diag.Value[int]             `json:"id,omitzero"`
	Metric       diag.Value[string]          `json:"metric_name,omitzero"`
	Feature      diag.Value[string]          `json:"feature_name,omitzero"`
	MetricValue  diag.Value[string]          `json:"metric_value,omitzero"`
	Device       UDI                         `json:"udi,omitzero"`
	Previous     diag.Value[int]             `json:"previous_id,omitzero"`
	Next         diag.Value[int]             `json:"next_id,omitzero"`
	State        diag.Value[string]          `json:"state,omitzero"`
	StateReason  diag.Value[string]          `json:"state_change_reason,omitzero"`
	Start        diag.Value[diag.DeviceTime] `json:"start,omitzero"`
	End          diag.Value[diag.DeviceTime] `json:"end,omitzero"`
	StorageState diag.Value[string]          `json:"storage_state,omitzero"`
	Transaction  diag.Value[int]             `json:"transaction_id,omitzero"`
	Message      diag.Value[string]          `json:"transaction_message,omitzero"`
}

// LicenseEventLog is show license eventlog <days>.
type LicenseEventLog struct {
	Events diag.Value[[]LicenseEvent] `json:"events,omitzero"`
}

// LicenseEvent is a line of the event log.
type LicenseEvent struct {
	Time   diag.Value[string] `json:"time,omitzero"` // "2021-11-17 03:31:32.920 UTC"
	Name   diag.Value[string] `json:"name,omitzero"` // SAEVT_...
	Fields map[string]string  `json:"fields,omitzero"`
}

// PAKLicenses is show license on a device without smart licensing.
type PAKLicenses struct {
	Licenses diag.Value[[]PAKLicense] `json:"licenses,omitzero"`
}

// PAKLicense is a feature with its licence file.
type PAKLicense struct {
	Index      diag.Value[int]    `json:"index,omitzero"`
	Feature    diag.Value[string] `json:"feature,omitzero"`
	PeriodLeft diag.Value[string] `json:"period_left,omitzero"`
	PeriodUsed diag.Value[string] `json:"period_used,omitzero"`
	Type       diag.Value[string] `json:"type,omitzero"`
	State      diag.Value[string] `json:"state,omitzero"`
	Count      diag.Value[string] `json:"count,omitzero"`
	Priority   diag.Value[string] `json:"priority,omitzero"`
}
