// Package iosxe is what this program knows of IOS XE show commands: one file per command with its catalogue
// entry, its typed result and its parser, and the licence view that several commands fill together. Stage
// one (text.go) turns an answer into rows, stage two picks typed values out of them, table-driven and
// scoped by section; what no rule consumed is reported as unparsed and never an error. The package does no
// I/O and reads no clock. Checks, topology, collect and cli may import it; it imports diag alone.
package iosxe
