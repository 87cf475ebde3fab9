// Package diag is the vocabulary of the diagnosis: commands and their captures, facts read out of them,
// checks and their verdicts, fixes and the report. It holds values and the rules that tie them together;
// it does no I/O, reads no clock, and every other package may import it. It imports none of ours.
package diag
