package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher"
)

// feedLine is what the tables of feeds show of a feed, from its polls or from a check.
type feedLine struct {
	state, outlet, url string
	reason, do         string
	links              []string // feeds that the page in the feed's place links to
}

// diagnosis is a list of what is wrong with which feed, and what to do, by state. A group is cut where it is long, unless
// whole is set.
type diagnosis struct {
	pen   ink
	width int
	whole bool
	more  string // the flag that sets whole; empty for --state and the group's state
}

// groupMost feeds of one state are told one by one.
const groupMost = 12

// write says what is wrong with the lines, and then in one line how many work.
func (d diagnosis) write(w io.Writer, lines []feedLine) error {
	groups := map[string][]feedLine{}
	for _, l := range lines {
		groups[l.state] = append(groups[l.state], l)
	}
	trouble, unreached := ours(groups, len(lines))
	var b strings.Builder
	var counts []string
	for _, state := range fetcher.States() {
		group := groups[state]
		if len(group) == 0 {
			continue
		}
		counts = append(counts, fmt.Sprintf("%d\u00a0%s", len(group), state)) // not to be torn apart
		told := slices.DeleteFunc(slices.Clone(group), func(l feedLine) bool { return l.reason == "" && l.do == "" })
		if len(told) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", d.pen.bold(fmt.Sprintf("%s · %s", state, plural(len(told), "feed"))))
		if do := fetcher.Remedy(state); do != "" {
			b.WriteString(wrapped("To do: "+do+".", d.width, "  "))
		}
		most := groupMost
		if slices.Contains(trouble, state) {
			most = 3 // the fault is hardly theirs
		}
		for i, l := range told {
			if i == most && !d.whole && len(told) > most+1 {
				b.WriteString(wrapped(d.pen.dim(fmt.Sprintf("… and %d more: %s tells them all", len(told)-i, cmp.Or(d.more, "--state "+state))), d.width, "  "))
				break
			}
			d.feed(&b, l)
		}
	}
	if unreached > 0 {
		fmt.Fprintf(&b, "\n%s", wrapped(d.pen.mark(fmt.Sprintf("%d of %d feeds could not be reached (%s): look at this machine's network, name servers and clock first.",
			unreached, len(lines), strings.Join(trouble, ", "))), d.width, ""))
	}
	fmt.Fprintf(&b, "\n%s", wrapped(fmt.Sprintf("%s: %s.", plural(len(lines), "feed"), strings.Join(counts, ", ")), d.width, ""))
	_, err := io.WriteString(w, b.String())
	return err
}

func (d diagnosis) feed(b *strings.Builder, l feedLine) {
	b.WriteString(wrapped(strings.TrimSpace(harmless(l.outlet)+"  "+d.pen.sgr("36", harmless(l.url))), 0, "  "))
	if l.reason != "" {
		b.WriteString(wrapped(d.pen.dim(harmless(l.reason)), d.width, "      "))
	}
	for _, link := range l.links {
		if strings.Contains(l.reason, link) {
			continue
		}
		b.WriteString(wrapped("the page links to "+harmless(link), d.width, "      "))
	}
}

// ours are the states of feeds that could not be reached, if nearly all could not: that is seldom the fault of all their
// publishers. Else it is empty.
func ours(groups map[string][]feedLine, all int) (states []string, n int) {
	for _, state := range []string{fetcher.StateDNS, fetcher.StateTLS, fetcher.StateTimeout, fetcher.StateRefused} {
		if len(groups[state]) > 0 {
			states, n = append(states, state), n+len(groups[state])
		}
	}
	if n < 5 || n*10 < all*8 {
		return nil, 0
	}
	return states, n
}

// painted is a state as bad as it is.
func (i ink) painted(state string) func(string) string {
	code := "31"
	switch state {
	case fetcher.StateOK, fetcher.StateNotModified:
		code = "32"
	case fetcher.StateNew, fetcher.StateDisabled, "-":
		code = "2"
	case fetcher.StateUndated, fetcher.StateMoved, fetcher.StateStale, fetcher.StateFrozen, fetcher.StateEmpty:
		code = "33"
	}
	return func(s string) string { return i.sgr(code, s) }
}

// ago is how long ago, or how far ahead, an instant is, in the one unit that matters; "-" for none.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return short(now.Sub(t).Abs())
}

func short(d time.Duration) string {
	switch {
	case d <= 0:
		return "-"
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	case d < 70*24*time.Hour:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	case d < 2*365*24*time.Hour:
		return fmt.Sprintf("%dmo", int(d.Hours()/24/30))
	}
	return fmt.Sprintf("%dy", int(d.Hours()/24/365))
}

// address is a URL in a table: whole for whoever reads a pipe, and on a terminal without what all of them have.
func address(url string, width int) string {
	if width > 0 {
		url = bare(url)
	}
	return harmless(url)
}

func bare(url string) string {
	return strings.TrimPrefix(strings.TrimPrefix(url, "https://"), "http://")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
