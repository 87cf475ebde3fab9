package checks

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
	"slpdoctor/internal/topology"
)

// read is one field of an answer, or the reason why it is not known: of the field itself, else of the
// answer.
func read[T, V any](f *diag.Facts, q *diag.Query[T], field func(*T) diag.Value[V]) diag.Value[V] {
	t, why := q.Partial(f)
	if t != nil {
		if v := field(t); v.Known() || why == "" {
			return v
		}
	}
	return diag.Missing[V](why)
}

// licence is the merged licence view of a device.
func licence(f *diag.Facts) *iosxe.License { return iosxe.LicenseView.Of(f) }

// complete ends the exam as unknown unless the licence answer that holds a list is complete: the rest of a
// list may be what was cut off.
func complete(e *diag.Exam, list diag.Source) {
	for _, q := range []*diag.Query[iosxe.License]{iosxe.ShowLicenseTechSupport, iosxe.ShowLicenseAll, iosxe.ShowLicenseSummary, iosxe.ShowLicenseUsage} {
		if c, ok := e.Capture(&q.Command); ok && c.Line == list.Command {
			diag.Must(e, q.Of(e.Facts))
		}
	}
}

// Names of the communication channels (knowledge A.4).
const (
	channelTrust     = "Trust Establishment"
	channelUsage     = "Usage Reporting"
	channelPolling   = "Result Polling"
	channelHello     = "Hello Message"
	channelTelemetry = "Telemetry Reporting"
)

// Condition of one channel.
type condition int

// The conditions, from the counters and the last response (knowledge A.4).
const (
	untried  condition = iota // never attempted
	good                      // the last exchange worked
	past                      // it works, failures are counted from before
	retry                     // the peer answered and asked to try again later
	unbuilt                   // the agent could not build its own message
	noReply                   // failing on the way: nothing comes back
	rejected                  // failing although the peer answers
)

// conditionOf classes a channel; false when its counters were not printed.
func conditionOf(c iosxe.Channel) (condition, bool) {
	total, ok := c.Total.Peek()
	overall, ok2 := c.OngoingOverall.Peek()
	comm, ok3 := c.OngoingCommunication.Peek()
	if !ok || !ok2 || !ok3 {
		return untried, false
	}
	response, _ := c.LastResponse.Peek()
	failed, _ := c.Fail.Peek()
	switch {
	case total == 0 && overall == 0:
		return untried, true
	case response == "OK_TRY_AGAIN":
		return retry, true
	case overall > 0 && comm > 0:
		return noReply, true
	case overall > 0:
		return rejected, true
	case response == "BUILD REQUEST ERROR":
		return unbuilt, true
	case failed > 0:
		return past, true
	}
	return good, true
}

// exchange is how the agent and its back end get on.
type exchange struct {
	known     bool            // the counters of every channel were printed
	tried     bool            // some channel was attempted
	unheard   []iosxe.Channel // failing on the way
	rejected  []iosxe.Channel // refused by the peer
	failed    *message.Event  // the newest COMM_FAILED without a later COMM_RESTORED, nil when there is none
	fromOther bool            // its peer does not fit the transport: it is from before a change
	kind      message.Class   // of the current failure, "" when there is none: from the log's detail or the agent's failure reason
}

// aside reports a channel that carries nothing of licensing: telemetry, and on a direct device the greetings
// it once sent to CSLU, which stay in its counters.
func aside(f *diag.Facts, c iosxe.Channel) bool {
	name, _ := c.Name.Peek()
	return name == channelTelemetry || name == channelHello && f.Topology.ID.Family()&diag.Direct != 0
}

var exchanges = diag.Derive(func(f *diag.Facts) exchange {
	var x exchange
	channels, ok := licence(f).Communication.Channels.Peek()
	x.known = ok
	for _, c := range channels {
		if aside(f, c) {
			continue
		}
		state, counted := conditionOf(c)
		x.known = x.known && counted
		x.tried = x.tried || state != untried
		switch state {
		case noReply:
			x.unheard = append(x.unheard, c)
		case rejected:
			x.rejected = append(x.rejected, c)
		}
	}
	for _, c := range slices.Concat(x.rejected, x.unheard) {
		if why, ok := c.FailureReason.Peek(); ok && x.kind == "" {
			x.kind = failureOf(why).Class
		}
	}
	if e, ok := openFailure(f); ok {
		peer, detail := commFailed(e)
		x.failed, x.fromOther = &e, !fits(peer, topology.Transport(f))
		if !x.fromOther && x.current() && len(x.rejected) == 0 && (x.kind == "" || x.kind == message.Network) {
			x.kind = failureOf(detail).Class
		}
	}
	if x.kind == "" && len(x.unheard) > 0 {
		x.kind = message.Network
	}
	return x
})

// failing reports whether some channel fails now.
func (x exchange) failing() bool { return len(x.unheard)+len(x.rejected) > 0 }

// current reports whether a failure in the log may still go on: the counters do not say otherwise.
func (x exchange) current() bool { return x.failing() || !x.known }

// events is the licensing log, oldest first; nil when it was not collected.
func events(f *diag.Facts) []message.Event {
	if l, _ := iosxe.ShowLogging.Partial(f); l != nil {
		return l.Events
	}
	return nil
}

// logSource is an event of the device's log as evidence.
func logSource(f *diag.Facts, e message.Event) diag.Source {
	c, _ := f.Capture(&iosxe.ShowLogging.Command)
	return e.Source(c.Line)
}

// lastEvent is the newest event with one of the ids, and its place in the log: position decides about
// before and after, because timestamps jump with the clock (knowledge C.0).
func lastEvent(log []message.Event, ids ...string) (message.Event, int) {
	for i, e := range slices.Backward(log) {
		if slices.Contains(ids, e.ID()) {
			return e, i
		}
	}
	return message.Event{}, -1
}

// openFailure is the newest COMM_FAILED of the log that no COMM_RESTORED follows.
func openFailure(f *diag.Facts) (message.Event, bool) {
	log := events(f)
	failed, at := lastEvent(log, "SMART_LIC-COMM_FAILED")
	_, restored := lastEvent(log, "SMART_LIC-COMM_RESTORED")
	return failed, at > restored
}

// openInstall is the newest failed installation of a policy, an authorization or a trust code that no
// successful one of the same kind follows.
func openInstall(f *diag.Facts) (message.Event, bool) {
	log := events(f)
	newest, at := message.Event{}, -1
	for _, what := range []string{"POLICY", "AUTHORIZATION", "TRUST_CODE"} {
		failed, i := lastEvent(log, "SMART_LIC-"+what+"_INSTALL_FAILED")
		_, success := lastEvent(log, "SMART_LIC-"+what+"_INSTALL_SUCCESS")
		if i > success && i > at {
			newest, at = failed, i
		}
	}
	return newest, at >= 0
}

// clockHarm is a failure that a wrong clock causes, in its own words: an installation that failed, or a
// signature or timestamp that the back end or the device did not accept. False when there is none.
func clockHarm(f *diag.Facts) (text string, at diag.Source, found bool) {
	if e, ok := openInstall(f); ok {
		return e.Text, logSource(f, e), true
	}
	return clockRefused(f)
}

// clockRefused is the part of clockHarm that shows in the exchanges with the back end.
func clockRefused(f *diag.Facts) (text string, at diag.Source, found bool) {
	channels, _ := licence(f).Communication.Channels.Peek()
	for _, c := range channels {
		if state, _ := conditionOf(c); state != rejected && state != noReply {
			continue
		}
		if why, ok := c.FailureReason.Peek(); ok && failureOf(why).Class == message.Clock {
			return why, c.FailureReason.Source(), true
		}
	}
	if x := exchanges.Of(f); x.failed != nil && x.current() {
		if _, detail := commFailed(*x.failed); failureOf(detail).Class == message.Clock {
			return detail, logSource(f, *x.failed), true
		}
	}
	return "", diag.Source{}, false
}

// Conditions under which one check explains another (knowledge D).

// notRefused: the peer does not answer with a refusal, so the network is not proven good (D2).
func notRefused(f *diag.Facts) bool {
	x := exchanges.Of(f)
	return len(x.unheard) > 0 || len(x.rejected) == 0
}

// refused: the peer answers and refuses, and nothing is lost on the way (D2).
func refused(f *diag.Facts) bool { return !notRefused(f) }

// trustMatters: the peer refuses, or nothing fails but the channels of trust (D3).
func trustMatters(f *diag.Facts) bool {
	x := exchanges.Of(f)
	return refused(f) || x.failing() && !slices.ContainsFunc(x.unheard, func(c iosxe.Channel) bool {
		name, _ := c.Name.Peek()
		return !strings.HasPrefix(name, "Trust ")
	})
}

// neverTried: the counters show that the agent made no attempt at all (D3).
func neverTried(f *diag.Facts) bool {
	x := exchanges.Of(f)
	return x.known && !x.tried
}

// lostOnTheWay: the peer does not refuse, and no relay takes the reports, which would prove the way to it.
func lostOnTheWay(f *diag.Facts) bool {
	taken, _ := unforwarded(f)
	return notRefused(f) && taken == nil
}

// undelivered: nothing shows that reports get through, so what is wrong on the way may hold them up.
func undelivered(f *diag.Facts) bool {
	x := exchanges.Of(f)
	return (x.failing() || !x.known || !x.tried) && lostOnTheWay(f)
}

// clockMatters: something failed as a wrong clock makes it fail (D1).
var clockMatters = diag.Derive(func(f *diag.Facts) bool {
	_, _, harm := clockHarm(f)
	return harm || clockBreaks(f)
}).Of

// clockBreaks: exchanges fail for signatures or times, or for certificates while the clock is not known to be
// right. An installation that failed says nothing about them.
var clockBreaks = diag.Derive(func(f *diag.Facts) bool {
	x := exchanges.Of(f)
	_, _, told := clockRefused(f)
	return told || x.kind == message.Clock || x.kind == message.TLS && !clockProven(f)
}).Of

// certificateMatters: the peer refuses, or TLS fails.
func certificateMatters(f *diag.Facts) bool { return refused(f) || exchanges.Of(f).kind == message.TLS }

// tlsSuspect: the failure is one of TLS, or of unknown kind although the peer answers echos (D5).
func tlsSuspect(f *diag.Facts) bool {
	x := exchanges.Of(f)
	switch x.kind {
	case message.TLS:
		return true
	case message.Network, message.CallHome, message.Unknown:
		return len(x.rejected) == 0 && answersPing(f)
	}
	return false
}

// answersPing: an echo came back from the licensing peer.
func answersPing(f *diag.Facts) bool {
	n, _ := read(f, iosxe.Ping, func(p *iosxe.PingResult) diag.Value[int] { return p.Received }).Peek()
	return n > 0
}

// peer is whom the device sends its reports to. The zero peer is unknown.
type peer struct {
	text   string // the URL as printed; "cslu-local" when CSLU is found by that name
	url    *url.URL
	host   string
	source diag.Source
}

// cslUName is what a device without an address looks CSLU up as (S1:255).
const csluName = "cslu-local"

var peers = diag.Derive(func(f *diag.Facts) peer {
	t := licence(f).Transport
	text, ok := t.URL.Peek()
	source := t.URL.Source()
	kind := topology.Transport(f)
	switch {
	case !ok && kind == topology.CallHome:
		v := callhomeURLs(f)
		urls, _ := v.Peek()
		if len(urls) == 0 {
			return peer{}
		}
		text, source = urls[0], v.Source()
	case !ok && kind == topology.CSLU && t.URL.IsNone():
		return peer{text: csluName, host: csluName, source: source}
	case !ok:
		return peer{}
	}
	u, err := url.Parse(text)
	if err != nil {
		return peer{text: text, source: source}
	}
	return peer{text: text, url: u, host: u.Hostname(), source: source}
})

// peerReads are the commands beside the licence view that tell the peer.
var peerReads = []*diag.Command{&iosxe.ShowCallHomeSmartLicensing.Command, &iosxe.ShowCallHomeProfiles.Command}

// isAddress reports whether the host of the peer is an IP address rather than a name.
func (p peer) isAddress() bool {
	_, err := netip.ParseAddr(p.host)
	return err == nil
}

// callhomeURLs are the destinations of licensing messages by call home: as the licensing view of call
// home prints them, else those of the profile that carries licensing.
func callhomeURLs(f *diag.Facts) diag.Value[[]string] {
	return read(f, iosxe.ShowCallHomeSmartLicensing, func(s *iosxe.CallHomeSmartLicensing) diag.Value[[]string] { return s.URLs }).
		Or(read(f, iosxe.ShowCallHomeProfiles, func(p *iosxe.CallHomeProfiles) diag.Value[[]string] {
			c, _ := p.Licensing()
			return c.HTTPAddresses
		}))
}

// since is how long ago t was by the device's own clock. Summer time may have begun or ended in between
// when the zone labels differ; slack is then the hour by which the result can be wrong (knowledge 0.5).
func since(now, t diag.DeviceTime) (ago, slack time.Duration) {
	if now.Zone != t.Zone {
		slack = time.Hour
	}
	return now.Sub(t), slack
}

// age is a duration as an argument of a message: in a sentence "8 seconds", "5 minutes", "3 hours" or
// "12 days", in JSON seconds.
type age time.Duration

// String is the age in the largest unit of which there is more than one.
func (a age) String() string {
	d := time.Duration(a)
	n, unit := d/(24*time.Hour), "day"
	switch {
	case d < time.Minute:
		n, unit = d/time.Second, "second"
	case d < time.Hour:
		n, unit = d/time.Minute, "minute"
	case d < 48*time.Hour:
		n, unit = d/time.Hour, "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.Itoa(int(n)) + " " + unit
}

// MarshalJSON is the age in seconds.
func (a age) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, int64(time.Duration(a)/time.Second), 10), nil
}

// configuration is the answer to a filtered form of show running-config and the answer as a whole as
// evidence that a line is not in it. Without the answer the exam ends as unknown.
func configuration(e *diag.Exam, q *diag.Query[iosxe.Config]) (*iosxe.Config, diag.Source) {
	v := q.Of(e.Facts)
	return diag.Must(e, v), v.Source()
}
