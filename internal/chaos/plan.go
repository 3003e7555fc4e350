package main

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// lease is for how long a worker may keep a record or a host to itself with the waits of tests; a worker that is paused
// for longer finds on its return that others have its work.
const lease = 4 * time.Second

// A kind of trouble.
type kind string

const (
	kill   kind = "kill -9" // and started again a while later
	pause  kind = "pause"   // SIGSTOP, and SIGCONT a while later
	stop   kind = "stop"    // SIGTERM, and started again a while later
	roll   kind = "roll"    // every worker in turn is stopped and started again
	server      = "nats-server"
)

// trouble is one thing that is done to a process, from one moment of the run to another.
type trouble struct {
	kind     kind
	victim   string // name of the process; empty for roll
	from, to time.Duration
}

// plan is the trouble of a seed, in the order it begins: the same for the same seed, length and processes. No process has
// two troubles at once, and several have one at the same time.
func plan(seed uint64, length time.Duration, workers []string) []trouble {
	rng := rand.New(rand.NewPCG(seed, 0x5f17e))
	free := map[string]time.Duration{} // when a process's trouble is over
	between := func(least, most time.Duration) time.Duration {
		return least + time.Duration(rng.Int64N(int64(most-least)))
	}
	var all []trouble
	for at := between(time.Second, 3*time.Second); at < length; at += between(200*time.Millisecond, 1800*time.Millisecond) {
		t := trouble{from: at, victim: server}
		switch n := rng.IntN(100); {
		case n < 4:
			t.kind, t.victim, t.to = roll, "", at
		case n < 12:
			t.kind, t.to = kill, at+between(0, 2*time.Second)
		case n < 16:
			t.kind, t.to = stop, at+between(0, 2*time.Second)
		case n < 22:
			t.kind, t.to = pause, at+between(100*time.Millisecond, 3*time.Second)
		default:
			t.victim = workers[rng.IntN(len(workers))]
			switch n := rng.IntN(100); {
			case n < 40:
				t.kind, t.to = kill, at+between(0, 3*time.Second)
			case n < 75:
				t.kind, t.to = pause, at+between(200*time.Millisecond, 2*lease)
			default:
				t.kind, t.to = stop, at+between(0, 2*time.Second)
			}
		}
		if t.kind != roll && at < free[t.victim] {
			continue
		}
		t.to = min(t.to, length)
		free[t.victim] = t.to + time.Second
		all = append(all, t)
	}
	return all
}

// step is the beginning or the end of a trouble.
type step struct {
	at    time.Duration
	begin bool
	trouble
}

// steps are the beginnings and ends of troubles by time.
func steps(troubles []trouble) []step {
	var all []step
	for _, t := range troubles {
		all = append(all, step{t.from, true, t})
		if t.kind != roll {
			all = append(all, step{t.to, false, t})
		}
	}
	slices.SortStableFunc(all, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	return all
}
