package fetcher

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/story"
)

// A feed's rhythm is learned from its items, and its silence is told apart: frozen where the answer is the same for
// ever, stale where it changes and brings nothing.
func TestSilence(t *testing.T) {
	s := newSite(t)
	in := feedAt("http://a.localhost/rss")
	list := func(newest time.Duration, title string) {
		var items []string
		for i := range 10 {
			at := time.Now().Add(-newest - time.Duration(i)*time.Hour)
			items = append(items, fmt.Sprintf("<item><title>%s</title><link>mailto:%d</link><pubDate>%s</pubDate></item>", title, i, at.Format(time.RFC1123Z)))
		}
		s.text("a.localhost/rss", "text/xml", rss(items...))
	}
	d := newDesk(t, s, Config{}, in)
	list(time.Minute, "x")
	if st := d.poll(in); st.State != StateOK || st.Gap.Round(time.Minute) != time.Hour || st.LongestGap.Round(time.Minute) != time.Hour {
		t.Fatalf("%+v", st)
	}
	list(2*time.Hour, "x")
	if st := d.poll(in); st.State != StateOK {
		t.Errorf("two gaps are no silence: %s %s", st.State, st.Reason)
	}
	list(4*time.Hour, "x")
	if st := d.poll(in); st.State != StateStale || !strings.Contains(st.Reason, "nothing new for 4 hours") || st.Failures != 0 {
		t.Errorf("%s %s", st.State, st.Reason)
	}
	st := d.feeds[in.ID]
	st.ChangedAt = time.Now().Add(-5 * time.Hour)
	d.feeds[in.ID] = st
	if st := d.poll(in); st.State != StateFrozen || !strings.Contains(st.Reason, "same since") {
		t.Errorf("%s %s", st.State, st.Reason)
	}
	list(time.Minute, "y")
	if st := d.poll(in); st.State != StateOK || st.Reason != "" {
		t.Errorf("it speaks again: %s %s", st.State, st.Reason)
	}
	// A batch is one item: what comes by tens a day comes daily, even with a moment between them.
	daily := feedAt("http://c.localhost/rss")
	d = newDesk(t, s, Config{}, daily)
	batches := func(newest time.Duration, days int) {
		var items []string
		for i := range 30 * days {
			at := time.Now().Add(-newest - time.Duration(i/30)*24*time.Hour - time.Duration(i%30)*time.Second)
			items = append(items, fmt.Sprintf("<item><title>x</title><link>mailto:%d</link><pubDate>%s</pubDate></item>", i, at.Format(time.RFC1123Z)))
		}
		s.text("c.localhost/rss", "text/xml", rss(items...))
	}
	batches(26*time.Hour, 4)
	if st := d.poll(daily); st.State != StateOK || st.Gap.Round(time.Hour) != 24*time.Hour {
		t.Errorf("%s %s: every %s", st.State, st.Reason, st.Gap)
	}
	batches(90*time.Hour, 4)
	if st := d.poll(daily); st.State != StateStale || !strings.Contains(st.Reason, "every 24 hours") && !strings.Contains(st.Reason, "every 23 hours") {
		t.Errorf("%s %s", st.State, st.Reason)
	}
	// One batch alone tells no rhythm.
	single := feedAt("http://e.localhost/rss")
	d = newDesk(t, s, Config{}, single)
	s.text("e.localhost/rss", "text/xml", rss("<item><link>mailto:1</link><pubDate>"+time.Now().Add(-5*time.Hour).Format(time.RFC1123Z)+"</pubDate></item>",
		"<item><link>mailto:2</link><pubDate>"+time.Now().Add(-5*time.Hour).Format(time.RFC1123Z)+"</pubDate></item>"))
	if st := d.poll(single); st.State != StateOK || st.Gap != 0 {
		t.Errorf("%s %s: every %s", st.State, st.Reason, st.Gap)
	}
	// Without dates the polls that brought something are the rhythm.
	undated := feedAt("http://b.localhost/rss")
	d = newDesk(t, s, Config{}, undated)
	for i := range 4 {
		s.text("b.localhost/rss", "text/xml", rss(fmt.Sprintf("<item><link>mailto:%d</link></item>", i)))
		st := d.poll(undated)
		if st.State != StateUndated {
			t.Fatalf("%s", st.State)
		}
		st.LastItem = time.Now().Add(-time.Hour)
		d.feeds[undated.ID] = st
	}
	st = d.feeds[undated.ID]
	if st.Gap < 20*time.Minute || st.Gap > 2*time.Hour {
		t.Errorf("rhythm %s", st.Gap)
	}
	st.LastItem, st.Interval = time.Now().Add(-24*time.Hour), 5*time.Minute
	st.ChangedAt = st.LastItem
	d.feeds[undated.ID] = st
	if st := d.poll(undated); st.State != StateFrozen {
		t.Errorf("%s %s", st.State, st.Reason)
	}
}

// Every state has its gauge from the start, and every state that needs a person says what to do.
func TestStatesAreKnown(t *testing.T) {
	d := newDesk(t, nil, Config{}, feedAt("http://a.localhost/rss"))
	d.feeds[feedAt("http://a.localhost/rss").ID] = story.FeedState{State: StateDNS}
	for _, state := range States() {
		if !healthy(state) && state != StateDisabled && Remedy(state) == "" {
			t.Errorf("%s: nothing to do", state)
		}
	}
	for state := range statuses {
		known := statuses[state].state
		if !strings.Contains(strings.Join(States(), " "), known) {
			t.Errorf("%d: state %q is in no list", state, known)
		}
	}
	_ = feedlist.Of()
}
