package weburl

import (
	"net/netip"
	"strconv"
	"strings"
)

// LegacyIPv4 reads the notations of inet_aton (0x7f.1, 2130706433, 0177.0.0.1), which resolvers still accept:
// one to four parts, decimal, octal or hexadecimal, the last filling the bytes that remain.
func LegacyIPv4(host string) (netip.Addr, bool) {
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
