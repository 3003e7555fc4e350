package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/sink"
)

// Retention is what of the store is kept; by default everything.
type Retention struct {
	Every    time.Duration `yaml:"every" doc:"time between two looks for what is over the limits"`
	Stories  Limit         `yaml:"stories"`        // by the last fetch; versions, labels and search index go with them
	Versions Limit         `yaml:"story_versions"` // what earlier versions said
	Ledger   Limit         `yaml:"ledger"`         // outcomes of URLs that have no story
	Events   Limit         `yaml:"ledger_events"`  // steps that later ones repeat
}

// Limit is how much of a table is kept.
type Limit struct {
	Age  Age   `yaml:"age" want:"an age such as 90d, 36h or 0" doc:"how long rows of this table are kept, such as 90d; 0 is for ever"`
	Size int64 `yaml:"size" unit:"bytes" doc:"how much the newest rows of this table may take, without indexes; 0 is no limit"`
}

// Limits are those of every table.
func (r Retention) Limits() map[sink.Table]sink.Limit {
	limits := map[sink.Table]sink.Limit{}
	for table, l := range map[sink.Table]Limit{
		sink.TableStories: r.Stories, sink.TableVersions: r.Versions, sink.TableLedger: r.Ledger, sink.TableEvents: r.Events,
	} {
		if l != (Limit{}) {
			limits[table] = sink.Limit{Age: time.Duration(l.Age), Size: l.Size}
		}
	}
	return limits
}

// Age is a duration of whole days, or one that Go reads.
type Age time.Duration

// UnmarshalText reads 90d, 36h or 0.
func (a *Age) UnmarshalText(text []byte) error {
	if number, days := strings.CutSuffix(string(text), "d"); days {
		n, err := strconv.ParseUint(number, 10, 16)
		*a = Age(n) * Age(24*time.Hour)
		return err
	}
	d, err := time.ParseDuration(string(text))
	if err == nil && d < 0 {
		err = fmt.Errorf("%s is less than 0", text)
	}
	*a = Age(d)
	return err
}

// MarshalText writes what UnmarshalText reads.
func (a Age) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// String is what MarshalText writes.
func (a Age) String() string {
	const day = Age(24 * time.Hour)
	if a > 0 && a%day == 0 {
		return strconv.FormatInt(int64(a/day), 10) + "d"
	}
	return FormatDuration(time.Duration(a))
}
