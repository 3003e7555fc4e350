package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spywire/spywire/internal/fleet"
)

// episode is a trouble as it happened, by the clock. What a process had in hand then may have been done twice.
type episode struct {
	kind     kind
	victim   string
	from, to time.Time
}

// storm brings the troubles about, each at its time, and puts everything right at the end.
func (w *world) storm(ctx context.Context, troubles []trouble, length time.Duration, say func(string)) (past []episode, err error) {
	began := time.Now()
	open := map[string]int{} // victim -> its episode that is not over
	for _, s := range steps(troubles) {
		if err := sleepUntil(ctx, began.Add(s.at)); err != nil {
			return past, err
		}
		switch {
		case s.kind == roll:
			if _, down := open[server]; down {
				continue // nobody rolls out while NATS is down; single workers are stopped then all the same
			}
			say("rolling restart")
			rolling := time.Now()
			for _, p := range w.fleet.Workers() {
				if _, down := open[p.Name]; down {
					continue
				}
				e := episode{roll, p.Name, time.Now(), time.Time{}}
				if err := w.restart(ctx, p); err != nil {
					return past, err
				}
				e.to = time.Now()
				past = append(past, e)
			}
			began = began.Add(time.Since(rolling)) // what was planned for meanwhile comes after it
		case s.begin:
			say(fmt.Sprintf("%s %s", s.kind, s.victim))
			open[s.victim] = len(past)
			past = append(past, episode{s.kind, s.victim, time.Now(), time.Time{}})
			err = w.begin(s.trouble)
		default:
			err = w.end(ctx, s.trouble)
			past[open[s.victim]].to = time.Now()
			delete(open, s.victim)
		}
		if err != nil {
			return past, err
		}
	}
	if err := sleepUntil(ctx, began.Add(length)); err != nil {
		return past, err
	}
	say("waiting until everything has settled")
	for _, p := range w.fleet.Workers() {
		if err := p.UntilReady(ctx); err != nil {
			return past, err
		}
	}
	return past, nil
}

func (w *world) begin(t trouble) error {
	p, err := w.who(t.victim)
	if err != nil {
		return err
	}
	switch t.kind {
	case kill:
		p.Kill()
	case pause:
		p.Pause()
	case stop:
		if p != w.fleet.NATS {
			p.Terminate() // that it ends, and well, is seen when it is started again
			return nil
		}
		return w.halt(p)
	}
	return nil
}

// halt stops a process as an operator does. A worker has to end with exit code 0 whatever else is going on; the NATS server
// ends with 1 on SIGTERM.
func (w *world) halt(p *fleet.Process) error {
	if err := p.Stop(); err != nil && p != w.fleet.NATS {
		return err
	}
	return nil
}

func (w *world) end(ctx context.Context, t trouble) error {
	p, err := w.who(t.victim)
	switch {
	case err != nil:
		return err
	case t.kind == pause:
		p.Resume()
		return nil
	case p == w.fleet.NATS:
		return w.fleet.StartNATS(ctx)
	}
	if t.kind == stop {
		if err := w.halt(p); err != nil {
			return err
		}
	}
	return p.Start()
}

// restart is a step of a rolling restart: the next worker's turn comes when this one is ready.
func (w *world) restart(ctx context.Context, p *fleet.Process) error {
	if err := w.halt(p); err != nil {
		return err
	}
	if err := p.Start(); err != nil {
		return err
	}
	return p.UntilReady(ctx)
}

func sleepUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
