package handlers

import (
	"fmt"
	"linlipay/audit"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// addressRoutes are the routes of who has which home.
func (s *Server) addressRoutes() []route {
	return []route{
		{id: "listUnitBindings", method: "GET", path: "/v1/units/:id/bindings", who: residentsAndFront,
			summary: "Who is bound to a unit, and who was under its owner", records: recording{done: audit.PhonesSeen},
			endpoint: listed(s, withUsual("-bound_at"), s.household)},
	}
}

// Proxies are the addresses of reverse proxies of ours. What one of them says of where a request comes from is
// believed; nobody else is.
type Proxies []netip.Prefix

// ParseProxies reads addresses and networks (CIDR) that commas part, such as "127.0.0.1, 10.0.0.0/24, ::1". "" and
// "none" are none.
func ParseProxies(text string) (Proxies, error) {
	var prefixes Proxies
	if text == "none" {
		return nil, nil
	}
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' }) {
		if address, err := netip.ParseAddr(part); err == nil && address.Zone() == "" {
			address = address.Unmap()
			prefixes = append(prefixes, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/24", part)
		}
		prefixes = append(prefixes, network.Masked())
	}
	return prefixes, nil
}

// Contains reports whether an address is a proxy of ours.
func (p Proxies) Contains(address netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(address) })
}

// client is where a request comes from: peer is who is connected to us, forwarded are the X-Forwarded-For fields in
// their order. Each proxy adds the address that it saw on the right, so that the list is read from there for as long as
// a proxy of ours speaks: the first address that is none of them is the client's. What stands further left, or is no
// address, is anybody's word.
func (p Proxies) client(peer netip.Addr, forwarded []string) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for p.Contains(peer) && len(hops) > 0 {
		last, ok := hop(hops[len(hops)-1])
		if !ok {
			break
		}
		peer, hops = last, hops[:len(hops)-1]
	}
	return peer
}

// hop reads one address of X-Forwarded-For; some proxies write the port too.
func hop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return plain(withPort.Addr()), true
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return plain(address), err == nil
}

// plain is an address as it is compared: an IPv4 address is one however it is written, and has no zone.
func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

// addressOf is where a request comes from. It is found once, by identify.
func addressOf(c *fiber.Ctx) netip.Addr {
	address, _ := c.Locals("address").(netip.Addr)
	return address
}

// locate finds where a request comes from.
func (s *Server) locate(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	var forwarded []string
	for _, field := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		forwarded = append(forwarded, string(field))
	}
	return s.Proxies.client(plain(peer), forwarded)
}

// household is an address as far as limits go: whoever has an IPv6 address has at least the 2^64 of its network.
func household(address netip.Addr) string {
	if address.Is4() {
		return address.String()
	}
	network, err := address.Prefix(64)
	if err != nil {
		return ""
	}
	return network.String()
}
