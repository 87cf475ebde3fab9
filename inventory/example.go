package inventory

import _ "embed"

//go:embed example.yaml
var example string

// Example is a commented inventory that loads as it is: what "inventory example" prints.
func Example() string { return example }
