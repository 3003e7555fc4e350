package fetcher

import "time"

// Timings are the fetcher's long waits, so that tests see in seconds what takes a day in life. No operator sets them: what
// of their kind depends on a site or a feed list is a key of Config.
type Timings struct {
	// Retries are the waits before each further try of a page that failed in a way that may pass; after the last the
	// page ends as fetch_failed.
	Retries []time.Duration
	// Patience is how long an entry waits for a host that does not work, or whose robots.txt cannot be read. A page that is
	// not there by then ends as fetch_failed.
	Patience time.Duration
	// A robots.txt is good for RobotsFresh (RFC 9309 section 2.4), its last good copy for RobotsKept while the host
	// cannot give a new one, which is asked for every RobotsRetry.
	RobotsFresh, RobotsKept, RobotsRetry time.Duration
	// MovePeriod is over how long a time a permanent redirect must have been seen: a mistake is mended within a day.
	MovePeriod time.Duration
}

// DefaultTimings are for production.
func DefaultTimings() Timings {
	const day = 24 * time.Hour
	return Timings{
		Retries: []time.Duration{10 * time.Second, 2 * time.Minute, 20 * time.Minute}, Patience: 6 * time.Hour,
		RobotsFresh: day, RobotsKept: 30 * day, RobotsRetry: time.Hour, MovePeriod: day,
	}
}

// orDefault is t with the defaults in place of what is zero.
func (t Timings) orDefault() Timings {
	d := DefaultTimings()
	if t.Retries == nil {
		t.Retries = d.Retries
	}
	for _, wait := range []struct {
		set       *time.Duration
		otherwise time.Duration
	}{
		{&t.Patience, d.Patience}, {&t.RobotsFresh, d.RobotsFresh}, {&t.RobotsKept, d.RobotsKept},
		{&t.RobotsRetry, d.RobotsRetry}, {&t.MovePeriod, d.MovePeriod},
	} {
		if *wait.set == 0 {
			*wait.set = wait.otherwise
		}
	}
	return t
}

// FastTimings are for tests.
func FastTimings() Timings {
	return Timings{
		Retries: []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}, Patience: 12 * time.Second,
		RobotsFresh: 25 * time.Second, RobotsKept: 5 * time.Minute, RobotsRetry: 5 * time.Second, MovePeriod: 12 * time.Second,
	}
}
