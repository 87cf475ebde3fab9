package iosxe

import (
	"slices"
	"strings"

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
	Profiles []CallHomeProfile `json:"profiles,omitempty"`
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
	Profiles []CallHomeProfile `json:"profiles,omitempty"`
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
var ShowCallHome = query("show call-home", "call-home settings", mostly(parseCallHome))

// ShowCallHomeSmartLicensing asks where licensing messages go by call home.
var ShowCallHomeSmartLicensing = query("show call-home smart-licensing", "call-home destination of licensing", mostly(parseCallHomeSmartLicensing))

// ShowCallHomeProfiles asks for all call-home profiles.
var ShowCallHomeProfiles = query("show call-home profile all", "call-home profiles", mostly(parseCallHomeProfiles))

func parseCallHome(t *text, c *CallHome) {
	p := profileReader{t: t}
	service := "" // the service that a "Profile:" line belongs to
	for r := range t.open() {
		switch {
		case p.read(r):
		case r.key == "Profile" && service == "Smart licensing messages":
			profileStatus(t, r, &c.LicensingProfile, &c.LicensingActive)
		case callHomeFields.set(c, t, r):
			service = r.key
		case r.key == "Diagnostic signature":
			service = r.key
			t.use(r)
		}
	}
	c.Profiles = p.profiles
	t.drop("Current call home settings:", "call home message's", "contact person's phone", "street address:",
		"customer ID:", "contract ID:", "site ID:", "Mail-server", "http secure:", "http resolve-hostname:", "Profile:",
		"aaa-authorization", "data-privacy:", "syslog throttling:", "Rate-limit:", "Snapshot command:",
		"Available alert groups:", "Profiles:")
}

var callHomeFields = fields[CallHome]{
	"call home feature":              flag(func(c *CallHome) *diag.Value[bool] { return &c.Enabled }),
	"contact person's email address": setUp(func(c *CallHome) *diag.Value[string] { return &c.ContactEmail }),
	"vrf for call-home messages":     setUp(func(c *CallHome) *diag.Value[string] { return &c.VRF }),
	"source ip address":              setUp(func(c *CallHome) *diag.Value[string] { return &c.SourceAddress }),
	"source interface":               setUp(func(c *CallHome) *diag.Value[string] { return &c.SourceInterface }),
	"http proxy":                     setUp(func(c *CallHome) *diag.Value[string] { return &c.HTTPProxy }),
	"server identity check":          flag(func(c *CallHome) *diag.Value[bool] { return &c.ServerIdentityCheck }),
	"Smart licensing messages":       flag(func(c *CallHome) *diag.Value[bool] { return &c.SmartLicensing }),
}

// setUp is words, with call home's spelling of nothing.
func setUp[T any](f func(*T) *diag.Value[string]) rule[T] {
	return func(v *T, t *text, r *row) bool { return put(f(v), t, r, yetSetUp(r.value), verbatim) }
}

func yetSetUp(s string) string {
	if s == "Not yet set up" {
		return ""
	}
	return s
}

// profileStatus reads "Profile: CiscoTAC-1 (status: ACTIVE)".
func profileStatus(t *text, r *row, name *diag.Value[string], active *diag.Value[bool]) {
	before, status, ok := strings.Cut(r.value, " (status: ")
	if !ok {
		return
	}
	*name = diag.Present(before, t.use(r))
	*active = diag.Present(strings.TrimSuffix(status, ")") == "ACTIVE", t.at(r))
}

func parseCallHomeSmartLicensing(t *text, c *CallHomeSmartLicensing) {
	inURLs := false
	for r := range t.open() {
		switch key := strings.Join(strings.Fields(r.key), " "); {
		case key == "Smart-license messages":
			put(&c.Messages, t, r, r.value, onOff)
		case key == "Profile":
			profileStatus(t, r, &c.Profile, &c.ProfileActive)
		case strings.HasPrefix(key, "Destination URL"):
			inURLs = true
			put(&c.URLs, t, r, yetSetUp(r.value), commaList)
		case inURLs && strings.Contains(r.text, "://"):
			more(&c.URLs, t, r, r.text)
		}
	}
	t.drop("Current smart-licensing transport settings:")
}

// more adds a value to a list that goes on.
func more(list *diag.Value[[]string], t *text, r *row, value string) {
	have, _ := list.Peek()
	at := list.Source()
	if len(have) == 0 {
		at = t.at(r)
	}
	t.use(r)
	*list = diag.Present(append(have, value), at)
}

func parseCallHomeProfiles(t *text, c *CallHomeProfiles) {
	p := profileReader{t: t}
	for r := range t.open() {
		p.read(r)
	}
	c.Profiles = p.profiles
}

// profileReader reads the profiles, and the tables that stand in and above them.
type profileReader struct {
	t        *text
	profiles []CallHomeProfile
	last     *diag.Value[[]string] // the list that a line without a label continues
	header   *row                  // of the table that is being read
	columns  []string
}

func (p *profileReader) read(r *row) bool {
	key := strings.Join(strings.Fields(r.key), " ")
	if key == "Profile Name" {
		p.profiles = append(p.profiles, CallHomeProfile{At: p.t.use(r), Name: r.value})
		p.last, p.header = nil, nil
		return true
	}
	for _, columns := range callHomeTables {
		if strings.HasPrefix(r.text, columns[0]+" ") && strings.Contains(r.text, columns[1]) {
			p.t.use(r)
			p.header, p.columns, p.last = r, columns, nil
			return true
		}
	}
	if r.colon {
		p.header = nil
	}
	if p.header != nil && r.indent >= p.header.indent {
		p.t.table(r, p.columns, under(p.header, r, p.columns)...)
		return true
	}
	if len(p.profiles) == 0 {
		return false
	}
	profile := &p.profiles[len(p.profiles)-1]
	if p.last != nil && !strings.ContainsAny(r.text, " \t") {
		more(p.last, p.t, r, r.text)
		return true
	}
	p.last = nil
	switch key {
	case "Profile status":
		profile.Active = diag.Present(r.value == "ACTIVE", p.t.use(r))
	case "Reporting Data":
		put(&profile.Reporting, p.t, r, r.value, commaList)
	case "Transport Method":
		put(&profile.Methods, p.t, r, strings.ReplaceAll(r.value, " and ", ","), commaList)
	case "HTTP address", "HTTP address(es)":
		p.last = &profile.HTTPAddresses
		p.list(r)
	case "Email address(es)":
		p.last = &profile.Emails
		p.list(r)
	case "Other address(es)", "Profile mode", "Preferred Message Format", "Message Size Limit":
		p.t.use(r)
	default:
		if !strings.HasPrefix(r.text, "Periodic ") {
			return false
		}
		p.t.use(r)
	}
	return true
}

func (p *profileReader) list(r *row) {
	if yetSetUp(r.value) == "" {
		*p.last = diag.None[[]string](p.t.use(r))
		return
	}
	values, _ := commaList(r.value)
	for _, v := range values {
		more(p.last, p.t, r, v)
	}
}

var callHomeTables = [][]string{
	{"Alert-group", "Severity"},
	{"Syslog-Pattern", "Severity"},
	{"Keyword", "State", "Description"},
}
