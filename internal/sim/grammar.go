package sim

import "strings"

// mode is a configuration mode; a rule belongs to one and may enter another.
type mode string

const (
	global      mode = ""
	inVRF       mode = "vrf"
	inFamily    mode = "address-family"
	inInterface mode = "interface"
	inCallHome  mode = "call-home"
	inProfile   mode = "profile"
	inTP        mode = "trustpoint"
	inChain     mode = "chain"
	inLine      mode = "line"
	inHA        mode = "redundancy"
)

// rule is one configuration command the interpreter knows. Its place in the
// grammar is its place in the running configuration.
type rule struct {
	mode    mode
	syntax  string
	enter   mode   // sub-mode the line opens; "" for none
	on      bool   // in effect without being configured: only its "no" form is shown
	builtin string // the line in effect when none is configured ("show running-config all")
	literal string // the words before the first parameter
	pattern pattern
	acts    bool // it does something at once and does not stand in the configuration
}

// grammar lists the rules in the order IOS XE prints them.
func grammar() []*rule {
	g := []*rule{
		{syntax: "version :: <version>"},
		{syntax: "service timestamps debug :: <form:rest>"},
		{syntax: "service timestamps log :: <form:rest>"},
		{syntax: "service password-encryption"},
		{syntax: "service call-home"},
		{syntax: "platform punt-keepalive disable-kernel-core"},
		{syntax: "hostname :: <name>"},
		{syntax: "banner <kind=motd|login|exec> :: <text:rest>"},
		{syntax: "vrf definition <name>", enter: inVRF},
		{mode: inVRF, syntax: "rd :: <rd>"},
		{mode: inVRF, syntax: "description :: <text:rest>"},
		{mode: inVRF, syntax: "address-family <af=ipv4|ipv6>", enter: inFamily},
		{mode: inFamily, syntax: "exit-address-family"},
		{syntax: "logging buffered :: <size:int> [<level>]"},
		{syntax: "logging console :: <level>", on: true},
		{syntax: "enable secret :: <secret:rest>"},
		{syntax: "aaa new-model"},
		{syntax: "aaa authentication login <list> :: <methods:rest>"},
		{syntax: "aaa authorization exec <list> :: <methods:rest>"},
		{syntax: "aaa session-id common"},
		{syntax: "clock timezone :: <zone> <hours:int> <minutes:int>"},
		{syntax: "clock summer-time :: <zone> <rest:rest>"},
		{syntax: "call-home", enter: inCallHome},
		{mode: inCallHome, syntax: "contact-email-addr :: <mail>"},
		{mode: inCallHome, syntax: "vrf :: <vrf>"},
		{mode: inCallHome, syntax: "source-interface :: <if>"},
		{mode: inCallHome, syntax: "http-proxy :: <proxy> port <port:int>"},
		{mode: inCallHome, syntax: "http secure server-identity-check", on: true},
		{mode: inCallHome, syntax: "profile <name>", enter: inProfile},
		{mode: inProfile, syntax: "reporting smart-licensing-data", on: true},
		{mode: inProfile, syntax: "reporting smart-call-home-data", on: true},
		{mode: inProfile, syntax: "active"},
		{mode: inProfile, syntax: "destination transport-method <method=http|email>"},
		{mode: inProfile, syntax: "destination address http <url>"},
		{syntax: "redundancy", enter: inHA},
		{mode: inHA, syntax: "mode :: <mode=sso|rpr|none>"},
		{syntax: "ip name-server [vrf <vrf>] <server:ip>"},
		{syntax: "ip domain lookup vrf <vrf>"},
		{syntax: "ip domain lookup source-interface :: <if>"},
		{syntax: "ip domain lookup", on: true},
		{syntax: "ip domain name [vrf <vrf>] :: <domain>"},
		{syntax: "ip domain list <domain>"},
		{syntax: "ip host [vrf <vrf>] <name> :: <addr:ip>"},
		{syntax: "login on-success log"},
		{syntax: "login block-for <n:int> attempts <m:int> within <s:int>"},
		{syntax: "ipv6 unicast-routing"},
		{syntax: "crypto pki trustpoint <name>", enter: inTP},
		{mode: inTP, syntax: "enrollment :: <form:rest>"},
		{mode: inTP, syntax: "subject-name :: <name:rest>"},
		{mode: inTP, syntax: "revocation-check :: <methods:rest>"},
		{mode: inTP, syntax: "rsakeypair :: <label>"},
		{mode: inTP, syntax: "hash :: <hash>"},
		{mode: inTP, syntax: "vrf :: <vrf>"},
		{syntax: "crypto pki certificate chain <name>", enter: inChain},
		{mode: inChain, syntax: "certificate <form:rest>"},
		{syntax: "crypto pki authenticate <name>", acts: true},
		{syntax: "crypto pki trustpool import <from:rest>", acts: true},
		{syntax: "license feature hseck9"},
		{syntax: "license udi :: pid <pid> sn <sn>"},
		{syntax: "license boot level :: <level:rest>"},
		{syntax: "license smart custom_id :: <id>"},
		{syntax: "license smart enable"},
		{syntax: "license smart privacy <what=all|hostname|version>"},
		{syntax: "license smart proxy address :: <address>"},
		{syntax: "license smart proxy port :: <port:int>"},
		{syntax: "license smart reservation"},
		{syntax: "license smart server-identity-check", on: true},
		{syntax: "license smart url cslu :: <url>"},
		{syntax: "license smart url smart :: <url>"},
		{syntax: "license smart url utility :: <url>"},
		{syntax: "license smart url default"},
		{syntax: "license smart url :: <url>"},
		{syntax: "license smart usage interval :: <days:int>", builtin: "license smart usage interval 30"},
		{syntax: "license smart utility"},
		{syntax: "license smart utility customer_info <field=city|country|id|name|postalcode|state|street> :: <text:rest>"},
		{syntax: "license smart vrf :: <vrf>"},
		{syntax: "license smart transport :: <type=automatic|callhome|cslu|off|smart>", builtin: "license smart transport cslu"},
		{syntax: "diagnostic bootup level :: <level>"},
		{syntax: "memory free low-watermark processor :: <n:int>"},
		{syntax: "username <user> [privilege <level:int>] :: <secret:rest>"},
		{syntax: "switch <n:int> provision :: <model>"},
		{syntax: "interface <if>", enter: inInterface},
		{mode: inInterface, syntax: "description :: <text:rest>"},
		{mode: inInterface, syntax: "switchport", on: true},
		{mode: inInterface, syntax: "switchport mode :: <mode>"},
		{mode: inInterface, syntax: "switchport access vlan :: <n:int>"},
		{mode: inInterface, syntax: "vrf forwarding :: <vrf>"},
		{mode: inInterface, syntax: "ip address :: <addr:ip> <mask:ip>"},
		{mode: inInterface, syntax: "ip address :: dhcp"},
		{mode: inInterface, syntax: "ip access-group <acl> <dir=in|out>"},
		{mode: inInterface, syntax: "shutdown"},
		{mode: inInterface, syntax: "speed :: <n>"},
		{mode: inInterface, syntax: "negotiation auto"},
		{syntax: "ip default-gateway :: <addr:ip>"},
		{syntax: "ip routing", on: true},
		{syntax: "ip forward-protocol nd"},
		{syntax: "ip http server"},
		{syntax: "ip http port :: <port:int>", builtin: "ip http port 80"},
		{syntax: "ip http authentication :: <method:rest>", builtin: "ip http authentication enable"},
		{syntax: "ip http access-class :: <acl:rest>"},
		{syntax: "ip http secure-server"},
		{syntax: "ip http secure-port :: <port:int>", builtin: "ip http secure-port 443"},
		{syntax: "ip http secure-trustpoint :: <name>"},
		{syntax: "ip http max-connections :: <n:int>"},
		{syntax: "ip http active-session-modules :: <list>", builtin: "ip http active-session-modules all"},
		{syntax: "ip http secure-active-session-modules :: <list>", builtin: "ip http secure-active-session-modules all"},
		{syntax: "ip http session-module-list <list> <modules>"},
		{syntax: "ip http client connection timeout :: <n:int>", builtin: "ip http client connection timeout 10"},
		{syntax: "ip http client connection retry :: <n:int>", builtin: "ip http client connection retry 1"},
		{syntax: "ip http client response timeout :: <n:int>", builtin: "ip http client response timeout 30"},
		{syntax: "ip http client proxy-server :: <name> proxy-port <port:int>"},
		{syntax: "ip http client secure-ciphersuite :: <suites:rest>"},
		{syntax: "ip http client secure-trustpoint :: <name>"},
		{syntax: "ip http client source-interface :: <if>"},
		{syntax: "ip http client tls-version :: <version>"},
		{syntax: "ip tftp source-interface :: <if>"},
		{syntax: "ip route [vrf <vrf>] <prefix:ip> <mask:ip> <hop> [<distance:int>]"},
		{syntax: "ip ssh version :: <n:int>"},
		{syntax: "ip ssh maxstartups :: <n:int>"},
		{syntax: "ip access-list <form:rest>"},
		{syntax: "logging host <host> [vrf <vrf>]"},
		{syntax: "logging source-interface :: <if> [vrf <vrf>]"},
		{syntax: "snmp-server community <community> <form:rest>"},
		{syntax: "snmp-server location :: <text:rest>"},
		{syntax: "control-plane"},
		{syntax: "line <form:rest>", enter: inLine},
		{mode: inLine, syntax: "exec-timeout :: <minutes:int> <seconds:int>"},
		{mode: inLine, syntax: "exec prompt timestamp"},
		{mode: inLine, syntax: "logging synchronous"},
		{mode: inLine, syntax: "login :: <method:rest>"},
		{mode: inLine, syntax: "login"},
		{mode: inLine, syntax: "length :: <n:int>"},
		{mode: inLine, syntax: "stopbits :: <n:int>"},
		{mode: inLine, syntax: "password :: <secret:rest>"},
		{mode: inLine, syntax: "transport input :: <how:rest>"},
		{syntax: "ntp source :: <if>"},
		{syntax: "ntp master [<stratum:int>]"},
		{syntax: "ntp server [vrf <vrf>] <server> [version <v:int>] [prefer]"},
		{syntax: "ntp peer [vrf <vrf>] <server>"},
		{syntax: "sntp server <server>"},
		{syntax: "telemetry ietf subscription <n:int>"},
		{syntax: "netconf-yang"},
		{syntax: "restconf"},
	}
	for _, r := range g {
		r.pattern = compile(r.syntax)
		head, _, _ := strings.Cut(r.syntax, "<")
		head, _, _ = strings.Cut(head, "[")
		r.literal = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(head), "::"))
	}
	return g
}

// spellings are older or shorter beginnings of lines with the ones the
// configuration shows.
var spellings = [][2]string{
	{"ip domain-lookup", "ip domain lookup"},
	{"ip domain-name", "ip domain name"},
	{"ip domain-list", "ip domain list"},
	{"ip vrf forwarding", "vrf forwarding"},
	{"ip vrf", "vrf definition"},
}
