// Package collect holds one SSH session with one device: it dials, verifies the host key, logs in, learns
// the prompt and runs show commands one after another, and it guards the one place where bytes leave for
// the device. internal/fleet may import it, the command line that makes its Dialer, and programs that measure.
// No other package of the product imports scrapligo.
//
// # Who does what
//
// scrapligo's cisco_iosxe platform and network driver own the session: its life cycle (open, on-open hook,
// on-close hook, close), its knowledge of privilege levels, and the channel through which every byte is
// written. The transport under it is ours, because the stock ones cannot bound a handshake, choose host-key
// algorithms, pass a bastion or stop after one password.
//
// Answers are not read through scrapligo's channel. It writes a command and its return in two round trips,
// polls a queue with sleeps and runs a multi-line expression over a window of the output, so that a line of
// output that looks like a prompt ends a command silently. For 12 KB from a device in memory that answers at
// once (BenchmarkExchange, both sides included) the exchange here takes 50 us and 38 KB, Channel.SendInput
// 5.8 ms and 156 KB. Its reader goroutine still does the reading: it stays inside our Transport's Read, which
// hands the bytes to the matcher and returns only when the session ends.
//
// # Rules
//
//   - One deadline, one context, over the whole login. Cancelling it ends everything within milliseconds.
//   - One password attempt per login. A question that is not exactly one hidden password question is not
//     answered.
//   - A command's answer is the text between its own echo and the learned prompt. Without the echo there is
//     no answer. After any error the session is proven to be in step again or it is dead.
//   - Nothing is logged. Errors carry what the device said before it had anything secret to say.
package collect
