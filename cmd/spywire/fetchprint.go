package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spywire/spywire/internal/story"
)

// say tells what became of a page as soon as it is known, and keeps it for the end.
func (q *backfillQueue) say(a *asked) error {
	q.count[a.Status]++
	if q.f.asJSON || q.f.wait {
		q.pages = append(q.pages, a)
	}
	switch {
	case a.Status == statusRefused:
		where := ""
		if a.Where != "" {
			where = a.Where + ": "
		}
		fmt.Fprintf(q.errOut, "spywire: %s\n", oneLine(where+a.Reason+named(a)))
		return nil
	case q.f.asJSON, q.f.wait && a.Status == statusQueued:
		return nil
	case a.Status == statusKnown:
		return q.line(statusKnown, a, knownAs(a))
	}
	return q.line(a.Status, a, "")
}

// named is the URL, where the reason does not have it.
func named(a *asked) string {
	if strings.Contains(a.Reason, a.URL) || a.URL == "" {
		return ""
	}
	return ": " + a.URL
}

func knownAs(a *asked) string {
	if a.Outcome == "" {
		return a.Reason
	}
	text := string(a.Outcome)
	if !a.At.IsZero() {
		text += " on " + a.At.Local().Format(time.DateOnly)
	}
	if a.Reason != "" {
		text += ": " + a.Reason
	}
	return text
}

func (q *backfillQueue) line(word string, a *asked, more string) error {
	_, err := fmt.Fprintf(q.out, "%-12s %s\n", word, harmless(a.URL))
	if more != "" {
		_, err = fmt.Fprintf(q.out, "%-12s %s\n", "", oneLine(more))
	}
	return err
}

// counts say in one line what became of all.
func (q *backfillQueue) counts() string {
	parts := []string{fmt.Sprintf("%d queued", q.count[statusQueued])}
	if n := q.count[statusKnown]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d known already", n))
	}
	if n := q.count[statusRefused]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d refused", n))
	}
	if q.trouble > 0 {
		parts = append(parts, fmt.Sprintf("%d sitemaps with trouble", q.trouble))
	}
	return strings.Join(parts, ", ")
}

// finish waits for outcomes if it was told to, prints what is left to say, and decides the exit code.
func (q *backfillQueue) finish(ctx context.Context) error {
	var stopped error
	if q.wait != nil {
		stopped = q.follow(ctx)
		q.wait.stop() // from here on nobody else writes to the pages
	}
	switch {
	case q.f.asJSON:
		report := struct {
			Queued  int      `json:"queued"`
			Known   int      `json:"known"`
			Refused int      `json:"refused"`
			URLs    []*asked `json:"urls"`
		}{q.count[statusQueued], q.count[statusKnown], q.count[statusRefused], append([]*asked{}, q.pages...)}
		if err := printJSON(q.out, report); err != nil {
			return err
		}
	default:
		hint := "."
		if q.count[statusKnown] > 0 {
			hint = "; --again fetches those once more."
		}
		text := q.counts() + hint
		if q.wait != nil && q.count[statusQueued] > 0 {
			text += " " + q.outcomes()
		}
		if _, err := fmt.Fprintln(q.out, text); err != nil {
			return err
		}
	}
	switch {
	case stopped != nil:
		return stopped
	case q.count[statusRefused]+q.trouble > 0:
		return errQuiet // each was said
	}
	return nil
}

// follow prints outcomes as they come, until every page that was queued has one.
func (q *backfillQueue) follow(ctx context.Context) error {
	progress := newProgress(q.errOut, "settled")
	defer progress.done()
	total, began := q.count[statusQueued], time.Now()
	for {
		settled, left, err := q.wait.take(ctx)
		progress.clear()
		for _, a := range settled {
			if q.f.asJSON {
				continue
			}
			if err := q.line(string(a.Outcome), a, a.Reason); err != nil {
				return err
			}
		}
		switch {
		case err != nil:
			return fmt.Errorf("stopped waiting: %d of %d pages have no outcome yet; they stay queued, and `spywire why URL` tells of each: %w", left, total, err)
		case left == 0:
			return nil
		}
		progress.say("%d of %d settled, %s", total-left, total, time.Since(began).Round(time.Second))
	}
}

// outcomes count the pages that were queued by how they ended.
func (q *backfillQueue) outcomes() string {
	count := map[story.Outcome]int{}
	for _, a := range q.pages {
		if a.Status == statusQueued && a.Outcome != "" {
			count[a.Outcome]++
		}
	}
	var parts []string
	for _, o := range story.Outcomes {
		if count[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[o], o))
		}
	}
	if len(parts) == 0 {
		return "None has an outcome yet."
	}
	return "They ended as " + strings.Join(parts, ", ") + "."
}
