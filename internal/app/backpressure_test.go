package app_test

import (
	"context"
	"errors"
	"io"
	"net/http"
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

// Without a sink, and with streams that cannot hold what there is, every stage stops in time, says so, and nothing is
// evicted; all of it arrives once there is a sink. In one process, and as a process each on a NATS server of their own.
func TestNothingIsLostWhileTheSinkIsDown(t *testing.T) {
	for name, limits := range map[string]map[string]int64{
		"small content streams": {bus.StreamStories: 200 << 10, bus.StreamArticles: 200 << 10, bus.StreamPages: 400 << 10},
		"small ledger":          {bus.StreamLedger: 100 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("together", func(t *testing.T) { t.Parallel(); sinkIsDown(t, limits, false) })
			t.Run("apart", func(t *testing.T) { t.Parallel(); sinkIsDown(t, limits, true) })
		})
	}
}

func sinkIsDown(t *testing.T, limits map[string]int64, apart bool) {
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
	client := embedded.DialOption(w.config.DataDir)
	if apart {
		o.Config.NATS.URL = topologyOf(t)
		client = func(*nats.Options) error { return nil }
	}

	upstream := [][]app.Target{{story.StageFetcher, story.StageParser, story.StageClassifier}}
	if apart {
		upstream = [][]app.Target{{story.StageFetcher}, {story.StageParser}, {story.StageClassifier}}
	}
	var up []*app.Instance
	var stops []func() error
	for _, o.Targets = range upstream {
		instance, stop := start(t, o)
		up, stops = append(up, instance), append(stops, stop)
	}
	nc, err := nats.Connect(o.Config.NATS.URL, client)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	shrink(t, js, limits)
	var pending uint64
	slow := 0
	for still := 0; still < 8; time.Sleep(250 * time.Millisecond) {
		lags, err := up[0].Bus.Lags(t.Context())
		if errors.Is(err, context.DeadlineExceeded) && slow < 5 { // of one look-up, on a machine that does much else
			slow++
			continue
		}
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
	nothingEvicted(t, js)
	holding := 0
	for _, instance := range up {
		if body := page(t, "http://"+instance.HTTP+"/readyz"); strings.Contains(body, "ok flow: holding back for SPYWIRE_") {
			holding++
		} else {
			t.Logf("/readyz: %s", body)
		}
		if !strings.Contains(page(t, "http://"+instance.HTTP+"/metrics"), "spywire_holding_back{") {
			t.Error("no metric says who is held back")
		}
	}
	if holding == 0 {
		t.Error("no process says that it holds back")
	}
	for _, stop := range stops {
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	nc.Close()

	o.Targets = nil
	instance, _ := start(t, o)
	w.settled(t, w.store(t), expected, 60*time.Second)
	for _, e := range expected {
		life, err := sink.Why(t.Context(), w.store(t), e.URL)
		if err != nil || life.Story == nil {
			t.Errorf("%s: %s %v", e.URL, life.Current.Outcome, err)
		}
	}
	if n := len(letters(t, instance.Bus)); n > 0 {
		t.Errorf("%d dead letters", n)
	}
	if n := asked(room); n > generated+hosts { // what a stop finds waiting for room is asked for again
		t.Errorf("%d requests for %d pages", n, generated)
	}
}

// topologyOf applies the topology to a NATS server on a port of its own and returns its URL.
func topologyOf(t *testing.T) string {
	t.Helper()
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0", Password: "apart", Sync: "1s"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	url := strings.Replace(server.URL(), "://", "://spywire:apart@", 1)
	b, err := bus.Connect(t.Context(), bus.Options{URL: url, Timings: bus.FastTimings()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	return url
}

// nothingEvicted holds the first message of every content stream against what the stage after it has settled: a stream
// of the limits kind that was full would have dropped some that it has not.
func nothingEvicted(t *testing.T, js jetstream.JetStream) {
	t.Helper()
	for _, row := range bus.Topology(bus.FastTimings()) {
		if row.Retention != jetstream.LimitsPolicy || len(row.Readers) == 0 {
			continue
		}
		s, err := js.Stream(t.Context(), row.Name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.Consumer(t.Context(), row.Readers[0].Durable.Name())
		if err != nil {
			t.Fatal(err)
		}
		state, settled := s.CachedInfo().State, c.CachedInfo().AckFloor.Stream
		if state.FirstSeq > settled+1 {
			t.Errorf("%s: %d messages were evicted before %s had them", row.Name, state.FirstSeq-settled-1, row.Readers[0].Durable)
		}
		t.Logf("%s: %d of %d bytes, messages %d to %d, settled to %d", row.Name, state.Bytes, s.CachedInfo().Config.MaxBytes, state.FirstSeq, state.LastSeq, settled)
	}
}

// page is what is served at a URL.
func page(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
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
func shrink(t *testing.T, js jetstream.JetStream, limits map[string]int64) {
	t.Helper()
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
