// Command slpdoctor finds out why Smart Licensing Using Policy does not work on Cisco IOS XE product
// instances and says exactly how to fix it. It only reads.
package main

import (
	"os"

	"slpdoctor/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], cli.System())) }
