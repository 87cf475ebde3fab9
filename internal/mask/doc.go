// Package mask takes secrets out of device text. It stands where a capture is made, so that nothing
// unmasked exists behind it. It imports none of our packages; collect and bundle import it.
package mask
