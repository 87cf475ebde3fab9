// Package message is the catalogue of the system messages around Smart Licensing Using Policy (what each
// means, its variables, its causes in order and what to do) and the reader that finds them in syslog text,
// however it was captured. It holds data and does no I/O; iosxe, checks and cli may import it, it imports
// diag alone.
package message
