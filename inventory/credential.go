package inventory

import (
	"errors"
	"fmt"
	"strings"
)

// Source is where a secret is kept.
type Source string

// The sources of secrets.
const (
	FromEnv     Source = "env"     // an environment variable
	FromFile    Source = "file"    // a file with the secret on its only line
	FromCommand Source = "command" // what a program prints; no shell
	FromKeyring Source = "keyring" // the keyring of the desktop: service/user
	FromSystemd Source = "systemd" // a file in $CREDENTIALS_DIRECTORY
	FromPrompt  Source = "prompt"  // asked on the terminal
	FromPlain   Source = "plain"   // written in the inventory
)

// Reference says where a secret is kept, never the secret itself.
type Reference struct {
	Source Source
	// Name is the variable, the path, service/user, or the systemd credential; for a prompt, what to ask.
	Name string
	Argv []string // FromCommand: the program and its arguments
	Pos  Position // where the reference is written; the zero Position for the command line

	plain Secret
}

// String names the reference without what could hold a secret: of a command only its program.
func (r Reference) String() string {
	switch r.Source {
	case FromEnv:
		return "environment variable " + r.Name
	case FromCommand:
		return fmt.Sprintf("command %q", r.Argv[0])
	case FromPlain:
		return "plain text"
	case FromSystemd:
		return fmt.Sprintf("systemd credential %q", r.Name)
	case FromPrompt:
		return "prompt"
	default:
		return fmt.Sprintf("%s %q", r.Source, r.Name)
	}
}

// Credential is a named set of references. Nil references are secrets the credential does not have; a
// credential with neither password nor private key leaves the login to the agent.
type Credential struct {
	Name       string // "" is the default credential
	Password   *Reference
	Enable     *Reference
	PrivateKey string     // path of the private key file; "" for none
	Passphrase *Reference // fetched only if the key file is encrypted
	Source     Position
}

// zero reports whether the credential says nothing at all.
func (c Credential) zero() bool {
	return c.Password == nil && c.Enable == nil && c.PrivateKey == "" && c.Passphrase == nil
}

// label is how messages call the credential.
func (c Credential) label() string {
	if c.Name == "" {
		return "default credential"
	}
	return fmt.Sprintf("credential %q", c.Name)
}

// commandLine is the place of what flags and environment say.
var commandLine = Position{File: "command line"}

// CommandLine is what a user says about login without an inventory. There is no field for a password:
// none is ever given on the command line.
type CommandLine struct {
	AskPass   bool   // --ask-pass
	AskEnable bool   // --ask-enable
	Key       string // --key: path of a private key file
}

// DefaultCredential is the credential of every device that names none. Each secret comes from the first
// of these that is given: its --ask flag, SLPDOCTOR_<SECRET>, SLPDOCTOR_<SECRET>_FILE and
// SLPDOCTOR_<SECRET>_COMMAND, where the secrets are PASSWORD, ENABLE and PASSPHRASE (of the key); an
// encrypted key without any of them is asked for. An empty variable counts as not given. Nothing is
// fetched here.
func DefaultCredential(c CommandLine, getenv func(string) string) (Credential, error) {
	cred := Credential{PrivateKey: c.Key, Source: commandLine}
	var errs []error
	find := func(secret string, ask bool, question string) *Reference {
		if ask {
			return &Reference{Source: FromPrompt, Name: question}
		}
		r, err := FromVariables("SLPDOCTOR_"+secret, getenv)
		errs = append(errs, err)
		return r
	}
	cred.Password = find("PASSWORD", c.AskPass, "Password: ")
	cred.Enable = find("ENABLE", c.AskEnable, "Enable secret: ")
	if c.Key != "" {
		cred.Passphrase = find("PASSPHRASE", false, "")
		if cred.Passphrase == nil {
			cred.Passphrase = &Reference{Source: FromPrompt, Name: fmt.Sprintf("Passphrase of %s: ", c.Key)}
		}
	}
	return cred, errors.Join(errs...)
}

// splitCommand splits a command line at spaces as a shell would, with quotes and backslashes, and expands
// nothing else. Its errors do not repeat the line.
func splitCommand(line string) ([]string, error) {
	var (
		argv    []string
		word    strings.Builder
		inWord  bool
		quote   rune
		escaped bool
	)
	for _, r := range line {
		switch {
		case escaped:
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteRune('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word.WriteRune(r)
			}
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if inWord {
				argv = append(argv, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("a quote or a backslash at the end is not closed")
	}
	if inWord {
		argv = append(argv, word.String())
	}
	if len(argv) == 0 || argv[0] == "" {
		return nil, errors.New("it names no program")
	}
	return argv, nil
}
