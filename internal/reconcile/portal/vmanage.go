package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// VManage is a vManage. The zero value of its switches is a current release.
type VManage struct {
	User, Password string
	OnlyJWT        bool // sessions with a cookie are switched off
	Old            bool // before 20.12: no licensing/devices, logs out by GET
	Overview       []OverviewRow
	Devices        []Device

	mu   sync.Mutex
	open int // sessions
}

// OverviewRow is a row of "License & Devices Overview".
type OverviewRow struct {
	Name     string `json:"display_name"`
	Licensed int64  `json:"totalDevices"`
	Total    int64  `json:"totalLicense"`
	Last     string `json:"lastUpdated"`
}

// Device is a device of licensing/devices.
type Device struct {
	UUID     string     `json:"uuid"`
	Host     string     `json:"hostName"`
	Model    string     `json:"deviceModel"`
	SystemIP string     `json:"configuredSystemIP"`
	Licenses []Assigned `json:"licenses"`
}

// Assigned is a licence that is assigned to a device.
type Assigned struct {
	Name    string `json:"displayName"`
	Tag     string `json:"tag"`
	Smart   string `json:"saName"`
	Virtual string `json:"vaName"`
	Units   int64  `json:"no0fAssignedLicenses"`
}

// What a login returns.
const (
	sessionID = "session-0123456789abcdef"
	xsrf      = "FEDCBA9876543210FEDCBA9876543210"
	jwt       = "header.payload-0123456789.signature"
)

// Secrets are what must never show up outside the requests.
func (v *VManage) Secrets() []string { return []string{v.Password, sessionID, xsrf, jwt} }

// Open is the number of sessions that were not ended.
func (v *VManage) Open() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.open
}

func (v *VManage) count(by int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.open += by
}

func (v *VManage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch route := r.Method + " " + r.URL.EscapedPath(); {
	case route == "POST /j_security_check" && !v.OnlyJWT:
		if r.PostFormValue("j_username") != v.User || r.PostFormValue("j_password") != v.Password {
			Page()(w, r)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: sessionID, Path: "/", Secure: true, HttpOnly: true})
		v.count(1)
	case route == "POST /jwt/login" && !v.Old:
		var login struct{ Username, Password string }
		if err := json.NewDecoder(r.Body).Decode(&login); err != nil || login.Username != v.User || login.Password != v.Password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, map[string]any{"token": jwt, "refresh": "refresh-token", "csrf": xsrf, "duration": 1800})
		v.count(1)
	case !v.in(r):
		Page()(w, r)
	case route == "GET /dataservice/client/token":
		fmt.Fprintln(w, xsrf)
	case r.Header.Get("X-XSRF-TOKEN") != xsrf:
		w.WriteHeader(http.StatusForbidden)
	case route == "GET /logout" && v.Old, route == "POST /logout" && !v.Old:
		v.count(-1)
		w.Header().Set("Location", "/welcome.html")
		w.WriteHeader(http.StatusFound)
	case route == "GET /dataservice/v1/licensing/devices" && !v.Old:
		answer(w, map[string]any{"devices": v.Devices})
	case route == "GET /dataservice/msla/devices":
		answer(w, map[string]any{"data": v.old()})
	case route == "GET /dataservice/msla/devices/licenseanddeviceoverviewtable":
		answer(w, map[string]any{"data": v.Overview})
	case route == "GET /dataservice/msla/monitoring/licensedDistributionDetails":
		answer(w, map[string]any{"result": v.Overview})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// in reports whether the request belongs to a session.
func (v *VManage) in(r *http.Request) bool {
	if v.OnlyJWT {
		return r.Header.Get("Authorization") == "Bearer "+jwt
	}
	c, err := r.Cookie("JSESSIONID")
	return err == nil && c.Value == sessionID
}

// old are the devices as msla/devices lists them: names, without units.
func (v *VManage) old() []map[string]any {
	var list []map[string]any
	for _, d := range v.Devices {
		m := map[string]any{"UUID": d.UUID, "hostName": d.Host, "deviceModel": d.Model, "configuredSystemIP": d.SystemIP}
		var names []string
		for _, l := range d.Licenses {
			names = append(names, l.Name)
			m["saNamme"], m["vaName"] = l.Smart, []string{l.Virtual}
		}
		m["licenses"] = names
		list = append(list, m)
	}
	return list
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
}
