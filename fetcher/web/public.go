package web

import (
	"net/netip"
	"slices"
)

// NonPublic are the ranges that the fetcher refuses to connect to, for whoever has to tell a firewall. Behind NAT64, the
// well-known prefix 64:ff9b::/96, the embedded IPv4 address counts.
func NonPublic() []netip.Prefix { return slices.Clone(nonPublic) }
