package config

import (
	"fmt"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/classifier/second"
	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/telemetry"
)

// Config is everything an operator can set. A key is a leaf field: its yaml tag is its name, and further tags
// say the rest, so that a new key is one field:
//
//	doc:"…"      one sentence for the person who sets it (required)
//	enum:"a,b"   the only values of a text
//	unit:"bytes" an integer that counts bytes: 8MiB, 512KiB or a plain number
//	min:"1"      the least value of a number; without it 0
//	want:"…"     what a value looks like, where the type does not say it
//	secret:"…"   masked when printed, and also read from SPYWIRE_…_FILE; see mask for the kinds
//
// Environment names and --set keys derive from the yaml names. Values are what Load made of them; use
// Defaults for a Config without any.
type Config struct {
	DataDir string   `yaml:"data_dir" doc:"directory for everything spywire keeps: embedded NATS, SQLite, lock and socket"`
	Listen  string   `yaml:"listen" doc:"host:port of /livez, /readyz and /metrics"`
	NATS    NATS     `yaml:"nats"`
	Store   string   `yaml:"store" secret:"url" doc:"where stories are kept: the path of a SQLite file, or postgres://USER:PASSWORD@HOST:5432/DATABASE; empty is <data_dir>/spywire.db"`
	Feeds   []string `yaml:"feeds" doc:"feed lists (OPML or YAML files); empty is the built-in list"`
	// Watchlists have no built-in default: whom to look out for is the operator's.
	Watchlists []string       `yaml:"watchlists" doc:"watchlists (YAML files) of persons and organisations to look out for; see deploy/watchlist.yaml"`
	Fetch      fetcher.Config `yaml:"fetch"`
	Parse      Workers        `yaml:"parse"`
	// Classify is a section of its own although it looks like Parse: the two scale apart.
	Classify Workers `yaml:"classify"`
	// Classifier is what it judges by; Classify is how many records at once.
	Classifier Classifier        `yaml:"classifier"`
	Sink       Sink              `yaml:"sink"`
	Log        Log               `yaml:"log"`
	Tracing    telemetry.Tracing `yaml:"tracing"`

	// origins is where each key that was set got its value, for Print and for faults: key -> "file:line".
	origins map[string]string
}

// NATS is the message bus: an embedded server in data_dir unless URL names one.
type NATS struct {
	URL      string   `yaml:"url" secret:"url" doc:"NATS servers to use instead of the embedded one, comma-separated"`
	Creds    string   `yaml:"creds" secret:"url" doc:"path of the NATS credentials file"`
	Listen   string   `yaml:"listen" doc:"host:port on which the embedded server takes clients, with credentials; empty opens no port"`
	Password string   `yaml:"password" secret:"text" doc:"password of user spywire at nats.listen; empty makes one up, in <data_dir>/nats.password"`
	Sync     SyncMode `yaml:"sync" want:"always or a duration such as 1s" doc:"when the embedded server flushes to disk: always, or an interval such as 1s"`
	MaxStore int64    `yaml:"max_store" unit:"bytes" min:"67108864" doc:"disk the streams may use, shared out over them: of the embedded server, or set by topology apply"`
}

// Workers is how much a stage does at once.
type Workers struct {
	Workers int `yaml:"workers" doc:"records handled at once; 0 is one per CPU"`
}

// Classifier is what the classifier judges by beyond what is built in.
type Classifier struct {
	Model  string        `yaml:"model" doc:"model artefact of spywire train to judge by; empty is the built-in one"`
	Second second.Config `yaml:"second"`
}

// Count is Workers, or the number of CPUs this process may use.
func (w Workers) Count() int {
	if w.Workers > 0 {
		return w.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// Sink is what is kept, and how it is committed.
type Sink struct {
	Keep  string `yaml:"keep" enum:"matched,all" doc:"matched keeps stories on the beat and those under review, all keeps every article"`
	Batch int    `yaml:"batch" min:"1" doc:"records per database transaction"`

	Retention Retention `yaml:"retention"`
}

// Log is how a process speaks to the person who runs it.
type Log struct {
	Level  string `yaml:"level" enum:"debug,info,warn,error" doc:"least severe line that is logged"`
	Format string `yaml:"format" enum:"auto,text,json" doc:"auto is short lines on a terminal and text elsewhere; text is key=value"`
}

// Defaults is the configuration of a plain `spywire run`. It works as it stands.
func Defaults() Config {
	return Config{
		DataDir: "./spywire-data",
		Listen:  "127.0.0.1:8040",
		// Always: without it a power cut loses what was acknowledged since the last flush.
		NATS:       NATS{Sync: SyncAlways, MaxStore: embedded.DefaultMaxStore},
		Fetch:      fetcher.DefaultConfig(),
		Classifier: Classifier{Second: second.DefaultConfig()},
		// 100: batches of 50 commit seven times as many rows a second as single rows, 500 hardly more.
		Sink:    Sink{Keep: "matched", Batch: 100, Retention: Retention{Every: time.Hour}},
		Log:     Log{Level: "info", Format: "auto"},
		Tracing: telemetry.DefaultTracing(),
	}
}

// StoreDSN is where stories are kept: Store, or the SQLite file in the data directory.
func (c Config) StoreDSN() string {
	if c.Store != "" {
		return c.Store
	}
	return filepath.Join(c.DataDir, "spywire.db")
}

// Validate returns what is wrong between keys or with the meaning of one, as Faults, all at once. Types,
// units and closed lists are checked where a value is read.
func (c Config) Validate() error {
	var faults Faults
	if c.DataDir == "" {
		faults.add("data_dir", "is empty, want a directory such as ./spywire-data")
	}
	faults.address("listen", c.Listen)
	for server := range strings.SplitSeq(c.NATS.URL, ",") {
		scheme, _, ok := strings.Cut(strings.TrimSpace(server), "://")
		if ok && !slices.Contains([]string{"nats", "tls", "ws", "wss"}, scheme) {
			faults.add("nats.url", fmt.Sprintf("has scheme %q, want nats, tls, ws or wss, such as nats://127.0.0.1:4222", scheme))
		}
	}
	if c.NATS.Listen != "" {
		faults.address("nats.listen", c.NATS.Listen)
		if c.NATS.URL != "" {
			faults.add("nats.listen", "is for the embedded server, but nats.url names another: want one of the two")
		}
	} else if c.NATS.Password != "" {
		faults.add("nats.password", "is for clients at nats.listen, which is empty: want an address there too, such as :4222")
	}
	for i, feed := range c.Feeds {
		if feed == "" {
			faults.add("feeds", fmt.Sprintf("entry %d is empty, want a file", i+1))
		}
	}
	for i, file := range c.Watchlists {
		if file == "" {
			faults.add("watchlists", fmt.Sprintf("entry %d is empty, want a file", i+1))
		}
	}
	if every := c.Sink.Retention.Every; every < time.Second {
		faults.add("sink.retention.every", fmt.Sprintf("is %s, want 1s or more, such as 1h", FormatDuration(every)))
	}
	faults.section("fetch", c.Fetch.Validate())
	faults.section("classifier.second", c.Classifier.Second.Validate())
	faults.section("tracing", c.Tracing.Validate())
	return faults.err()
}

// address checks what net.Listen takes: an optional host and a port number.
func (f *Faults) address(key, value string) {
	const want = "want host:port such as 127.0.0.1:8040, or :8040 for every interface"
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		f.add(key, fmt.Sprintf("%q is not an address, %s", value, want))
		return
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		f.add(key, fmt.Sprintf("%q has port %q, want a number up to 65535", value, port))
	}
}

// SyncMode is the longest time that acknowledged messages may wait to reach the disk; 0 is never.
type SyncMode time.Duration

// SyncAlways flushes before every acknowledgement.
const SyncAlways SyncMode = 0

// UnmarshalText reads "always" or a positive duration.
func (s *SyncMode) UnmarshalText(text []byte) error {
	if string(text) == "always" {
		*s = SyncAlways
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no sync mode, want always or an interval such as 1s", text)
	}
	*s = SyncMode(d)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (s SyncMode) MarshalText() ([]byte, error) {
	return []byte(s.String()), nil
}

// String is what MarshalText writes.
func (s SyncMode) String() string {
	if s == SyncAlways {
		return "always"
	}
	return FormatDuration(time.Duration(s))
}
