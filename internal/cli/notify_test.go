package cli

import (
	"os"
	"testing"
)

// TestNotificationsKeepTheirSchema holds what receivers get against the schema that is printed for them.
func TestNotificationsKeepTheirSchema(t *testing.T) {
	b, err := os.ReadFile("../notify/testdata/message.json")
	if err != nil {
		t.Fatal(err)
	}
	valid(t, newWorld(t).schema("notification"), string(b))
}
