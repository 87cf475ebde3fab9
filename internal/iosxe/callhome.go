package iosxe

import (
	"slices"

	"slpdoctor/internal/diag"
)

// CallHome is the answer to `show call-home`. "Not yet set up" is none.
type CallHome struct {
	Enabled             diag.Value[bool]   `json:"enabled,omitzero"` // "call home feature"
	ContactEmail        diag.Value[string] `json:"contact_email,omitzero"`
	VRF                 diag.Value[string] `json:"vrf,omitzero"`
	SourceAddress       diag.Value[string] `json:"source_address,omitzero"`
	SourceInterface     diag.Value[string] `json:"source_interface,omitzero"`
	HTTPProxy           diag.Value[string] `json:"http_proxy,omitzero"`
	ServerIdentityCheck diag.Value[bool]   `json:"server_identity_check,omitzero"`
	SmartLicensing      diag.Value[bool]   `json:"smart_licensing,omitzero"`          // "Smart licensing messages"
	LicensingProfile    diag.Value[string] `json:"licensing_profile,omitzero"`        // printed only while they are enabled
	LicensingActive     diag.Value[bool]   `json:"licensing_profile_active,omitzero"` // of that profile
	// Profiles holds what `show call-home` itself prints of them: names only, or, with `detail`, everything.
	Profiles []CallHomeProfile `json:"profiles"`
}

// CallHomeSmartLicensing is the answer to `show call-home smart-licensing`.
type CallHomeSmartLicensing struct {
	Messages      diag.Value[bool]     `json:"messages,omitzero"` // "Smart-license messages: enabled"
	Profile       diag.Value[string]   `json:"profile,omitzero"`
	ProfileActive diag.Value[bool]     `json:"profile_active,omitzero"`
	URLs          diag.Value[[]string] `json:"urls,omitzero"` // "Destination  URL(s)"
}

// CallHomeProfiles is the answer to `show call-home profile all`.
type CallHomeProfiles struct {
	Profiles []CallHomeProfile `json:"profiles"`
}

// CallHomeProfile is one call-home profile.
type CallHomeProfile struct {
	At            diag.Source          `json:"-"`
	Name          string               `json:"name"`
	Active        diag.Value[bool]     `json:"active,omitzero"`
	Reporting     diag.Value[[]string] `json:"reporting_data,omitzero"` // "Smart Call Home", "Smart Licensing"
	Methods       diag.Value[[]string] `json:"methods,omitzero"`        // "http", "email"
	HTTPAddresses diag.Value[[]string] `json:"http_addresses,omitzero"` // none: not yet set up
	Emails        diag.Value[[]string] `json:"emails,omitzero"`         // none: not yet set up
}

// Licensing is the first profile that reports smart-licensing data, an active one before an inactive one.
func (p *CallHomeProfiles) Licensing() (CallHomeProfile, bool) {
	var found CallHomeProfile
	for _, c := range p.Profiles {
		data, _ := c.Reporting.Peek()
		active, _ := c.Active.Peek()
		if !slices.Contains(data, "Smart Licensing") {
			continue
		}
		if active {
			return c, true
		}
		if found.Name == "" {
			found = c
		}
	}
	return found, found.Name != ""
}

// Find is the profile of that name.
func (p *CallHomeProfiles) Find(name string) (CallHomeProfile, bool) {
	for _, c := range p.Profiles {
		if c.Name == name {
			return c, true
		}
	}
	return CallHomeProfile{}, false
}

// ShowCallHome asks for the call-home settings.
var ShowCallHome = query("show call-home", "call-home settings", parseCallHome)

// ShowCallHomeSmartLicensing asks where licensing messages go by call home.
var ShowCallHomeSmartLicensing = query("show call-home smart-licensing", "call-home destination of licensing", parseCallHomeSmartLicensing)

// ShowCallHomeProfiles asks for all call-home profiles.
var ShowCallHomeProfiles = query("show call-home profile all", "call-home profiles", parseCallHomeProfiles)

func parseCallHome(*text, *CallHome) {}

func parseCallHomeSmartLicensing(*text, *CallHomeSmartLicensing) {}

func parseCallHomeProfiles(*text, *CallHomeProfiles) {}
