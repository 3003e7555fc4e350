package web

import (
	"fmt"
	"net/netip"
)

// nonPublic are the ranges that no public web site lives in (IANA special-purpose registries, RFC 6890 and its
// updates). 6to4 and Teredo are retired transition schemes whose addresses hide an IPv4 address.
var nonPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

// nat64 is the well-known prefix behind which IPv6-only networks reach IPv4 sites (RFC 6052): the address in
// its last four bytes is what counts.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// guard decides whether an address may be connected to.
type guard struct{ allow []netip.Prefix }

// check is nil for a public address and for one that the operator allows.
func (g guard) check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	inner := addr
	if nat64.Contains(addr) {
		b := addr.As16()
		inner = netip.AddrFrom4([4]byte(b[12:]))
	}
	if covered(g.allow, addr) || covered(g.allow, inner) {
		return nil
	}
	if !inner.IsValid() || covered(nonPublic, inner) {
		return fail(ForbiddenAddress, fmt.Errorf("%s is not a public address; fetch.allow_networks can exempt it", addr))
	}
	return nil
}

func covered(list []netip.Prefix, addr netip.Addr) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
