package test

import (
	"net/netip"
	"slices"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/spywire/spywire/fetcher/web"
)

// allows reports whether a policy lets its pods reach an address.
func allows(p *networkingv1.NetworkPolicy, addr netip.Addr, port int32) bool {
	for _, rule := range p.Spec.Egress {
		if !slices.ContainsFunc(rule.Ports, func(q networkingv1.NetworkPolicyPort) bool { return q.Port.IntVal == port }) {
			continue
		}
		if len(rule.To) == 0 {
			return true
		}
		for _, peer := range rule.To {
			if peer.IPBlock == nil || !netip.MustParsePrefix(peer.IPBlock.CIDR).Contains(addr) {
				continue
			}
			if !slices.ContainsFunc(peer.IPBlock.Except, func(e string) bool { return netip.MustParsePrefix(e).Contains(addr) }) {
				return true
			}
		}
	}
	return false
}

func TestNetwork(t *testing.T) {
	policies := map[string]*networkingv1.NetworkPolicy{}
	for _, p := range of[*networkingv1.NetworkPolicy](objects(t, variants["distributed"])) {
		policies[component(p)] = p
		if !slices.Equal(p.Spec.PolicyTypes, []networkingv1.PolicyType{"Ingress", "Egress"}) {
			t.Errorf("%s rules %v only", p.Name, p.Spec.PolicyTypes)
		}
	}
	for _, tc := range []struct {
		addr  string
		fetch bool
	}{
		{"93.184.216.34", true}, {"8.8.8.8", true}, {"172.15.255.255", true}, {"172.32.0.1", true}, {"100.128.0.1", true}, {"2606:2800:220:1::1", true},
		{"64:ff9b::808:808", true}, {"10.96.0.1", false}, {"10.0.0.1", false}, {"172.16.0.1", false}, {"192.168.1.1", false}, {"100.64.0.1", false},
		{"169.254.169.254", false}, {"127.0.0.1", false}, {"0.0.0.0", false}, {"224.0.0.1", false}, {"255.255.255.255", false}, {"198.18.0.1", false},
		{"::1", false}, {"fd00:ec2::254", false}, {"fe80::1", false}, {"2001:db8::1", false}, {"64:ff9b::a00:1", false}, {"64:ff9b::a9fe:a9fe", false}, {"2002:a00:1::1", false},
	} {
		addr := netip.MustParseAddr(tc.addr)
		for _, port := range []int32{80, 443} {
			if got := allows(policies["fetcher"], addr, port); got != tc.fetch {
				t.Errorf("the fetcher may reach %s:%d: %v, want %v", addr, port, got, tc.fetch)
			}
			for _, other := range []string{"parser", "classifier", "sink", "migrate", "test"} {
				if allows(policies[other], addr, port) {
					t.Errorf("the %s may reach %s:%d", other, addr, port)
				}
			}
		}
		for _, port := range []int32{22, 2379, 6443, 10250} {
			if allows(policies["fetcher"], addr, port) {
				t.Errorf("the fetcher may reach %s:%d", addr, port)
			}
		}
	}
	// The firewall's ranges are the fetcher's own, on both sides of every border.
	for _, prefix := range web.NonPublic() {
		for _, addr := range []netip.Addr{prefix.Addr(), last(prefix)} {
			if allows(policies["fetcher"], addr, 443) {
				t.Errorf("the fetcher refuses %s, of %s, and its policy does not", addr, prefix)
			}
		}
	}
	for c, ports := range map[string][]int32{"parser": {4222}, "classifier": {4222}, "sink": {4222, 5432}, "migrate": {4222, 5432}, "fetcher": {4222}, "test": nil} {
		for _, port := range []int32{4222, 5432} {
			if got := allows(policies[c], netip.MustParseAddr("10.1.2.3"), port); got != slices.Contains(ports, port) {
				t.Errorf("the %s may reach port %d in the cluster: %v", c, port, got)
			}
		}
	}
	for _, rule := range policies["fetcher"].Spec.Egress {
		for _, peer := range rule.To {
			if peer.IPBlock == nil {
				continue
			}
			cidr := netip.MustParsePrefix(peer.IPBlock.CIDR)
			for _, e := range peer.IPBlock.Except {
				// What the API server asks for; it reads a mapped range as IPv4.
				if p := netip.MustParsePrefix(e); p.Addr().Is4In6() || p.Bits() <= cidr.Bits() || !cidr.Contains(p.Addr()) || p != p.Masked() {
					t.Errorf("%s is no range within %s", e, cidr)
				}
			}
		}
	}
	for c, p := range policies {
		for _, rule := range p.Spec.Ingress {
			if len(rule.From) == 0 {
				t.Errorf("anybody may call the %s", c)
			}
		}
	}
}

// Workers reach a collector of traces where one is named, and only then; nobody else does.
func TestNetworkToTheCollector(t *testing.T) {
	for variant, traced := range map[string]bool{"distributed": false, "distributed, everything": true} {
		for _, p := range of[*networkingv1.NetworkPolicy](objects(t, variants[variant])) {
			worker := component(p) != "migrate" && component(p) != "test"
			if got := allows(p, netip.MustParseAddr("10.1.2.3"), 4318); got != (traced && worker) {
				t.Errorf("%s: the %s may reach a collector: %v", variant, component(p), got)
			}
		}
	}
}

// last is the last address of a prefix.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	addr, _ := netip.AddrFromSlice(b)
	return addr
}
