package inventory

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zalando/go-keyring"
)

// Secrets is what one login needs. Fields that are not set are secrets the credential does not have.
type Secrets struct {
	Password Secret
	Enable   Secret
	Keys     []PrivateKey // in the order in which to offer them
}

// PrivateKey is the content of a private key file.
type PrivateKey struct {
	Path       string
	PEM        Secret
	Passphrase Secret // set if the file is encrypted
}

// Seams are what a Resolver touches outside. The zero value is the real world; tests replace parts.
type Seams struct {
	Getenv  func(name string) (string, bool)                           // os.LookupEnv
	Run     func(ctx context.Context, argv []string) ([]byte, error)   // runs a program and returns its stdout
	Keyring func(service, user string) (string, error)                 // the desktop's keyring
	Prompt  func(ctx context.Context, question string) (Secret, error) // TerminalPrompt
	Read    func(name string) (data []byte, readable bool, err error)  // a file; whether others may read it
	Warn    func(Problem)                                              // told of secret files others may read, from several goroutines; nil drops it
}

// fetchTimeout bounds every fetch but a prompt, which waits for a person.
const fetchTimeout = 30 * time.Second

// Resolver fetches the secrets of an inventory, each once per run however many devices use it, failures
// included: a vault that is down is asked once. It is safe for concurrent use.
type Resolver struct {
	credentials map[string]Credential
	seams       Seams
	asking      chan struct{} // one question at a time

	mu      sync.Mutex
	fetches map[string]*fetch
}

// fetch is one secret on its way or arrived.
type fetch struct {
	done    chan struct{}
	value   string // valid once done is closed, as is err
	err     error
	waiting int
	cancel  context.CancelFunc
}

// NewResolver resolves the credentials of an inventory (Inventory.Credentials).
func NewResolver(credentials map[string]Credential, seams Seams) *Resolver {
	if seams.Getenv == nil {
		seams.Getenv = os.LookupEnv
	}
	if seams.Run == nil {
		seams.Run = runCommand
	}
	if seams.Keyring == nil {
		seams.Keyring = keyring.Get
	}
	if seams.Prompt == nil {
		seams.Prompt = TerminalPrompt
	}
	if seams.Read == nil {
		seams.Read = readSecretFile
	}
	if seams.Warn == nil {
		seams.Warn = func(Problem) {}
	}
	return &Resolver{
		credentials: credentials, seams: seams,
		asking: make(chan struct{}, 1), fetches: map[string]*fetch{},
	}
}

// Resolve fetches everything the named credential has; "" is the default credential, which has nothing
// if the command line gave none. Errors name the credential and the secret, never its value.
func (r *Resolver) Resolve(ctx context.Context, credential string) (Secrets, error) {
	return r.resolve(ctx, credential, true)
}

// ResolveDevice fetches what the login to a device needs: the enable secret only if the device uses it,
// and the identity files of ssh_config if its credential has no key of its own.
func (r *Resolver) ResolveDevice(ctx context.Context, d Device) (Secrets, error) {
	s, err := r.resolve(ctx, d.Credential, d.Enable)
	if err != nil {
		return Secrets{}, err
	}
	if d.Enable && !s.Enable.IsSet() {
		return Secrets{}, fmt.Errorf("%s has no enable secret, but the device uses enable", r.credentials[d.Credential].label())
	}
	if len(s.Keys) == 0 {
		s.Keys, err = r.identities(ctx, d.IdentityFiles)
	}
	return s, err
}

// ResolveJump fetches what the login to a jump host needs: its own credential or its own identity files.
// Without either the Secrets are empty, and the agent is all it has.
func (r *Resolver) ResolveJump(ctx context.Context, j Jump) (Secrets, error) {
	var s Secrets
	var err error
	if j.Credential != "" {
		if s, err = r.resolve(ctx, j.Credential, false); err != nil {
			return Secrets{}, err
		}
	}
	if len(s.Keys) == 0 {
		s.Keys, err = r.identities(ctx, j.IdentityFiles)
	}
	return s, err
}

func (r *Resolver) resolve(ctx context.Context, name string, enable bool) (Secrets, error) {
	c, known := r.credentials[name]
	if !known && name != "" {
		return Secrets{}, fmt.Errorf("unknown credential %q", name)
	}
	var s Secrets
	var err error
	if s.Password, err = r.secret(ctx, c.label()+": password", c.Password); err != nil {
		return Secrets{}, err
	}
	if enable {
		if s.Enable, err = r.secret(ctx, c.label()+": enable secret", c.Enable); err != nil {
			return Secrets{}, err
		}
	}
	if c.PrivateKey == "" {
		return s, nil
	}
	key, err := r.privateKey(ctx, c.PrivateKey)
	if err != nil {
		return Secrets{}, fmt.Errorf("%s: private key: %w", c.label(), err)
	}
	if encrypted(key.PEM.Reveal()) {
		if c.Passphrase == nil {
			return Secrets{}, fmt.Errorf("%s: the private key %s is encrypted and no passphrase is given", c.label(), key.Path)
		}
		if key.Passphrase, err = r.secret(ctx, c.label()+": passphrase", c.Passphrase); err != nil {
			return Secrets{}, err
		}
	}
	s.Keys = []PrivateKey{key}
	return s, nil
}

// identities reads the identity files of ssh_config. As for ssh, one that is missing, not a private key,
// or encrypted (there is nobody to ask; the agent may hold it) is passed over.
func (r *Resolver) identities(ctx context.Context, paths []string) ([]PrivateKey, error) {
	var keys []PrivateKey
	for _, path := range paths {
		key, err := r.privateKey(ctx, path)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err == nil && !encrypted(key.PEM.Reveal()):
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func (r *Resolver) privateKey(ctx context.Context, path string) (PrivateKey, error) {
	text, err := r.once(ctx, "key\x00"+path, "file "+path, fetchTimeout, func(context.Context) (string, error) {
		return r.read(path, Position{File: path})
	})
	if err == nil && !strings.Contains(text, "PRIVATE KEY-----") {
		err = fmt.Errorf("%s is not a private key in PEM form", path)
	}
	return PrivateKey{Path: path, PEM: NewSecret(text)}, err
}

// secret fetches one reference; nil gives a Secret that is not set.
func (r *Resolver) secret(ctx context.Context, what string, ref *Reference) (Secret, error) {
	if ref == nil {
		return Secret{}, nil
	}
	key := fmt.Sprintf("%s\x00%s\x00%s", ref.Source, ref.Name, strings.Join(ref.Argv, "\x00"))
	timeout := fetchTimeout
	if ref.Source == FromPrompt {
		// The same question of two credentials may have two answers.
		key, timeout = key+"\x00"+what, 0
	}
	value, err := r.once(ctx, key, ref.String(), timeout, func(ctx context.Context) (string, error) { return r.fetch(ctx, *ref) })
	if err != nil {
		place := ""
		if ref.Pos.File != "" {
			place = fmt.Sprintf(" (%s)", ref.Pos)
		}
		return Secret{}, fmt.Errorf("%s: %w%s", what, err, place)
	}
	return NewSecret(value), nil
}

// once runs get for the first of all callers with the same key and hands its outcome to all. It goes on
// while anybody waits; an outcome that only says that everybody left is forgotten.
func (r *Resolver) once(ctx context.Context, key, what string, timeout time.Duration, get func(context.Context) (string, error)) (string, error) {
	if err := context.Cause(ctx); err != nil {
		return "", err
	}
	r.mu.Lock()
	f := r.fetches[key]
	if f == nil {
		f = r.start(ctx, what, timeout, get)
		r.fetches[key] = f
	}
	f.waiting++
	r.mu.Unlock()

	select {
	case <-f.done:
	case <-ctx.Done():
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	f.waiting--
	select {
	case <-f.done:
		return f.value, f.err
	default:
	}
	if f.waiting == 0 {
		f.cancel()
		if r.fetches[key] == f {
			delete(r.fetches, key)
		}
	}
	return "", context.Cause(ctx)
}

// start begins a fetch. What does not listen to its context (a file on a dead mount, a keyring) is left
// behind when the time is over.
func (r *Resolver) start(ctx context.Context, what string, timeout time.Duration, get func(context.Context) (string, error)) *fetch {
	ctx = context.WithoutCancel(ctx)
	var cancel context.CancelFunc
	if timeout > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, fmt.Errorf("the %s gave no answer within %s", what, timeout))
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	f := &fetch{done: make(chan struct{}), cancel: cancel}
	type outcome struct {
		value string
		err   error
	}
	arrived := make(chan outcome, 1)
	go func() {
		value, err := get(ctx)
		arrived <- outcome{value, err}
	}()
	go func() {
		defer cancel()
		defer close(f.done)
		select {
		case o := <-arrived:
			f.value, f.err = o.value, o.err
		case <-ctx.Done():
			f.err = context.Cause(ctx)
		}
	}()
	return f
}

// fetch asks the source of a reference.
func (r *Resolver) fetch(ctx context.Context, ref Reference) (string, error) {
	switch ref.Source {
	case FromPlain:
		return ref.plain.Reveal(), nil
	case FromEnv:
		value, _ := r.seams.Getenv(ref.Name)
		if value == "" {
			return "", fmt.Errorf("the %s is not set, or empty", ref)
		}
		return oneLine(value, ref.String())
	case FromFile:
		return r.readLine(ref.Name, ref)
	case FromSystemd:
		dir, _ := r.seams.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return "", fmt.Errorf("the %s is not there: CREDENTIALS_DIRECTORY is not set, so systemd did not start this process with LoadCredential=", ref)
		}
		return r.readLine(filepath.Join(dir, ref.Name), ref)
	case FromCommand:
		out, err := r.seams.Run(ctx, ref.Argv)
		if err != nil {
			return "", fmt.Errorf("the %s failed: %w", ref, err)
		}
		return oneLine(string(out), "the output of "+ref.String())
	case FromKeyring:
		return r.fromKeyring(ref)
	case FromPrompt:
		return r.ask(ctx, ref.Name)
	}
	return "", fmt.Errorf("unknown source of secrets %q", ref.Source)
}

func (r *Resolver) readLine(path string, ref Reference) (string, error) {
	text, err := r.read(path, ref.Pos)
	if err != nil {
		return "", err
	}
	return oneLine(text, ref.String())
}

// read reads a file with a secret, and warns if others may read it too. The file descriptors of a shell's
// <(...) and named pipes are files like others.
func (r *Resolver) read(path string, pos Position) (string, error) {
	data, open, err := r.seams.Read(path)
	if err != nil {
		if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathErr.Err
		}
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	if open {
		r.seams.Warn(Problem{pos, fmt.Sprintf("the secret file %s can be read by others", path), "chmod go-rwx " + path})
	}
	return string(data), nil
}

// oneLine strips one newline at the end and refuses what cannot be a password: sending it would be a
// rejected login, and rejected logins lock accounts.
func oneLine(text, what string) (string, error) {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	switch {
	case text == "":
		return "", fmt.Errorf("%s is empty", what)
	case len(text) > 4096:
		return "", fmt.Errorf("%s is longer than 4096 bytes", what)
	case strings.ContainsAny(text, "\n\r"):
		return "", fmt.Errorf("%s has %d lines; a secret has one", what, 1+strings.Count(text, "\n"))
	case strings.ContainsFunc(text, unprintable):
		return "", fmt.Errorf("%s holds a control character or is not UTF-8", what)
	}
	return text, nil
}

func (r *Resolver) fromKeyring(ref Reference) (string, error) {
	slash := strings.LastIndex(ref.Name, "/")
	value, err := r.seams.Keyring(ref.Name[:slash], ref.Name[slash+1:])
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return "", fmt.Errorf("%s is not in the keyring", ref)
	case err != nil:
		return "", fmt.Errorf("no keyring can be reached here (%w); use env, file or command", err)
	}
	return oneLine(value, ref.String())
}

func (r *Resolver) ask(ctx context.Context, question string) (string, error) {
	select {
	case r.asking <- struct{}{}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	defer func() { <-r.asking }()
	answer, err := r.seams.Prompt(ctx, question)
	if err != nil {
		return "", err
	}
	return oneLine(answer.Reveal(), "the answer")
}

// AskFirst asks every question that devices and their jump hosts will need, so that no question comes up
// in the middle of a run. Other secrets are not fetched.
func (r *Resolver) AskFirst(ctx context.Context, devices []Device) error {
	for _, d := range devices {
		for _, j := range d.Jump {
			if j.Credential == "" {
				continue
			}
			if err := r.askFor(ctx, j.Credential, false); err != nil {
				return err
			}
		}
		if err := r.askFor(ctx, d.Credential, d.Enable); err != nil {
			return err
		}
	}
	return nil
}

func (r *Resolver) askFor(ctx context.Context, credential string, enable bool) error {
	c := r.credentials[credential]
	prompts := func(ref *Reference) bool { return ref != nil && ref.Source == FromPrompt }
	if !slices.ContainsFunc([]*Reference{c.Password, c.Passphrase}, prompts) && !(enable && prompts(c.Enable)) {
		return nil
	}
	_, err := r.resolve(ctx, credential, enable)
	return err
}
