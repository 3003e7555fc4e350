package app

import (
	"net/netip"
	"time"
)

// Fetch is how the fetcher treats other people's servers.
type Fetch struct {
	UserAgent     string         `yaml:"user_agent" doc:"how requests introduce themselves"`
	HostDelay     time.Duration  `yaml:"host_delay" doc:"pause between two requests to one host"`
	MinInterval   time.Duration  `yaml:"min_interval" doc:"x"`
	MaxInterval   time.Duration  `yaml:"max_interval" doc:"x"`
	AllowNetworks []netip.Prefix `yaml:"allow_networks" doc:"x"`
	MaxBytes      int64          `yaml:"max_bytes" doc:"x"`
	Workers       int            `yaml:"workers" doc:"x"`
	Timeout       time.Duration  `yaml:"timeout" doc:"x"`
}

func fetchDefaults() Fetch { return Fetch{} }

// Validate x.
func (f Fetch) Validate() error { return nil }
