// Package host is the one rule of which hosts a server may be asked at, and where it may be found itself: for what
// people enter, for what names resolve to, and for LINLIPAY_BASE_URL.
package host

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Place is from where a host can be reached.
type Place int

// The places.
const (
	Public   Place = iota // from everywhere
	Nearby                // this machine, or a private network
	Loopback              // this machine alone
	Nowhere               // an address that is nobody's, such as 0.0.0.0, or one that hides another
)

// label is a part of a host's name (RFC 1123).
var label = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// PlaceOf reads a host: an address in its one usual form, or a name. What browsers and resolvers read as an address
// in another form (127.1, 0x7f.1, 2130706433: whatever ends in a number, by the WHATWG's URL standard) is an error,
// and so is a name with a dot at its end.
func PlaceOf(host string) (Place, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if p := placeOf(a); p != Nowhere {
			return p, nil
		}
		return Nowhere, errors.New("its host is no address that can be reached")
	}
	host = strings.ToLower(host)
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if !label.MatchString(l) {
			return Nowhere,
				errors.New("its host is no name: labels of letters, digits and hyphens that dots part, without " +
					"one at the end")
		}
	}
	switch last := labels[len(labels)-1]; {
	case len(host) > 253 || numeric(last):
		return Nowhere, errors.New("its host is neither a name nor an address in its usual form, such as 192.0.2.1")
	case last == "localhost":
		return Loopback, nil // RFC 6761
	case len(labels) == 1, strings.HasSuffix(host, ".home.arpa"),
		last == "local", last == "internal", last == "test", last == "lan":
		return Nearby, nil // names that no public resolver knows (RFC 6761, 6762, 8375)
	}
	return Public, nil
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
	{netip.MustParsePrefix("0.0.0.0/8"), Nowhere},       // this network (RFC 791)
	{netip.MustParsePrefix("100.64.0.0/10"), Nearby},    // carriers' NAT (RFC 6598)
	{netip.MustParsePrefix("192.0.0.0/24"), Nowhere},    // protocol assignments (RFC 6890)
	{netip.MustParsePrefix("198.18.0.0/15"), Nearby},    // benchmarks (RFC 2544)
	{netip.MustParsePrefix("240.0.0.0/4"), Nowhere},     // reserved, and broadcast (RFC 1112, 919)
	{netip.MustParsePrefix("::/96"), Nowhere},           // IPv4 in IPv6, given up (RFC 4291)
	{netip.MustParsePrefix("64:ff9b:1::/48"), Nearby},   // NAT64 of a local network (RFC 8215)
	{netip.MustParsePrefix("100::/64"), Nowhere},        // discard (RFC 6666)
	{netip.MustParsePrefix("2001::/32"), Nowhere},       // Teredo (RFC 4380)
	{netip.MustParsePrefix("2002::/16"), Nowhere},       // 6to4 (RFC 3056)
	{netip.MustParsePrefix("fec0::/10"), Nearby},        // site-local, given up (RFC 3879)
	{netip.MustParsePrefix("::ffff:0:0:0/96"), Nowhere}, // IPv4 translated (RFC 2765)
}

// placeOf is the place of an address; one within another form is the place of the address that it leads to.
func placeOf(a netip.Addr) Place {
	if a.Zone() != "" {
		return Nowhere
	}
	a = a.Unmap()
	if b := a.As16(); nat64.Contains(a) {
		return placeOf(netip.AddrFrom4([4]byte(b[12:])))
	}
	switch {
	case a.IsUnspecified() || a.IsMulticast():
		return Nowhere
	case a.IsLoopback():
		return Loopback
	case a.IsPrivate() || a.IsLinkLocalUnicast():
		return Nearby
	}
	for _, s := range special {
		if s.network.Contains(a) {
			return s.place
		}
	}
	return Public
}

// ParseAddress reads an address that is a scheme, a host in its usual form, perhaps a port, and a path: no user,
// query or fragment, and nothing in which two readers could see two hosts. The error does not repeat the address.
func ParseAddress(address string) (*url.URL, Place, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.User != nil,
		strings.ContainsAny(address, "?#@\\ "),
		!strings.HasPrefix(address, u.Scheme+"://"+u.Host):
		return nil, Nowhere,
			errors.New("it must be an address such as https://pay.example.com, without user, query or " +
				"fragment")
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && !isPort(u.Port()):
		return nil, Nowhere, errors.New("its port is not one between 1 and 65535")
	}
	place, err := PlaceOf(u.Hostname())
	return u, place, err
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535 && strconv.Itoa(n) == text
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	place, err := PlaceOf(host)
	return err == nil && place == Loopback
}
