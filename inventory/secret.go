package inventory

import "fmt"

const redacted = "[redacted]"

// Secret is a password, passphrase or private key. However it is printed or encoded, it shows
// "[redacted]", or "" when it is not set; only Reveal gives it away. The zero Secret is not set.
//
// The value sits behind a closure because fmt prints unexported fields without asking their methods.
type Secret struct{ reveal func() string }

// NewSecret wraps a value; "" gives the zero Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{func() string { return value }}
}

// Reveal is the value itself, "" when not set. Only what sends it to a device may call it.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.reveal != nil }

// Equal reports whether both hold the same value.
func (s Secret) Equal(t Secret) bool { return s.Reveal() == t.Reveal() }

// String is the redacted form.
func (s Secret) String() string {
	if s.IsSet() {
		return redacted
	}
	return ""
}

// GoString is the redacted form.
func (s Secret) GoString() string { return fmt.Sprintf("inventory.Secret(%q)", s.String()) }

// Format writes the redacted form for every verb.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'v' && f.Flag('#') {
		text = s.GoString()
	}
	_, _ = f.Write([]byte(text))
}

// MarshalText is the redacted form; YAML, XML and map keys use it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON is the redacted form as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }
