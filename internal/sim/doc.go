// Package sim is a simulated fleet of Cisco IOS XE devices behind a real SSH
// server on loopback. It exists so that newcomers (demo, sim) and tests of the
// session layer have something to talk to, and so that a recommended fix can be
// applied and the fault be seen to go away.
//
// A Device is state, not text: a running configuration, an interpreter of
// configuration lines, a clock, a licensing agent and the World around it.
// Settle lets time pass: the agent makes the attempts a real one would make, and
// counters, log lines, ACKs and deadlines follow from what those attempts meet.
// Every command is rendered from that state in the format of the device's
// release family.
//
// The package imports nothing of this module, above all no parser: a simulator
// that shares code with the parsers would only agree with itself. Formats come
// from real outputs; a test holds every printed line shape against them.
// Anything may import it except the packages that ship diagnosis (diag, iosxe,
// checks, topology, engine, message).
package sim
