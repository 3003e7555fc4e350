package web

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/spywire/spywire/internal/weburl"
)

// dialTimeout bounds one TCP connection attempt: a host that does not answer must not eat the whole request.
const dialTimeout = 10 * time.Second

// dialer connects to hosts by name, refusing non-public addresses after resolution, so that neither a name nor
// a redirect nor a changed DNS answer leads into the operator's own network.
type dialer struct {
	guarded net.Dialer
	direct  net.Dialer
	routes  []route
}

// route is one connect_to rule.
type route struct{ host, port, target string }

func newDialer(allow []netip.Prefix, connectTo []string) (*dialer, error) {
	d := &dialer{
		guarded: net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second},
		direct:  net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second},
	}
	g := guard{allow}
	d.guarded.Control = func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fail(ForbiddenAddress, fmt.Errorf("resolved to %q, which is no address", address))
		}
		return g.check(at.Addr())
	}
	for _, rule := range connectTo {
		r, err := parseRoute(rule)
		if err != nil {
			return nil, err
		}
		d.routes = append(d.routes, r)
	}
	return d, nil
}

// parseRoute reads `host[:port]=addr:port`; the host may begin with "*." for every name below it.
func parseRoute(rule string) (route, error) {
	from, target, ok := strings.Cut(rule, "=")
	bad := fmt.Errorf("connect_to %q: want host[:port]=addr:port, for example *.localhost=127.0.0.1:8080", rule)
	if !ok || from == "" {
		return route{}, bad
	}
	if host, port, err := net.SplitHostPort(target); err != nil || host == "" || port == "" {
		return route{}, bad
	}
	r := route{host: strings.ToLower(from), target: target}
	if host, port, err := net.SplitHostPort(from); err == nil {
		r.host, r.port = strings.ToLower(host), port
	}
	return r, nil
}

func (r route) matches(host, port string) bool {
	if r.port != "" && r.port != port {
		return false
	}
	if suffix, wild := strings.CutPrefix(r.host, "*"); wild {
		return strings.HasSuffix(host, suffix)
	}
	return r.host == host
}

// DialContext connects to host:port. A connect_to rule is the operator's word and exempt from the guard for
// exactly the destination it names.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	host = strings.ToLower(host)
	for _, r := range d.routes {
		if r.matches(host, port) {
			return d.direct.DialContext(ctx, network, r.target)
		}
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		// RFC 6761 section 6.3: these names are loopback and are never asked of DNS.
		conn, err := d.guarded.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		if err != nil && Of(err) == Refused {
			if six, err6 := d.guarded.DialContext(ctx, network, net.JoinHostPort("::1", port)); err6 == nil {
				return six, nil
			}
		}
		return conn, err
	}
	if _, err := netip.ParseAddr(host); err != nil {
		if addr, ok := weburl.LegacyIPv4(host); ok {
			host = addr.String()
		}
	}
	return d.guarded.DialContext(ctx, network, net.JoinHostPort(host, port))
}
