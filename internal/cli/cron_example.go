package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// cronExamples are the files that run the job on schedule, with where each belongs.
var cronExamples = map[string]struct{ path, text string }{
	"crontab": {"/etc/cron.d/slpdoctor", cronCrontab},
	"service": {"/etc/systemd/system/slpdoctor.service", cronService},
	"timer":   {"/etc/systemd/system/slpdoctor.timer", cronTimer},
}

func newCronExample(a *app) *cobra.Command {
	kinds := append(slices.Sorted(maps.Keys(cronExamples)), "all")
	var as string
	c := &cobra.Command{
		Use:   "cron-example",
		Short: "Print a crontab, or a hardened systemd service and timer, for run --cron",
		Long: "Print the files that run the job every night: a crontab, or a systemd service and its timer. Both begin with\n" +
			"where they belong. docs/cron.md goes through them from the first run to the alert on a missing one.",
		Example: "  slpdoctor cron-example --as crontab\n  slpdoctor cron-example --as service | sudo tee /etc/systemd/system/slpdoctor.service",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !slices.Contains(kinds, as) {
				return usage(fmt.Errorf("--as %q: want %s", as, strings.Join(kinds, ", ")), "")
			}
			return a.write("", func(w io.Writer) error {
				for i, kind := range kinds {
					if as != kind && (as != "all" || kind == "all") {
						continue
					}
					sep := ""
					if as == "all" && i > 0 {
						sep = "\n"
					}
					if _, err := fmt.Fprintf(w, "%s# %s\n%s", sep, cronExamples[kind].path, cronExamples[kind].text); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&as, "as", "all", strings.Join(kinds, ", "))
	return c
}

const cronCrontab = `#
# Every night between 02:15 and 02:45, as the user slpdoctor. Without a change there is no output, and so no mail.
# The password is in a file that only this user can read; docs/cron.md makes all that is named here.
SHELL=/bin/sh
PATH=/usr/bin:/bin
MAILTO=noc@example.net
SLPDOCTOR_PASSWORD_FILE=/etc/slpdoctor/password

15 2 * * *  slpdoctor  /usr/local/bin/slpdoctor run --cron --every 24h --jitter 30m --max-time 3h --state-dir /var/lib/slpdoctor -i /etc/slpdoctor/inventory.yaml --known-hosts /etc/slpdoctor/known_hosts -o prometheus=/var/cache/slpdoctor/slpdoctor.prom
`

const cronService = `#
# What it tells is in the journal: journalctl -u slpdoctor. Exit status 1 (something is new or worse) is what the job
# is for and no failure of the unit; 2, 3, 4 and 130 are: then the night was not, or not wholly, examined.
[Unit]
Description=Smart Licensing audit of IOS XE devices
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User=slpdoctor
Group=slpdoctor
ExecStart=/usr/local/bin/slpdoctor run --cron --every 24h --max-time 3h -i /etc/slpdoctor/inventory.yaml --known-hosts /etc/slpdoctor/known_hosts -o prometheus=/var/cache/slpdoctor/slpdoctor.prom
SuccessExitStatus=1
TimeoutStartSec=4h

# The inventory refers to it as {systemd: netops-password}. The file is root's; the service sees it while it runs.
LoadCredential=netops-password:/etc/slpdoctor/netops-password

# State (lock, history, messages that wait), and the metrics, which the collector must be able to read.
StateDirectory=slpdoctor
StateDirectoryMode=0700
CacheDirectory=slpdoctor
CacheDirectoryMode=0755
UMask=0077

# It opens connections and writes two folders, nothing else.
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
PrivateUsers=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
# To ask whether this machine's clock is synchronised, so that it may judge those of the devices; to set it takes a
# capability that the service has not.
SystemCallFilter=adjtimex
SystemCallErrorNumber=EPERM
DevicePolicy=closed
KeyringMode=private
MemoryMax=2G
TasksMax=512
`

const cronTimer = `#
# Every night between 02:15 and 02:45. A night that was missed because the machine was off is made up for.
[Unit]
Description=Nightly Smart Licensing audit

[Timer]
OnCalendar=*-*-* 02:15:00
RandomizedDelaySec=30m
FixedRandomDelay=yes
Persistent=yes

[Install]
WantedBy=timers.target
`
