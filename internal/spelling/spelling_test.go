package spelling

import "testing"

func TestDidYouMean(t *testing.T) {
	known := []string{"address", "port", "username"}
	for word, want := range map[string]string{
		"adress": `did you mean "address"?`, "Port": `did you mean "port"?`, "prot": `did you mean "port"?`,
		"user": "", "x": "", "": "", "credential": "",
	} {
		if got := DidYouMean(word, known); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}
