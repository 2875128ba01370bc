package gateway

import (
	"fmt"
	"net/url"
	"strings"

	"linlipay/host"
)

// AddressIn is the setting that holds the institution's address, or otherwise where it is empty. It must be https at a
// public host, or on this machine; which hosts are the institution's, Usable looks at. Otherwise it is Invalid.
func AddressIn(settings map[string]string, name, otherwise string) (string, error) {
	address := settings[name]
	if address == "" {
		return otherwise, nil
	}
	u, place, err := host.ParseAddress(address)
	if err != nil || place != host.Loopback && (place != host.Public || u.Scheme != "https") {
		return "", BadSetting(name, "须为 https 地址。", "must be an https address.")
	}
	return address, nil
}

// IsPage reports whether a payer's browser may be sent to an address that an institution names: https, or on this
// machine.
func IsPage(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && host.IsLoopback(u.Hostname())
}

// Hosts are hosts that whoever runs the machine adds to those of the institutions.
type Hosts map[Institution][]string

// ParseHosts reads INSTITUTION=HOST pairs that commas part, such as "lakala=gw.example.com". A host must be public, and
// may have a port. Anything else is an error, which names the pair.
func ParseHosts(text string) (Hosts, error) {
	hosts := Hosts{}
	for _, pair := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, at, _ := strings.Cut(pair, "=")
		institution := Institution(name)
		known := false
		for _, i := range InstitutionRank() {
			known = known || i == institution
		}
		u, place, err := host.ParseAddress("https://" + at)
		if !known || err != nil || place != host.Public || u.Host != at {
			return nil, fmt.Errorf("%q must be an institution and a public host, such as lakala=gateway.example.com",
				pair)
		}
		hosts[institution] = append(hosts[institution], strings.ToLower(at))
	}
	return hosts, nil
}
