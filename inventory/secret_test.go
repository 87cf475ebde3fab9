package inventory

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// Whatever holds a secret, and however it is printed or encoded, the value stays inside.
func TestSecretStaysInside(t *testing.T) {
	secret := NewSecret("tiger")
	type outer struct {
		Exported   Secret
		unexported Secret
		pointer    *Secret
	}
	credential := Credential{Name: "lab", Password: &Reference{Source: FromPlain, plain: secret}}
	values := map[string]any{
		"secret":     secret,
		"pointer":    &secret,
		"struct":     outer{secret, secret, &secret},
		"secrets":    Secrets{Password: secret, Keys: []PrivateKey{{Path: "k", PEM: secret, Passphrase: secret}}},
		"credential": credential,
		"reference":  *credential.Password,
		"inventory":  Inventory{Credentials: map[string]Credential{"lab": credential}},
		"map":        map[string]Secret{"a": secret},
		"slice":      []Secret{secret},
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p"} {
			check(t, name+" "+verb, fmt.Sprintf(verb, v))
		}
		check(t, name+" error", fmt.Errorf("x: %v", v).Error())
		data, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		check(t, name+" json", string(data))
		data, err = yaml.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		check(t, name+" yaml", string(data))
	}
	check(t, "cmp", cmp.Diff(secret, NewSecret("other")))
	if got := fmt.Sprint(secret); got != "[redacted]" {
		t.Errorf("printed as %q", got)
	}
	if data, err := json.Marshal(values["map"]); err != nil || string(data) != `{"a":"[redacted]"}` {
		t.Errorf("json: %s, %v", data, err)
	}
	if data, err := yaml.Marshal(values["map"]); err != nil || string(data) != "a: '[redacted]'\n" {
		t.Errorf("yaml: %s, %v", data, err)
	}
	if secret.Reveal() != "tiger" || !secret.IsSet() {
		t.Error("the value is lost")
	}
}

func check(t *testing.T, where, text string) {
	t.Helper()
	for _, form := range []string{"tiger", "7469676572", "dGlnZXI", "116 105 103"} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			t.Errorf("%s gives the secret away: %s", where, text)
		}
	}
}

func TestZeroSecret(t *testing.T) {
	var zero Secret
	if zero.IsSet() || zero.Reveal() != "" || fmt.Sprint(zero) != "" || NewSecret("").IsSet() || !zero.Equal(NewSecret("")) {
		t.Errorf("the zero secret is %#v", zero)
	}
	if NewSecret("a").Equal(NewSecret("b")) || !NewSecret("a").Equal(NewSecret("a")) {
		t.Error("Equal does not compare values")
	}
}
