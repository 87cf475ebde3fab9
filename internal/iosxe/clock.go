package iosxe

// ShowClock asks for the device's clock and its mark.
var ShowClock = query("show clock", "clock and whether it is authoritative", parseClock)

// ShowClockDetail asks for the clock and where its time comes from.
var ShowClockDetail = query("show clock detail", "time source", parseClock)

func parseClock(*text, *Stamp) {}
