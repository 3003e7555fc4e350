package bus

import "time"

// Timings are all waits of the bus, so that tests run in seconds what takes hours in life.
type Timings struct {
	Fetch     time.Duration // how long one pull waits for messages; also the longest a stop takes to begin
	Heartbeat time.Duration // of a pull; at most half of Fetch
	Linger    time.Duration // how long a batch waits for company
	Publish   time.Duration // until a publish without acknowledgement has failed

	AckWait    time.Duration // of the durables that read pages, articles, stories and ledger
	TokenWait  time.Duration // of a host token: the longest lease
	PollWait   time.Duration // of a schedule's firing
	Margin     time.Duration // a handler's deadline is this long before its message's ack wait
	Grace      time.Duration // what a handler gets to finish after a stop
	InProgress time.Duration // how often messages are kept in hand while a store or a full queue is waited for

	BackOff    []time.Duration // after a failed delivery, by count; the last one repeats
	InPlace    time.Duration   // how long a batch waits for its store before it hands its messages back
	Full       time.Duration   // between tries at a work queue that is full
	Retry      time.Duration   // after a failed pull, doubling up to 30 times as much
	Reconnect  time.Duration   // between attempts to reach a server that went away
	Gate       time.Duration   // how old the knowledge of the next durable's lag may be
	Sweep      time.Duration   // between looks for hosts that wait without a token
	Duplicates time.Duration   // how long content streams remember message ids
}

// DefaultTimings are for production.
func DefaultTimings() Timings {
	return Timings{
		Fetch: 800 * time.Millisecond, Heartbeat: 400 * time.Millisecond, Linger: 50 * time.Millisecond, Publish: 5 * time.Second,
		AckWait: time.Minute, TokenWait: 45 * time.Second, PollWait: time.Minute,
		Margin: 5 * time.Second, Grace: 15 * time.Second, InProgress: 10 * time.Second,
		BackOff: []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour},
		InPlace: time.Minute, Full: 2 * time.Second, Retry: time.Second, Reconnect: 2 * time.Second,
		Gate: time.Second, Sweep: 3 * time.Minute, Duplicates: time.Hour,
	}
}

// FastTimings are for tests: the same relations in a fraction of the time.
func FastTimings() Timings {
	return Timings{
		Fetch: 200 * time.Millisecond, Heartbeat: 100 * time.Millisecond, Linger: 10 * time.Millisecond, Publish: 2 * time.Second,
		AckWait: 4 * time.Second, TokenWait: 4 * time.Second, PollWait: 4 * time.Second,
		Margin: time.Second, Grace: time.Second, InProgress: 500 * time.Millisecond,
		BackOff: []time.Duration{20 * time.Millisecond, 40 * time.Millisecond},
		InPlace: 200 * time.Millisecond, Full: 20 * time.Millisecond, Retry: 50 * time.Millisecond, Reconnect: 50 * time.Millisecond,
		Gate: 50 * time.Millisecond, Sweep: time.Second, Duplicates: 10 * time.Minute,
	}
}

// orDefault is t, or the defaults for a zero t.
func (t Timings) orDefault() Timings {
	if t.Fetch == 0 {
		return DefaultTimings()
	}
	return t
}

// backOff is the wait after the delivery that was the nth.
func (t Timings) backOff(nth uint64) time.Duration {
	i := min(int(max(nth, 1)-1), len(t.BackOff)-1)
	return t.BackOff[i]
}
