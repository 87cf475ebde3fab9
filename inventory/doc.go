// Package inventory says which devices a run is about and how to log in to them: it reads YAML, CSV and
// plain lists, HOST arguments and ssh_config, applies groups and defaults, selects by filter, and fetches
// secrets by reference, each once per run. Nothing here contacts a device.
//
// The command line (internal/cli) and the fleet runner (internal/fleet) may import it; checks may not:
// what the operator expects reaches them as diag.Device.
package inventory
