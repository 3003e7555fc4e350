package fleet_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

// A worker that is stopped under load ends when it has done what is in hand, and another has the rest at once: with
// production's waits, under which whatever it kept would be out of reach for most of a minute.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	const records, enough = 600, 40
	room, addr := startNewsroom(t, newsroom.Options{Load: records, LoadHosts: records})
	f := newFleet(t, fleet.Options{Newsroom: addr, Slow: true})
	if err := f.StartNATS(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := f.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	pages := room.Expectations()
	pages = pages[len(pages)-records:] // the generated ones, each of a host of its own
	text := "<html><body><article>" + strings.Repeat("<p>A man was arrested, the court said, and nobody knew why he had come.</p>", 200) + "</article></body></html>"
	for _, c := range []struct {
		target  string
		durable bus.Durable
		publish func(n int) error
	}{
		{"sink", bus.LedgerSink, func(n int) error {
			at := fmt.Sprintf("http://load.localhost/%d", n)
			return b.PublishLedger(t.Context(), story.LedgerEntry{ID: story.NewID(at), Visit: 1, URL: at, Source: "a", Stage: story.StageFetcher, Outcome: story.Listed, At: time.Now()})
		}},
		{"classifier", bus.ArticlesClassifier, func(n int) error {
			return b.PublishArticle(t.Context(), story.Article{ID: pages[n].ID, Visit: 1, URL: pages[n].URL, Title: pages[n].Title, Text: pages[n].Text, Lang: pages[n].Lang, PageKind: story.KindArticle, FetchedAt: time.Now()})
		}},
		{"parser", bus.PagesParser, func(n int) error {
			return b.PublishPage(t.Context(), story.Page{ID: pages[n].ID, Visit: 1, URL: pages[n].URL, FinalURL: pages[n].URL, Status: http.StatusOK, ContentType: "text/html", Body: []byte(text), FetchedAt: time.Now()})
		}},
		{"fetcher", bus.HostsFetcher, func(n int) error {
			return b.Frontier(bus.FrontierOptions{}).Enqueue(t.Context(), story.Entry{ID: pages[n].ID, Visit: 1, Priority: story.PriorityPage, URL: pages[n].URL, Listed: pages[n].URL, Source: story.Source{ID: "a", Host: pages[n].Host}})
		}},
	} {
		for n := range records {
			if err := c.publish(n); err != nil {
				t.Fatal(err)
			}
		}
		leaving := start(t, f, c.target)[0]
		if err := leaving.Until(t.Context(), time.Minute, func() bool { return handled(t, leaving) >= enough }); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		ended := make(chan struct{})
		go func() { // the sink takes these faster than anybody could stop it
			n := records
			for ; c.target == "sink"; n++ {
				if err := c.publish(n); err != nil {
					done <- err
					return
				}
				select {
				case <-ended:
					done <- nil
					return
				default:
				}
			}
			done <- nil
		}()
		told := time.Now()
		err := leaving.Stop()
		left := time.Since(told)
		close(ended)
		if err := errors.Join(err, <-done); err != nil {
			t.Fatal(err)
		}
		rest, again, all := takeOver(t, f, c.durable)
		t.Logf("%s: ended %s after SIGTERM; another had all of the other %d records %s later, those that it had been given after %s",
			c.target, left.Round(time.Millisecond), rest, all.Round(time.Millisecond), again.Round(time.Millisecond))
		if rest == 0 {
			t.Errorf("%s: it was done before it was stopped", c.target)
		}
		if wait := bus.DefaultTimings().AckWait; left > wait/12 || all > wait/12 {
			t.Errorf("%s: it ended after %s, and another had the rest %s later, where the ack wait is %s", c.target, left, all, wait)
		}
	}
}

// takeOver is another worker's part: it takes everything that a durable has left, and says how much it was, when the last
// one came that had been delivered before, and when the last of all.
func takeOver(t *testing.T, f *fleet.Fleet, d bus.Durable) (rest int, again, all time.Duration) {
	t.Helper()
	conn, err := nats.Connect(f.NATSURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	reader, err := js.Consumer(t.Context(), d.Stream(), d.Name())
	if err != nil {
		t.Fatal(err)
	}
	left := int(reader.CachedInfo().NumPending) + reader.CachedInfo().NumAckPending
	for rest < left {
		batch, err := reader.Fetch(min(left-rest, 100), jetstream.FetchMaxWait(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for msg := range batch.Messages() {
			rest, all = rest+1, time.Since(began)
			if m, err := msg.Metadata(); err != nil {
				t.Fatal(err)
			} else if m.NumDelivered > 1 {
				again = all
			}
			if err := msg.Ack(); err != nil {
				t.Fatal(err)
			}
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("%s: %d of %d records came", d, rest, left)
		}
	}
	return rest, again, all
}

var recordsTotal = regexp.MustCompile(`(?m)^spywire_records_total\{.*\} (\d+)$`)

// handled is how many deliveries a worker has counted.
func handled(t *testing.T, p *fleet.Process) (sum int) {
	t.Helper()
	for _, m := range recordsTotal.FindAllStringSubmatch(get(t, "http://"+p.HTTP+"/metrics"), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}
