package sim

import "time"

// Faults says how one device's SSH server misbehaves. The zero value is a
// healthy IOS XE server. The catalogue is section 6 of the design page on
// sessions; each field is one of its rows.
type Faults struct {
	// Reaching it and the handshake.
	MaxSessions      int      // connections at once; one more is closed without a word (VTYs busy)
	BlockAfter       int      // after so many rejected logins every connection is closed (login block-for)
	DropEvery        int      // every n-th connection is closed before the identification
	StallBeforeIdent bool     // accepts and never speaks
	StallAfterIdent  bool     // sends the identification and nothing more
	CloseAfterIdent  bool     // closes in the key exchange, as with a lost RSA key
	Greeting         string   // sent instead of the identification, then closed ("SSH-1.5-..." or text)
	RekeyBytes       uint64   // asks for new keys after so many bytes
	ForeignKey       bool     // shows another host key than KnownHosts says
	KeyExchanges     []string // the only algorithms offered; nil means those of IOS XE 17
	Ciphers          []string
	MACs             []string

	// Logging in.
	Password       string        // the only password accepted; "" the server's
	AuthDelay      time.Duration // before every answer to a login
	RejectEvery    int           // every n-th correct login is rejected (overloaded AAA)
	KeyboardOnly   bool          // offers keyboard-interactive alone
	Challenge      string        // asks this visible question after the password (one-time code)
	PasswordChange bool          // demands a new password after the password
	ExecDenied     bool          // "% Authorization failed." instead of a shell
	RejectPTY      bool
	RejectShell    bool

	// Privileges.
	Privilege   int      // level of a login; 0 means 15
	EnableUnset bool     // "% No password set"
	EnableError bool     // "% Error in authentication." whatever is typed
	Deny        []string // commands (full words, prefixes) answered "Command authorization failed."

	// The command line.
	DenyTerminal bool          // terminal length and width are denied: the pager stays on
	EchoDelay    time.Duration // per echoed byte, one byte per packet
	TypeAhead    int           // input bytes kept while a command runs; 0 means all
	HangOn       string        // the command that stops in the middle of its output until Ctrl-C or Ctrl-^
	Deaf         bool          // Ctrl-C and Ctrl-^ are ignored
	Gap          time.Duration // a silence in the middle of every output
	Columns      int           // terminal width whatever is asked for: longer input scrolls sideways
	HangupOn     string        // the command in the middle of whose output the connection breaks
	EndlessOn    string        // the command whose output never ends
	CloseAfter   int           // closes the shell after so many commands
	StayOpen     bool          // exit closes the channel but not the connection
	AsyncEvery   int           // after every n-th prompt a log line appears between it and the echo
	AsyncOutput  bool          // log lines appear inside long outputs, on lines of their own
	Noise        bool          // BEL, NUL and ANSI sequences around outputs
	Lookalike    bool          // outputs hold lines that look like prompts
	MOTD         string        // shown before the first prompt, beside the configured banner
	PingTakes    time.Duration // a ping without answer takes this long
}
