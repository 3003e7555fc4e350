package newsroom

import (
	"fmt"
	"slices"
	"time"
)

// Breaches are the requests of a log that a polite fetcher would not have made, a sentence each: at every host
// robots.txt comes first (RFC 9309, 2.3), and a request begins when the one before it has been answered and no sooner than
// the pause after that one began. A tenth of the pause is left to the clock and to what lies between the two.
func Breaches(requests []Request, pause time.Duration) []string {
	requests = slices.Clone(requests)
	slices.SortStableFunc(requests, func(a, b Request) int { return a.Start.Compare(b.Start) })
	var breaches []string
	last := map[string]Request{}
	for _, r := range requests {
		before, seen := last[r.Host]
		switch gap := r.Start.Sub(before.Start); {
		case !seen && r.Path != "/robots.txt":
			breaches = append(breaches, fmt.Sprintf("http://%s%s: the first request of its host", r.Host, r.Path))
		case seen && r.Start.Before(before.End):
			breaches = append(breaches, fmt.Sprintf("http://%s%s: asked for at %s while %s was being answered until %s",
				r.Host, r.Path, r.Start.Format(clockTime), before.Path, before.End.Format(clockTime)))
		case seen && gap < pause*9/10:
			breaches = append(breaches, fmt.Sprintf("http://%s%s: asked for at %s, %s after %s and not %s",
				r.Host, r.Path, r.Start.Format(clockTime), gap.Round(time.Millisecond), before.Path, pause))
		}
		last[r.Host] = r
	}
	return breaches
}

const clockTime = "15:04:05.000"
