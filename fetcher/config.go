package fetcher

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/robots"
	"github.com/spywire/spywire/fetcher/web"
)

// Config is the section "fetch" of the configuration. Zero values are the defaults.
type Config struct {
	// UserAgent is sent with every request and names the project and a contact URL. Its first word is the product
	// token that robots.txt files are read for.
	UserAgent string `yaml:"user_agent" doc:"how requests introduce themselves: product token and a contact URL"`
	// HostDelay is the pause between requests to one host; a robots.txt Crawl-delay can lengthen it.
	HostDelay time.Duration `yaml:"host_delay" doc:"pause between two requests to one host"`
	// MinInterval and MaxInterval bound the adaptive time between polls of a feed.
	MinInterval time.Duration `yaml:"min_interval" doc:"shortest time between polls of a feed"`
	MaxInterval time.Duration `yaml:"max_interval" doc:"longest time between polls of a feed"`
	// SitemapAge is how old a page of a sitemap may be to be listed.
	SitemapAge time.Duration `yaml:"sitemap_age" doc:"age up to which pages of sitemaps are listed"`
	// CallbackURL is the public address below which WebSub hubs reach CallbackListen; empty subscribes to none.
	CallbackURL string `yaml:"callback_url" doc:"public URL at which WebSub hubs reach callback_listen; empty subscribes to no hub"`
	// CallbackListen is where the callbacks arrive: a port of its own, for it is open to the world and metrics are not.
	CallbackListen string `yaml:"callback_listen" doc:"host:port that takes the calls of WebSub hubs"`
	// AllowNetworks are CIDRs exempt from the refusal of non-public addresses.
	AllowNetworks []string `yaml:"allow_networks" doc:"networks exempt from the refusal of non-public addresses"`
	// MaxBytes is the largest body taken, in bytes on the wire.
	MaxBytes int64 `yaml:"max_bytes" doc:"largest body taken, on the wire"`
	// ConnectTo sends connections elsewhere, as `host[:port]=addr:port`; the host may be `*.localhost`. Such a
	// destination is exempt from the refusal of non-public addresses.
	ConnectTo []string `yaml:"connect_to" doc:"connections sent elsewhere: host[:port]=addr:port"`
	// Workers is how many hosts are talked to at the same time.
	Workers int `yaml:"workers" doc:"hosts talked to at once"`
	// Timeout bounds one request as a whole.
	Timeout time.Duration `yaml:"timeout" doc:"limit of one request as a whole"`
	// Timings are for tests.
	Timings Timings `yaml:"-"`
}

// DefaultConfig is what zero values stand for.
func DefaultConfig() Config {
	return Config{
		UserAgent:   "spywire/1.0 (news monitoring; +https://github.com/spywire/spywire)",
		HostDelay:   time.Second,
		MinInterval: 5 * time.Minute,
		MaxInterval: 6 * time.Hour,
		SitemapAge:  48 * time.Hour,
		// Loopback: whatever answers at callback_url passes it on.
		CallbackListen: "127.0.0.1:8048",
		MaxBytes:       8 << 20,
		Workers:        32,
		Timeout:        30 * time.Second,
	}
}

func (c Config) withDefaults() Config {
	d := DefaultConfig()
	if c.UserAgent == "" {
		c.UserAgent = d.UserAgent
	}
	if c.HostDelay == 0 {
		c.HostDelay = d.HostDelay
	}
	if c.MinInterval == 0 {
		c.MinInterval = d.MinInterval
	}
	if c.MaxInterval == 0 {
		c.MaxInterval = max(d.MaxInterval, c.MinInterval)
	}
	if c.CallbackListen == "" {
		c.CallbackListen = d.CallbackListen
	}
	if c.SitemapAge == 0 {
		c.SitemapAge = d.SitemapAge
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = d.MaxBytes
	}
	if c.Workers == 0 {
		c.Workers = d.Workers
	}
	if c.Timeout == 0 {
		c.Timeout = d.Timeout
	}
	c.Timings = c.Timings.orDefault()
	return c
}

// Validate returns everything that is wrong, each beginning with the key it is about.
func (c Config) Validate() []error {
	c = c.withDefaults()
	var faults []error
	wrong := func(key, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: "+format, append([]any{key}, args...)...))
	}
	if robots.Token(c.UserAgent) == "" {
		wrong("user_agent", "%q does not begin with a product token; write for example \"spywire/1.0 (+https://example.org/bot)\"", c.UserAgent)
	}
	if strings.ContainsAny(c.UserAgent, "\r\n\x00") {
		wrong("user_agent", "must be one line")
	}
	for key, d := range map[string]time.Duration{"host_delay": c.HostDelay, "min_interval": c.MinInterval, "max_interval": c.MaxInterval, "sitemap_age": c.SitemapAge, "timeout": c.Timeout} {
		if d < 0 {
			wrong(key, "%s is negative", d)
		}
	}
	if c.MinInterval > 0 && c.MinInterval < time.Second {
		wrong("min_interval", "%s is under a second, the finest a schedule can be", c.MinInterval)
	}
	if c.MaxInterval < c.MinInterval {
		wrong("max_interval", "%s is less than min_interval %s", c.MaxInterval, c.MinInterval)
	}
	if c.Timeout > maxTimeout {
		wrong("timeout", "%s is more than %s, which is what a host's lease leaves", c.Timeout, maxTimeout)
	}
	if c.CallbackURL != "" {
		if u, err := url.Parse(c.CallbackURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			wrong("callback_url", "%q is not an address for hubs; write for example https://push.example.org/websub", c.CallbackURL)
		}
		if _, _, err := net.SplitHostPort(c.CallbackListen); err != nil {
			wrong("callback_listen", "%q is not an address, want host:port such as 127.0.0.1:8048, or :8048 for every interface", c.CallbackListen)
		}
	}
	if c.MaxBytes < 0 {
		wrong("max_bytes", "%d is negative", c.MaxBytes)
	}
	if c.Workers < 0 {
		wrong("workers", "%d is negative", c.Workers)
	}
	if _, err := c.networks(); err != nil {
		wrong("allow_networks", "%v", err)
	}
	if _, err := web.New(web.Options{ConnectTo: c.ConnectTo}); err != nil {
		wrong("connect_to", "%v", err)
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return faults
}

// maxTimeout keeps a request well inside the 45 s for which a host is leased.
const maxTimeout = 35 * time.Second

func (c Config) networks() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.AllowNetworks {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network; write for example 10.1.0.0/16", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (c Config) client() (*web.Client, error) {
	networks, err := c.networks()
	if err != nil {
		return nil, fmt.Errorf("fetch.allow_networks: %w", err)
	}
	client, err := web.New(web.Options{UserAgent: c.UserAgent, Timeout: c.Timeout, MaxBytes: c.MaxBytes, AllowNetworks: networks, ConnectTo: c.ConnectTo})
	if err != nil {
		return nil, fmt.Errorf("fetch.%w", err)
	}
	return client, nil
}
