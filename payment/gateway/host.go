package gateway

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// Which hosts a server may be asked at, and where it may be found itself: the one rule, for what people enter, for
// what names resolve to, and for LINLIPAY_BASE_URL.

// Place is from where a host can be reached.
type Place int

// The places.
const (
	PlacePublic   Place = iota // from everywhere
	PlaceNearby                // this machine, or a private network
	PlaceLoopback              // this machine alone
	PlaceNone                  // an address that is nobody's, such as 0.0.0.0, or one that hides another
)

// label is a part of a host's name (RFC 1123).
var label = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// PlaceOf reads a host: an address in its one usual form, or a name. What browsers and resolvers read as an address
// in another form (127.1, 0x7f.1, 2130706433: whatever ends in a number, by the WHATWG's URL standard) is an error,
// and so is a name with a dot at its end.
func PlaceOf(host string) (Place, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if p := placeOf(a); p != PlaceNone {
			return p, nil
		}
		return PlaceNone, errors.New("its host is no address that can be reached")
	}
	labels := strings.Split(strings.ToLower(host), ".")
	for _, l := range labels {
		if !label.MatchString(l) {
			return PlaceNone,
				errors.New("its host is no name: labels of letters, digits and hyphens that dots part, without " +
					"one at the end")
		}
	}
	switch last := labels[len(labels)-1]; {
	case len(host) > 253 || numeric(last):
		return PlaceNone, errors.New("its host is neither a name nor an address in its usual form, such as 192.0.2.1")
	case last == "localhost":
		return PlaceLoopback, nil // RFC 6761
	case len(labels) == 1, strings.HasSuffix(host, ".home.arpa"),
		last == "local", last == "internal", last == "test", last == "lan":
		return PlaceNearby, nil // names that no public resolver knows (RFC 6761, 6762, 8375)
	}
	return PlacePublic, nil
}

// numeric reports whether a resolver may read a label as a number: decimal, octal or hexadecimal.
func numeric(l string) bool {
	if hex, ok := strings.CutPrefix(l, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(l, "0123456789") == ""
}

// nat64 is where an IPv4 address stands in the last four bytes (RFC 6052): it leads to that address.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// special are the networks of IANA's special-purpose registries that netip has no question for.
var special = []struct {
	network netip.Prefix
	place   Place
}{
	{netip.MustParsePrefix("0.0.0.0/8"), PlaceNone},        // this network (RFC 791)
	{netip.MustParsePrefix("100.64.0.0/10"), PlaceNearby},  // carriers' NAT (RFC 6598)
	{netip.MustParsePrefix("192.0.0.0/24"), PlaceNone},     // protocol assignments (RFC 6890)
	{netip.MustParsePrefix("198.18.0.0/15"), PlaceNearby},  // benchmarks (RFC 2544)
	{netip.MustParsePrefix("240.0.0.0/4"), PlaceNone},      // reserved, and broadcast (RFC 1112, 919)
	{netip.MustParsePrefix("::/96"), PlaceNone},            // IPv4 in IPv6, given up (RFC 4291)
	{netip.MustParsePrefix("64:ff9b:1::/48"), PlaceNearby}, // NAT64 of a local network (RFC 8215)
	{netip.MustParsePrefix("100::/64"), PlaceNone},         // discard (RFC 6666)
	{netip.MustParsePrefix("2001::/32"), PlaceNone},        // Teredo (RFC 4380)
	{netip.MustParsePrefix("2002::/16"), PlaceNone},        // 6to4 (RFC 3056)
	{netip.MustParsePrefix("fec0::/10"), PlaceNearby},      // site-local, given up (RFC 3879)
	{netip.MustParsePrefix("::ffff:0:0:0/96"), PlaceNone},  // IPv4 translated (RFC 2765)
}

// placeOf is the place of an address; one within another form is the place of the address that it leads to.
func placeOf(a netip.Addr) Place {
	if a.Zone() != "" {
		return PlaceNone
	}
	a = a.Unmap()
	if b := a.As16(); nat64.Contains(a) {
		return placeOf(netip.AddrFrom4([4]byte(b[12:])))
	}
	switch {
	case a.IsUnspecified() || a.IsMulticast():
		return PlaceNone
	case a.IsLoopback():
		return PlaceLoopback
	case a.IsPrivate() || a.IsLinkLocalUnicast():
		return PlaceNearby
	}
	for _, s := range special {
		if s.network.Contains(a) {
			return s.place
		}
	}
	return PlacePublic
}

// CheckAddress reads an address that is a scheme, a host in its usual form, perhaps a port, and a path: no user,
// query or fragment, and nothing in which two readers could see two hosts. The error does not repeat the address.
func CheckAddress(address string) (*url.URL, Place, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.User != nil,
		strings.ContainsAny(address, "?#@\\ "),
		!strings.HasPrefix(address, u.Scheme+"://"+u.Host):
		return nil, PlaceNone,
			errors.New("it must be an address such as https://pay.example.com, without user, query or " +
				"fragment")
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && !isPort(u.Port()):
		return nil, PlaceNone, errors.New("its port is not one between 1 and 65535")
	}
	place, err := PlaceOf(u.Hostname())
	return u, place, err
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535 && strconv.Itoa(n) == text
}

// AddressIn is the setting that holds the institution's address, or otherwise where it is empty. It must be https at
// a public host, or on this machine; which hosts are the institution's, Usable looks at.
func AddressIn(settings map[string]string, name, otherwise string) (string, error) {
	address := settings[name]
	if address == "" {
		return otherwise, nil
	}
	u, place, err := CheckAddress(address)
	if err != nil || place != PlaceLoopback && (place != PlacePublic || u.Scheme != "https") {
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
	return u.Scheme == "https" || u.Scheme == "http" && IsLoopback(u.Hostname())
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	place, err := PlaceOf(host)
	return err == nil && place == PlaceLoopback
}

// Hosts are hosts that whoever runs the machine adds to those of the institutions.
type Hosts map[Institution][]string

// ParseHosts reads INSTITUTION=HOST pairs that commas part, such as "lakala=gw.example.com". A host must be public,
// and may have a port.
func ParseHosts(text string) (Hosts, error) {
	hosts := Hosts{}
	for _, pair := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, host, _ := strings.Cut(pair, "=")
		institution := Institution(name)
		known := false
		for _, i := range InstitutionRank() {
			known = known || i == institution
		}
		u, place, err := CheckAddress("https://" + host)
		if !known || err != nil || place != PlacePublic || u.Host != host {
			return nil, fmt.Errorf("%q must be an institution and a public host, such as lakala=gateway.example.com",
				pair)
		}
		hosts[institution] = append(hosts[institution], strings.ToLower(host))
	}
	return hosts, nil
}

// Reach is where a transport connects to, judged by the address that a name has resolved to, for each connection
// anew: a name that resolves to another address the second time is no way around it.
type Reach int

// The reaches.
const (
	ReachPublic   Reach = iota // public addresses alone: institutions in production
	ReachTrial                 // this machine too: the played institutions
	ReachAnywhere              // wherever a name leads: our own address, which whoever runs the machine chose
)

// errReach is why a connection is not made.
var errReach = errors.New("payment: the address that the name resolves to is not public")

// control is a net.Dialer's Control: it is told the address just before it is connected to.
func (r Reach) control(_, address string, _ syscall.RawConn) error {
	if r == ReachAnywhere {
		return nil
	}
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return errReach
	}
	switch placeOf(a.Addr()) {
	case PlacePublic:
		return nil
	case PlaceLoopback:
		if r == ReachTrial {
			return nil
		}
	}
	return errReach
}
