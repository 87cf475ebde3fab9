package checks

import (
	"slices"

	"slpdoctor/internal/diag"
)

// The lines that many fixes end with.
const (
	saveLine = "copy running-config startup-config" // keeps a change over a reload
	syncLine = "license smart sync all"             // sends reports and fetches acknowledgements now
)

// saved is a fix of the configuration that ends with the line that keeps it (FX-SAVE).
func saved(f diag.Fix) diag.Fix {
	f.Exec = slices.Concat(f.Exec, []string{saveLine})
	return f
}

// Manual steps: what a person does elsewhere, in the words of the portals (knowledge B.22).
const (
	stepToken       = "CSSM: select the smart account and virtual account of this device, open Inventory > General, create a new token and copy it"                           // M01
	stepInstance    = "CSSM: under Inventory > Product Instances look for this device's UDI in the virtual account; when it is elsewhere, work with that account"             // M02
	stepUploadRUM   = "CSSM: upload the usage file (Reports > Usage Data Files), wait until it is processed and download the acknowledgement"                                 // M05
	stepCollectCSLU = "CSLU: select the product instance and collect its usage report (Actions > Collect Usage Report)"                                                       // M06
	stepExportCSLU  = "CSLU without CSSM: export the usage data (Data > Export to CSSM)"                                                                                      // M07a
	stepImportCSLU  = "CSLU without CSSM: import the acknowledgement file (Data > Import from CSSM)"                                                                          // M07b
	stepCSLU        = "CSLU host: is the service running, is CSLU logged in to Cisco and set to the right accounts, is the device listed, does the firewall let TCP 8182 in"  // M08
	stepOnpremPull  = "SSM On-Prem: Reports > Synchronization pull schedule > Synchronize now with the device"                                                                // M09
	stepOnpremSync  = "SSM On-Prem: Smart Licensing workspace > Reports > Usage Schedules > Synchronize now with Cisco; disconnected: export and import the usage data there" // M10, M11
	stepOnpremURL   = "SSM On-Prem: copy the CSLU transport URL from Smart Licensing > Inventory > General, character by character"                                           // M12
	stepController  = "Catalyst Center or SD-WAN Manager: upload the usage report now, or wait for its schedule"                                                              // M14
	stepTAC         = "open a TAC case with show license tech support and show logging"                                                                                       // M16
	stepFirewall    = "check routing and firewalls between the device and its licensing peer"                                                                                 // M18
	stepImport      = "import the acknowledgement on the device with the exec line"                                                                                           // M23
	stepCSSMDown    = "if other sites fail too, CSSM itself may be down: look at status.cisco.com and try again later"                                                        // M26
)

// fixNTP gives the device a time source (FX-NTP).
var fixNTP = saved(diag.Fix{
	Summary: "configure an NTP server",
	Config:  []string{"ntp server <ntp-ip> prefer"},
	Verify:  []string{"show ntp status", "show clock"},
	Manual:  []string{"when the server is reached through a VRF, the line is: ntp server vrf <vrf> <ntp-ip> prefer"},
	Affects: "the device's clock; a large step may disturb timers",
})

// fixNTPPath makes configured servers answer.
var fixNTPPath = diag.Fix{
	Summary: "make the configured NTP servers answer",
	Verify:  []string{"show ntp associations", "show ntp status"},
	Manual: []string{
		"let UDP port 123 pass between the device and its NTP servers, in both directions",
		"compare ntp source, the VRF in the ntp server lines and the authentication keys with the servers",
	},
	Affects: "the path to the NTP servers",
}

// fixSync sends the reports now (FX-SYNC).
var fixSync = diag.Fix{
	Summary: "send the usage report now",
	Exec:    []string{syncLine},
	Verify:  []string{"show license status"},
	Affects: "nothing but licensing traffic; Last ACK received is renewed within ten minutes, or after the relay's next synchronisation",
}

// fixTrust establishes trust with CSSM (FX-TRUST). The token itself never passes through this program.
var fixTrust = diag.Fix{
	Summary: "establish trust with CSSM",
	Exec:    []string{"license smart trust idtoken <token> all"},
	Verify:  []string{"show license status"},
	Manual:  []string{stepToken},
	Affects: "the trust code of every member",
}

// fixTrustForce replaces a trust code that the back end no longer knows.
var fixTrustForce = diag.Fix{
	Summary: "establish trust anew, replacing the old trust code",
	Exec:    []string{"license smart trust idtoken <token> all force", syncLine},
	Verify:  []string{"show license status"},
	Manual:  []string{stepToken},
	Affects: "the trust code of every member is replaced",
}

// fixTAC is what is left when nothing on the device can be changed.
var fixTAC = diag.Fix{
	Summary: "let Cisco TAC look at it",
	Verify:  []string{"show license tech support"},
	Manual:  []string{stepTAC},
	Affects: "nothing",
}
