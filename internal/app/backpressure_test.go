package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Without a sink, and with streams that cannot hold what there is, every stage stops in time: nothing is evicted, and
// all of it arrives once there is a sink.
func TestNothingIsLostWhileTheSinkIsDown(t *testing.T) {
	for name, limits := range map[string]map[string]int64{
		"small content streams": {bus.StreamStories: 200 << 10, bus.StreamArticles: 200 << 10, bus.StreamPages: 400 << 10},
		"small ledger":          {bus.StreamLedger: 100 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sinkIsDown(t, limits)
		})
	}
}

func sinkIsDown(t *testing.T, limits map[string]int64) {
	const generated, hosts = 300, 20
	room, addr := startNewsroom(t, newsroom.Options{Load: generated, LoadHosts: hosts, Seed: 1})
	w := world{room: room, config: testConfig(t, addr)}
	w.config.Sink.Keep = "all" // so that every page has to get as far as the sink
	w.config.Fetch.MinInterval, w.config.Fetch.MaxInterval = time.Minute, time.Minute
	feeds, expected := generatedOnly(room)
	if len(expected) != generated {
		t.Fatalf("%d pages, want %d", len(expected), generated)
	}
	o := app.Options{Config: w.config, Feeds: feedlist.Of(feeds...), Timings: bus.FastTimings()}

	o.Targets = []app.Target{story.StageFetcher, story.StageParser, story.StageClassifier}
	up, stop := start(t, o)
	shrink(t, w.config.DataDir, limits)
	var pending uint64
	for still := 0; still < 8; time.Sleep(250 * time.Millisecond) {
		lags, err := up.Bus.Lags(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var sum uint64
		for _, l := range lags {
			sum += l.Pending
		}
		if still++; sum != pending || sum == 0 {
			still, pending = 0, sum
		}
	}
	if n := asked(room); n >= generated {
		t.Fatalf("all %d pages were fetched although nobody reads the stories", n)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	o.Targets = nil
	up, _ = start(t, o)
	w.settled(t, w.store(t), expected, 60*time.Second)
	for _, e := range expected {
		life, err := sink.Why(t.Context(), w.store(t), e.URL)
		if err != nil || life.Story == nil {
			t.Errorf("%s: %s %v", e.URL, life.Current.Outcome, err)
		}
	}
	if n := len(letters(t, up.Bus)); n > 0 {
		t.Errorf("%d dead letters", n)
	}
	if n := asked(room); n > generated+hosts { // what a stop finds waiting for room is asked for again
		t.Errorf("%d requests for %d pages", n, generated)
	}
}

// generatedOnly are the newsroom's generated pages and the feeds that list them.
func generatedOnly(room *newsroom.Newsroom) (feeds []story.Feed, pages []newsroom.Expectation) {
	made := func(host string) bool { return strings.HasPrefix(host, "load") }
	for _, e := range room.Expectations() {
		if made(e.Host) {
			pages = append(pages, e)
		}
	}
	for _, f := range room.Feeds() {
		if made(strings.TrimPrefix(f.URL, "http://")) {
			feeds = append(feeds, f)
		}
	}
	return feeds, pages
}

// asked is how many pages were served, feeds and robots.txt aside.
func asked(room *newsroom.Newsroom) int {
	served, n := served(room), 0
	for _, e := range room.Expectations() {
		n += served[e.URL]
	}
	return n
}

// shrink limits streams of a running instance further than its configuration can.
func shrink(t *testing.T, dir string, limits map[string]int64) {
	t.Helper()
	nc, err := nats.Connect("", embedded.DialOption(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for name, bytes := range limits {
		s, err := js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		c := s.CachedInfo().Config
		c.MaxBytes = bytes
		if _, err := js.UpdateStream(t.Context(), c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}
