// Package viptela knows the command line of vManage (Cisco Catalyst SD-WAN Manager): the closed catalogue of the lines
// that may be sent to it, what they answer, and what its log says of the reports to CSSM. It does no I/O and knows no
// clock. engine, checks, bundle, cli and the reader of log files (internal/reconcile/input) may import it; of this
// module it imports diag alone.
//
// The shapes of its answers come from public outputs of releases 20.5 to 20.12 and from the seed documents; that a read
// was complete is never assumed: what the shell says instead of an answer is a field of its own (Problem).
package viptela
