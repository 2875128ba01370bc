package app

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// checkBaseURL says what is wrong with the address where payers and institutions reach us: it is put in front of paths and
// handed to institutions and browsers, which must all read the same host in it.
func checkBaseURL(address string, trial bool) error {
	bad := func(why string) error {
		return fmt.Errorf("LINLIPAY_BASE_URL is %q: %s", address, why)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "", strings.HasSuffix(address, "/"), address != u.Scheme+"://"+u.Host:
		return bad("it must be an address such as https://pay.example.com, with nothing before or after the host but a port")
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && !isPort(u.Port()):
		return bad("its port is not one between 1 and 65535")
	}
	where, err := whereIs(u.Hostname())
	if err != nil {
		return bad(err.Error())
	}
	switch {
	case !trial && (u.Scheme != "https" || where != publicHost):
		return bad("institutions notify only https addresses that they can reach (LINLIPAY_SANDBOX=true allows others for a trial)")
	case trial && where == publicHost:
		return bad("LINLIPAY_SANDBOX=true shows one-time codes to whoever asks, so that it is for an address of this machine or of a private network alone")
	}
	return nil
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535 && strconv.Itoa(n) == text
}

// hostPlace is from where a host can be reached.
type hostPlace int

const (
	publicHost  hostPlace = iota
	nearbyHost            // this machine, or a private network
	nowhereHost           // an address that is nobody's, such as 0.0.0.0
)

// label is a part of a host's name (RFC 1123).
var label = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// whereIs reads a host: an address in its one usual form, or a name. What browsers and resolvers read as an address in
// another form (127.1, 0x7f.1, 2130706433: whatever ends in a number, by the WHATWG's URL standard) is refused, and so
// is a name with a dot at its end.
func whereIs(host string) (hostPlace, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		switch {
		case a.Zone() != "" || a.IsUnspecified() || a.IsMulticast():
			return nowhereHost, errors.New("its host is no address that can be reached")
		case a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || netip.MustParsePrefix("100.64.0.0/10").Contains(a):
			return nearbyHost, nil
		}
		return publicHost, nil
	}
	labels := strings.Split(strings.ToLower(host), ".")
	for _, l := range labels {
		if !label.MatchString(l) {
			return nowhereHost, errors.New("its host is no name: labels of letters, digits and hyphens that dots part, without one at the end")
		}
	}
	switch last := labels[len(labels)-1]; {
	case len(host) > 253 || numeric(last):
		return nowhereHost, errors.New("its host is neither a name nor an address in its usual form, such as 192.0.2.1")
	case len(labels) == 1, last == "localhost", last == "local", last == "internal", last == "test", last == "lan", strings.HasSuffix(host, ".home.arpa"):
		return nearbyHost, nil // names that no public resolver knows (RFC 6761, 6762, 8375)
	}
	return publicHost, nil
}

// numeric reports whether a resolver may read a label as a number: decimal, octal or hexadecimal.
func numeric(l string) bool {
	if hex, ok := strings.CutPrefix(l, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(l, "0123456789") == ""
}
