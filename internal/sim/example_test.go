package sim_test

import (
	"fmt"
	"time"

	"slpdoctor/internal/sim"
)

// A device is booted into a world, time passes, and a fix is typed.
func Example() {
	world := &sim.World{Hosts: []*sim.Host{
		{Addr: "192.0.2.80", Services: map[int]*sim.Service{8182: {Kind: "cslu", Account: sim.Account{Smart: "Example", Virtual: "Lab"}}}},
		{Addr: "192.0.2.123", Stratum: 1},
	}}
	sw, err := sim.NewDevice(sim.Spec{
		Name: "sw1", PID: "C9300-24P", Serial: "SIM00000001", Release: "17.9.4a", World: world,
		Boot: time.Date(2025, time.March, 1, 0, 0, 0, 0, time.UTC),
		Config: `
			interface Vlan10
			 ip address 192.0.2.10 255.255.255.0
			ntp server 192.0.2.123
			license smart url cslu http://192.0.2.80:8183/cslu/v1/pi`,
	})
	if err != nil {
		panic(err)
	}
	sw.Settle(5 * time.Hour)
	fmt.Print(sw.Run("show license status | include Last ACK"))
	fmt.Print(sw.Run("show license tech support | include Total=5"))
	if err := sw.Configure("license smart url cslu http://192.0.2.80:8182/cslu/v1/pi"); err != nil {
		panic(err)
	}
	sw.Settle(3 * time.Hour)
	fmt.Print(sw.Run("show license status | include Last ACK"))
	// Output:
	//   Last ACK received: <none>
	//   Attempts: Total=5, Success=0, Fail=5  Ongoing Failure: Overall=5 Communication=5
	//   Last ACK received: Mar 01 05:10:00 2025 UTC
}
