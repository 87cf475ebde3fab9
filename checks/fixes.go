package checks

import (
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/message"
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

// What a person does elsewhere; `explain` knows the steps by their ids.
var (
	stepToken       = message.Manual("M01")
	stepInstance    = message.Manual("M02")
	stepSLAC        = message.Manual("M03")
	stepPolicyFile  = message.Manual("M04")
	stepUploadRUM   = message.Manual("M05")
	stepCollectCSLU = message.Manual("M06")
	stepExportCSLU  = message.Manual("M07a")
	stepImportCSLU  = message.Manual("M07b")
	stepCSLU        = message.Manual("M08")
	stepOnpremPull  = message.Manual("M09")
	stepOnpremSync  = message.Manual("M10")
	stepOnpremFile  = message.Manual("M11")
	stepOnpremURL   = message.Manual("M12")
	stepController  = message.Manual("M14")
	stepTAC         = message.Manual("M16")
	stepBrowse      = message.Manual("M17")
	stepFirewall    = message.Manual("M18")
	stepImport      = message.Manual("M23")
	stepCSSMDown    = message.Manual("M26")
	stepIntended    = message.Manual("M27")
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
