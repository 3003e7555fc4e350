package wild

import (
	"fmt"
	"time"
)

// Each rule says whether there was anything to try, and why a request breaks it.

func (h *hostLog) robotsFirst(r Request) (bool, string) {
	if r.For == ForRobots {
		return false, ""
	}
	switch {
	case h.robots == nil:
		return true, "no robots.txt had settled what may be requested"
	case h.robots.End.IsZero() || h.robots.End.After(r.Start):
		return true, "robots.txt was still being answered"
	}
	return true, ""
}

func (h *hostLog) robotsFresh(r Request) (bool, string) {
	if r.For == ForRobots || h.Manners.RobotsFresh == 0 || h.asked.IsZero() {
		return false, ""
	}
	if age := r.Start.Sub(h.asked); age > h.Manners.RobotsFresh+slack {
		return true, fmt.Sprintf("robots.txt was asked for %s ago", age)
	}
	return true, ""
}

func (h *hostLog) disallowed(r Request) (bool, string) {
	if r.For == ForRobots || h.robots == nil || len(h.robots.Rules.Closed) == 0 {
		return false, ""
	}
	if prefix := h.robots.Rules.closed(r.Path); prefix != "" {
		return true, "robots.txt closes " + prefix
	}
	return true, ""
}

func (h *hostLog) oneAtATime(r Request) (bool, string) {
	if h.last == nil {
		return false, ""
	}
	if r.Start.Before(h.busy) && !h.lost(*h.last) {
		return true, h.last.Path + " was still being answered to " + h.last.Agent
	}
	return true, ""
}

func (h *hostLog) pause(r Request) (bool, string) {
	if h.last == nil {
		return false, ""
	}
	pause := h.Delay
	if h.robots != nil {
		pause = max(pause, h.robots.Rules.Delay)
	}
	if gap := r.Start.Sub(h.last.Start); gap < pause {
		return true, fmt.Sprintf("%s after %s by %s, want %s", gap, h.last.Path, h.last.Agent, pause)
	}
	return true, ""
}

func (h *hostLog) retryAfter(r Request) (bool, string) {
	if h.earliest.IsZero() {
		return false, ""
	}
	if early := h.earliest.Sub(r.Start); early > 0 {
		return true, fmt.Sprintf("%s before the time that the host named", early)
	}
	return true, ""
}

// conditional: a feed that is asked for again carries what the last answer gave.
func (h *hostLog) conditional(r Request) (bool, string) {
	before := h.path(r).whole
	if r.For != ForFeed || before == nil || before.ETag == "" && before.LastModified == "" {
		return false, ""
	}
	for _, b := range h.path(r).perhaps {
		if r.IfNoneMatch == b.ETag && r.IfModifiedSince == b.LastModified {
			return true, ""
		}
	}
	if r.IfNoneMatch != before.ETag || r.IfModifiedSince != before.LastModified {
		return true, fmt.Sprintf("If-None-Match %q and If-Modified-Since %q, were given %q and %q", r.IfNoneMatch, r.IfModifiedSince, before.ETag, before.LastModified)
	}
	return true, ""
}

func (h *hostLog) once(r Request) (bool, string) {
	if r.For != ForPage && r.For != ForHub {
		return false, ""
	}
	if before := h.path(r).whole; before != nil {
		return true, fmt.Sprintf("it was answered whole at %s, in %s, to %s", before.End.Format("15:04:05.000"), before.End.Sub(before.Start), before.Agent)
	}
	return true, ""
}

func (h *hostLog) withinMaxAge(r Request) (bool, string) {
	p := h.path(r)
	if p.whole == nil || p.whole.MaxAge == 0 {
		return false, ""
	}
	if early := p.fresh.Sub(r.Start); early > 0 {
		return true, fmt.Sprintf("what was answered at %s is fresh for %s more", p.whole.Start.Format("15:04:05.000"), early.Round(time.Millisecond))
	}
	return true, ""
}

func (h *hostLog) oldAddress(r Request) (bool, string) {
	p := h.path(r)
	switch {
	case r.For != ForFeed:
		return false, ""
	case p.gone != nil:
		return true, "it answered 410 at " + p.gone.End.Format("15:04:05.000")
	case p.believe:
		return true, fmt.Sprintf("it answered %d times since %s that it is %s now", p.moves, p.since.Format("15:04:05.000"), p.target)
	}
	return false, ""
}
