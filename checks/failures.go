package checks

import (
	"regexp"
	"strings"

	"slpdoctor/internal/message"
	"slpdoctor/internal/topology"
)

// identityWords is how CSSM and SSM On-Prem say that they do not know the instance any more (knowledge B.2).
var identityWords = regexp.MustCompile(`(?i)The identity for the instance [0-9a-f-]{36} is not valid\.? ?Please re-register the instance`)

// failureOf is what the detail of a failed exchange means; the zero Failure for an empty one.
func failureOf(detail string) message.Failure {
	switch {
	case strings.TrimSpace(detail) == "":
		return message.Failure{}
	case identityWords.MatchString(detail):
		return message.Failure{Class: message.Identity, Checks: []string{"agent-identity-invalid"}, Meaning: "the back end does not know this instance"}
	}
	return message.Classify(detail)
}

// commFailed splits COMM_FAILED into the peer and the detail; a text of another shape is all detail.
func commFailed(e message.Event) (peer, detail string) {
	if e.Vars == nil {
		return "", e.Text
	}
	return e.Vars["peer"], e.Vars["detail"]
}

// fits reports whether the peer that a log line names can be that of the transport: CSSM for smart and
// call home, CSLU for cslu, which is also the word for SSM On-Prem. Other words fit everything.
func fits(peer string, kind topology.Kind) bool {
	switch {
	case strings.Contains(peer, "CSLU"):
		return kind == topology.CSLU || kind == ""
	case strings.Contains(peer, "CSSM"):
		return kind != topology.CSLU && kind != topology.Off
	}
	return true
}

// words is a pattern of alternatives in any case.
func words(alternatives string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + alternatives) }
