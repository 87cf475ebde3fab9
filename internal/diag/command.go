package diag

import "time"

// Command is one entry of the closed catalogue of what may be sent to a device: a line template, how
// its answer is read, its limits and, where the line depends on earlier answers, its plan. A Command is
// compared by address: checks name what they read in Go, not in strings.
type Command struct {
	Template Template
	Purpose  string // one phrase for `slpdoctor commands`: what the answer is used for

	// Plan makes the exact line from what is already known, or says why it is not sent. Nil: the
	// template itself is the line.
	Plan func(*Facts) (line string, why NotSent)
	// Wave orders collection: a command of wave n is planned when all answers of wave n-1 are in.
	Wave int
	// Needs lists what must be collected before Plan can be asked.
	Needs []*Command

	// Inside is the line that opens the shell in which this one is typed, on a device that has one; "" is the
	// device's own command line.
	Inside string

	Idle  time.Duration // longest silence inside an answer; 0 means the default of the session
	Total time.Duration // longest time for the whole answer; 0 means the default of the session

	// Parse reads an answer. It never fails: what it does not understand is in Parsed.Unparsed.
	Parse func(Capture) Parsed
}

// String is the catalogue line.
func (c *Command) String() string { return c.Template.String() }

// NotSent says why a command was left out for one device. The zero NotSent means that it is sent.
type NotSent struct {
	Reason Reason
	Detail string // for people: "the transport URL is an address", "passive mode"
}

// Query is a Command whose answer is a *T.
type Query[T any] struct{ Command }

// Of is the complete answer of the device, or why there is none: an answer that was refused, cut or not
// collected is missing, so that "the line is not in it" can not be mistaken for a fact.
func (q *Query[T]) Of(f *Facts) Value[*T] {
	c, p, ok := f.parsed(&q.Command)
	switch {
	case !ok:
		return Missing[*T](NotCollected)
	case c.Why() != "":
		return Missing[*T](c.Why())
	case p.Problem != "":
		return Missing[*T](p.Problem)
	}
	t, ok := p.Facts.(*T)
	if !ok || t == nil {
		return Missing[*T](Unparsed)
	}
	return Present(t, Source{Command: c.Line})
}

// Partial is what could be read, complete or not, and the reason why a field that is missing in it may
// be missing only there: "" when the answer is complete. The result is nil when there is nothing at all.
func (q *Query[T]) Partial(f *Facts) (*T, Reason) {
	c, p, ok := f.parsed(&q.Command)
	if !ok {
		return nil, NotCollected
	}
	t, _ := p.Facts.(*T)
	if why := c.Why(); why != "" {
		return t, why
	}
	return t, p.Problem
}

// Parsed is one answer, read.
type Parsed struct {
	Facts    any           // *T of the command's Query; nil when nothing was recognised
	Tree     func() []Node // every non-blank line, nothing lost; built when asked for
	Unparsed []Line        // the lines that no rule consumed: the drift report
	Problem  Reason        // Cut, Refused or Unparsed when the text as a whole is not a complete answer, else ""
}

// Node is one line of an answer in the lossless layout tree.
type Node struct {
	Line     int    `json:"line"`
	Key      string `json:"key"`
	Value    string `json:"value"`
	Children []Node `json:"children"`
}

// Line is one line of an answer.
type Line struct {
	Number int    `json:"line"`
	Text   string `json:"text"`
}
