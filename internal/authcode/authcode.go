// Package authcode reads the product instances out of a file with licence authorization codes (SLAC) and
// compares them with those of devices (knowledge B.14, seed lines 120-139). The codes themselves are passed
// over: nothing here keeps or prints them. It does no I/O and imports none of our packages; checks and cli
// may import it.
package authcode

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// UDI identifies one product instance. The zero UDI is none.
type UDI struct {
	PID string `json:"pid"`
	SN  string `json:"sn"`
}

// String is the UDI as `show license udi` prints it.
func (u UDI) String() string { return "PID:" + u.PID + ",SN:" + u.SN }

var udiRE = regexp.MustCompile(`(?i)^\s*P(?:ID)?\s*:\s*([^,<>\s][^,<>]*?)\s*,\s*S(?:N)?\s*:\s*([^,<>\s]+)\s*$`)

// ParseUDI reads "PID:C9300-24UX,SN:FCW2134L00C", as devices print it, and "P:C9300-24UX,S:FCW2134L00C", as
// files have it.
func ParseUDI(s string) (UDI, error) {
	m := udiRE.FindStringSubmatch(s)
	if m == nil || len(s) > 200 {
		return UDI{}, fmt.Errorf("reading a UDI: %.40q is not of the form PID:<pid>,SN:<serial>", s)
	}
	return UDI{m[1], m[2]}, nil
}

// Bounds of a file.
const (
	MaxSize  = 16 << 20 // bytes; a file of a hundred devices has some hundred KiB
	maxDepth = 64
	maxUDIs  = 10_000
)

// The errors of a file.
var (
	ErrEmpty   = errors.New("the file is empty")
	ErrForeign = errors.New("this is no authorization-code file: it has no <smartLicenseAuthorization>")
	ErrCut     = errors.New("the file is cut: </smartLicenseAuthorization> is missing; download it again")
	ErrDoctype = errors.New("the file declares a document type or entities, which an authorization-code file never does")
	ErrLarge   = errors.New("the file is too large for an authorization-code file")
	ErrNone    = errors.New("the file names no product instance: it has no <udi>")
)

var rootRE = regexp.MustCompile(`<smartLicenseAuthorization[\s/>]`)

// Parse lists the product instances of a file in its order, each once. Text around the XML, such as the
// prompt it was copied with, is passed over. An error never quotes the file, which holds codes.
func Parse(text string) ([]UDI, error) {
	switch {
	case len(text) > MaxSize:
		return nil, ErrLarge
	case strings.TrimSpace(strings.TrimPrefix(text, "\uFEFF")) == "":
		return nil, ErrEmpty
	case strings.Contains(text, "<!DOCTYPE") || strings.Contains(text, "<!ENTITY"):
		return nil, ErrDoctype
	}
	var out []UDI
	begun := false
	for at := 0; ; {
		begin := rootRE.FindStringIndex(text[at:])
		if begin == nil {
			break
		}
		begun = true
		at += begin[0]
		udis, length, err := document(text[at:])
		if err != nil {
			return nil, within(err, 1+strings.Count(text[:at], "\n"))
		}
		at += length
		if out = append(out, udis...); len(out) > maxUDIs {
			return nil, ErrLarge
		}
	}
	switch {
	case !begun:
		return nil, ErrForeign
	case len(out) == 0:
		return nil, ErrNone
	}
	return unique(out), nil
}

// damage is trouble at a line, counted from the beginning of an element.
type damage struct {
	line int
	what string
}

func (d *damage) Error() string { return d.what }

// within turns the trouble of an element that begins at a line into that of the file.
func within(err error, first int) error {
	if d, ok := errors.AsType[*damage](err); ok {
		return fmt.Errorf("the file is damaged at line %d (%s): download it again", first+d.line-1, d.what)
	}
	return err
}

// document reads one <smartLicenseAuthorization>, which text begins with, and says how long it is.
func document(text string) (udis []UDI, length int, err error) {
	d := xml.NewDecoder(strings.NewReader(text))
	var path []string
	var udi strings.Builder
	for {
		token, err := d.Token()
		var bad *xml.SyntaxError
		switch {
		case errors.Is(err, io.EOF) || errors.As(err, &bad) && strings.Contains(bad.Msg, "unexpected EOF"):
			return nil, 0, ErrCut
		case bad != nil:
			return nil, 0, &damage{bad.Line, "this is not well-formed XML"}
		case err != nil:
			return nil, 0, &damage{1, "this is not XML that can be read"}
		}
		line, _ := d.InputPos()
		switch t := token.(type) {
		case xml.Directive:
			return nil, 0, ErrDoctype
		case xml.StartElement:
			if path = append(path, strings.ToLower(t.Name.Local)); len(path) > maxDepth {
				return nil, 0, &damage{line, "elements are nested too deeply"}
			}
			udi.Reset()
		case xml.CharData:
			if path[len(path)-1] == "udi" {
				udi.Write(t)
			}
		case xml.EndElement:
			name := path[len(path)-1]
			path = path[:len(path)-1]
			if name == "udi" {
				u, err := ParseUDI(udi.String())
				if err != nil {
					return nil, 0, &damage{line, "a <udi> is not of the form P:<pid>,S:<serial>"}
				}
				udis = append(udis, u)
			}
			if len(path) == 0 {
				return udis, int(d.InputOffset()), nil
			}
		}
	}
}

func unique(all []UDI) []UDI {
	seen := map[UDI]bool{}
	return slices.DeleteFunc(all, func(u UDI) bool {
		k := u.key()
		before := seen[k]
		seen[k] = true
		return before
	})
}

// key is the UDI for comparison: people type them in either case.
func (u UDI) key() UDI { return UDI{strings.ToUpper(u.PID), strings.ToUpper(u.SN)} }

// Device is the identity of one device: itself, or every member of its stack or high-availability pair.
type Device struct {
	Name    string
	Members []UDI
	Problem string // why the members are not known, "" when they are
}

// State is how a device stands against a file.
type State string

// The states.
const (
	Match   State = "match"   // every member is in the file
	Partial State = "partial" // some members are: the installation fails (seed line 120)
	Absent  State = "absent"  // no member is
	Unknown State = "unknown" // the members are not known
)

// Comparison of a file with devices.
type Comparison struct {
	Devices []Compared
	Foreign []UDI // of the file, on none of the devices
}

// Compared is one device.
type Compared struct {
	Device
	State   State
	Missing []UDI // members that the file does not name
}

// Compare holds the product instances of a file against those of devices, in both directions.
func Compare(file []UDI, devices []Device) Comparison {
	inFile, onDevice := map[UDI]bool{}, map[UDI]bool{}
	for _, u := range file {
		inFile[u.key()] = true
	}
	var c Comparison
	for _, d := range devices {
		r := Compared{Device: d, State: Match}
		for _, u := range d.Members {
			onDevice[u.key()] = true
			if !inFile[u.key()] {
				r.Missing = append(r.Missing, u)
			}
		}
		switch {
		case d.Problem != "" || len(d.Members) == 0:
			r.State = Unknown
		case len(r.Missing) == len(d.Members):
			r.State = Absent
		case len(r.Missing) > 0:
			r.State = Partial
		}
		c.Devices = append(c.Devices, r)
	}
	for _, u := range file {
		if !onDevice[u.key()] {
			c.Foreign = append(c.Foreign, u)
		}
	}
	return c
}

// Equal reports that file and devices name the same product instances.
func (c Comparison) Equal() bool {
	return len(c.Foreign) == 0 && !slices.ContainsFunc(c.Devices, func(d Compared) bool { return d.State != Match })
}

// Differs reports a difference that is certain: a product instance that is missing on one side, whatever the
// devices that are not known hold.
func (c Comparison) Differs() bool {
	unknown := slices.ContainsFunc(c.Devices, func(d Compared) bool { return d.State == Unknown })
	return len(c.Foreign) > 0 && !unknown ||
		slices.ContainsFunc(c.Devices, func(d Compared) bool { return len(d.Missing) > 0 })
}
