package web

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
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

// legacyIPv4 reads the notations of inet_aton (0x7f.1, 2130706433, 0177.0.0.1), which resolvers still accept:
// one to four parts, decimal, octal or hexadecimal, the last filling the bytes that remain.
func legacyIPv4(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var value uint64
	for i, part := range parts {
		if strings.ContainsAny(part, "_+-") {
			return netip.Addr{}, false
		}
		if len(part) > 1 && part[0] == '0' && part[1] != 'x' && part[1] != 'X' {
			part = "0o" + part[1:]
		}
		n, err := strconv.ParseUint(part, 0, 32)
		if err != nil {
			return netip.Addr{}, false
		}
		room := 8
		if i == len(parts)-1 {
			room = 8 * (5 - len(parts))
		}
		if n >= 1<<room {
			return netip.Addr{}, false
		}
		value = value<<room | n
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}
