package sim

import "strings"

func (d *Device) httpOn() bool       { return get(d.cfg.lines, "ip http server") != nil }
func (d *Device) httpSecureOn() bool { return get(d.cfg.lines, "ip http secure-server") != nil }

func (d *Device) setting(key, name, otherwise string) string {
	if v := arg(d.cfg.lines, key, name); v != "" {
		return v
	}
	return otherwise
}

func (d *Device) httpAuth() string { return d.setting("ip http authentication", "method", "enable") }

// modules lists the session modules the plain or secure server serves: "all",
// "none" or the modules of a named list.
func (d *Device) modules(secure bool) string {
	key := "ip http active-session-modules"
	if secure {
		key = "ip http secure-active-session-modules"
	}
	list := d.setting(key, "list", "all")
	for _, l := range each(d.cfg.lines, "ip http session-module-list "+list) {
		return l.args["modules"]
	}
	return list
}

// slHTTP reports that a collector can use the licence API.
func (d *Device) slHTTP() bool {
	return d.httpOn() && serves(d.modules(false), "SL_HTTP") || d.httpSecureOn() && serves(d.modules(true), "SL_HTTP")
}

func serves(list, module string) bool {
	return strings.EqualFold(list, "all") || strings.Contains(list, module)
}

func able(b bool) string {
	if b {
		return "Enabled"
	}
	return "Disabled"
}

func (d *Device) showHTTPServerStatus(map[string]string) string {
	var b text
	class := d.setting("ip http access-class", "acl", "0")
	v4 := "None"
	if name, ok := strings.CutPrefix(class, "ipv4 "); ok {
		class, v4 = "0", name
	}
	b.line("HTTP server status: %s\nHTTP server port: %s\nHTTP server active supplementary listener ports: 21111", able(d.httpOn()), d.setting("ip http port", "port", "80"))
	b.line("HTTP server authentication method: %s\nHTTP server auth-retry 0 time-window 0\nHTTP server digest algorithm: md5", d.httpAuth())
	b.line("HTTP server access class: %s\nHTTP server IPv4 access class: %s\nHTTP server IPv6 access class: None", class, v4)
	b.line("HTTP server base path: \nHTTP File Upload status: Disabled\nHTTP server upload path: \nHTTP server help root: ")
	b.line("Maximum number of concurrent server connections allowed: %s", d.setting("ip http max-connections", "n", "300"))
	b.line("Maximum number of secondary server connections allowed: 50\nServer idle time-out: 180 seconds\nServer life time-out: 180 seconds")
	b.line("Server session idle time-out: 600 seconds\nMaximum number of requests allowed on a connection: 25\nServer linger time : 60 seconds")
	b.line("HTTP server active session modules: %s\nHTTP secure server capability: Present", moduleList(d.modules(false)))
	b.WriteString(d.showHTTPSecureStatus(nil))
	return b.String()
}

func moduleList(list string) string {
	if strings.EqualFold(list, "all") {
		return "ALL"
	}
	return list
}

func (d *Device) showHTTPSecureStatus(map[string]string) string {
	var b text
	tls, suites := "TLSv1.2 TLSv1.1", ""
	if d.rel.atLeast(17, 12, 0) {
		tls, suites = "TLSv1.3 TLSv1.2", " tls13-aes128-gcm-sha256\n        tls13-aes256-gcm-sha384 tls13-chacha20-poly1305-sha256"
	}
	b.line("HTTP secure server status: %s\nHTTP secure server port: %s", able(d.httpSecureOn()), d.setting("ip http secure-port", "port", "443"))
	b.line("HTTP secure server ciphersuite:  rsa-aes-cbc-sha2 rsa-aes-gcm-sha2\n        dhe-aes-cbc-sha2 dhe-aes-gcm-sha2 ecdhe-rsa-aes-cbc-sha2")
	b.line("        ecdhe-rsa-aes-gcm-sha2 ecdhe-ecdsa-aes-gcm-sha2%s", suites)
	b.line("HTTP secure server TLS version:  %s\nHTTP secure server client authentication: Disabled", tls)
	b.line("HTTP secure server PIV authentication: Disabled\nHTTP secure server PIV authorization only: Disabled")
	b.line("HTTP secure server trustpoint: %s\nHTTP secure server peer validation trustpoint: ", d.setting("ip http secure-trustpoint", "name", d.selfSigned()))
	b.line("HTTP secure server ECDHE curve: secp256r1\nHTTP secure server active session modules: %s", moduleList(d.modules(true)))
	return b.String()
}

func (d *Device) showHTTPModules(map[string]string) string {
	var b text
	b.line("HTTP server application session modules:\n Session module Name  Handle Status   Secure-status     Description")
	for i, m := range [][2]string{{"HTTP_IFS", "HTTP based IOS File Server"}, {"SL_HTTP", "HTTP REST IOS-XE Smart License Server"},
		{"OPENRESTY_PKI", "IOS OpenResty PKI Server"}, {"HOME_PAGE", "IOS Homepage Server"}, {"BANNER_PAGE", "HTTP Banner Page Server"},
		{"WEB_EXEC", "HTTP based IOS EXEC Server"}, {"NG_WEBUI", "Web GUI"}} {
		b.line("%-21s %-6d %-8s %-14s %s", m[0], i+1, active(serves(d.modules(false), m[0])), active(serves(d.modules(true), m[0])), m[1])
	}
	return b.String()
}

func active(b bool) string {
	if b {
		return "Active"
	}
	return "Inactive"
}

func (d *Device) showHTTPServerAll(map[string]string) string {
	var b text
	b.WriteString(d.showHTTPServerStatus(nil))
	b.line("")
	b.WriteString(d.showHTTPModules(nil))
	b.line("\n\nHTTP server current connections:\nlocal-ipaddress:port  remote-ipaddress:port  in-bytes  out-bytes")
	b.line("\n\nNginx Internal Counters:\nNginx pool = 915\nActive connection = 1\nNginx pool available = 898\nMaxmum connection Hit = 0")
	b.line("\n\n\nHTTP server statistics:\nAccepted connections total: 1\nserver accepts handled requests\n 2 2 2\nReading: 0 Writing: 1 Waiting: 0")
	b.line("\n\n\nHTTP server history:\nlocal-ipaddress:port  remote-ipaddress:port  in-bytes  out-bytes  end-time\n")
	b.line("127.0.0.1:21111  127.0.0.1:58764  0  404  06:00:11 17/03")
	if d.agent.visited {
		own := "192.0.2.1"
		if is := d.interfaces(); len(is) > 0 && is[0].addr.IsValid() {
			own = is[0].addr.Addr().String()
		}
		b.line("%s:443  %s:51322  0  8614  %s", own, d.spec.Collector, d.agent.lastACK.In(d.zone()).Format("15:04:05 02/01"))
	}
	b.line("\n\nconn_history_current_pos: 2\n\n\n\nHTTP server help path:")
	return b.String()
}

func (d *Device) showHTTPClient(map[string]string) string {
	var b text
	b.line("HTTP client status: Enabled\nHTTP client application session modules:\n Id               : 1\n Application Name : HTTP CFS")
	b.line(" Version          : HTTP/1.0\n Persistent       : persistent\n Response-timeout : 0\n Retries          : 0\n Proxy            : \n")
	b.line("HTTP client current connections:\n Persistent connection = enabled (default)")
	b.line(" Connection establishment timeout = %s", d.clientSetting("connection timeout", "10", "s"))
	b.line(" Connection idle timeout = 30s (default)")
	b.line(" Maximum number of connection establishment retries = %s", d.clientSetting("connection retry", "1", ""))
	b.line(" Maximum http client connections per host : 2\n HTTP secure client capability: Present")
	b.line(" local-ipaddress:port  remote-ipaddress:port in-bytes  out-bytes\n\n Total client connections : 0\n")
	b.line("HTTP client cache:\n Maximum Memory size for cache : 100000 bytes (default)\n Maximum memory per cache entry : 2000 bytes (default)")
	b.WriteString("\n" + d.showHTTPClientSecure(nil))
	if i := d.setting("ip http client source-interface", "if", ""); i != "" {
		b.line("HTTP client source interface: %s", i)
	}
	return b.String()
}

// clientSetting prints a timer with the mark of a default.
func (d *Device) clientSetting(name, otherwise, unit string) string {
	v := d.setting("ip http client "+name, "n", "")
	if v == "" {
		return otherwise + unit + " (default)"
	}
	return v + unit
}

func (d *Device) showHTTPClientSecure(map[string]string) string {
	var b text
	b.line("HTTP secure client ciphersuite: %s", d.setting("ip http client secure-ciphersuite", "suites", "rsa-aes-cbc-sha2 ecdhe-rsa-aes-gcm-sha2"))
	b.line("HTTP secure client TLS version: %s", d.setting("ip http client tls-version", "version", "TLSv1.2 TLSv1.1"))
	b.line("HTTP secure client trustpoint: %s", d.setting("ip http client secure-trustpoint", "name", ""))
	return b.String()
}
