package fleet_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/fleet"
	"github.com/spywire/spywire/internal/newsroom/wild"
	"github.com/spywire/spywire/internal/story"
)

const (
	wildDelay   = 250 * time.Millisecond
	wildTimeout = 4 * time.Second
	// leases are longer than the fast ones: a machine that does much else must not lose them.
	wildLease = 12 * time.Second
	// wildMemory is what a fetcher may take, in MB, whatever the web does to it.
	wildMemory = 256
)

// Three fetchers share a web of 360 hosts with every kind of fault, and one of them is killed in the middle. The web's
// log shows whether they kept the rules, the streams whether they lost or doubled anything.
func TestFetchersInTheWild(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	web, err := wild.Start(wild.Options{Hosts: 360})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := web.Stop(); err != nil {
			t.Error(err)
		}
	})
	run := startInTheWild(t, web, 3)
	time.Sleep(12 * time.Second)
	manners := run.kill(t, 1)
	run.settle(t, 75*time.Second)
	run.stop(t)
	checkWild(t, web, run, manners)
}

// One fetcher bears every host that means to cost it memory or time, many of each at the same time.
func TestMemoryInTheWild(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	web, err := wild.Start(wild.Options{Times: 6, Only: []string{
		"flood", "long-page", "bomb", "bomb-feed", "flood-feed", "archive", "long-texts", "entities", "deep", "huge-rules", "endless-rules", "endless-header",
		"endless-hints", "long-header", "slow-header", "drip", "drip-feed", "silent", "picture",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := web.Stop(); err != nil {
			t.Error(err)
		}
	})
	run := startInTheWild(t, web, 1)
	asked := func() (hosts int) {
		seen := map[string]bool{}
		for _, r := range web.Requests() {
			if r.For != wild.ForRobots {
				seen[r.Host] = true
			}
		}
		return len(seen)
	}
	time.Sleep(20 * time.Second)
	for end := time.Now().Add(40 * time.Second); asked() < len(web.Hosts) && time.Now().Before(end); time.Sleep(time.Second) {
	}
	t.Logf("%d requests, %d of %d hosts asked for more than robots.txt", len(web.Requests()), asked(), len(web.Hosts))
	if asked() < len(web.Hosts) {
		t.Errorf("%d of %d hosts were asked", asked(), len(web.Hosts))
	}
	run.peak(t, run.fetchers[0])
}

// wildRun is fetchers at work in a wild web, and what came of it.
type wildRun struct {
	web      *wild.Web
	fleet    *fleet.Fleet
	bus      *bus.Bus
	fetchers []*fleet.Process
	began    time.Time

	js     jetstream.JetStream
	read   map[string]uint64 // by stream: the last sequence read
	pages  map[story.ID][]story.Page
	ledger map[story.ID]story.LedgerEntry
}

func agent(n int) string {
	return fmt.Sprintf("spywire/1.0 (fetcher %d; +https://example.org/bot)", n+1)
}

func startInTheWild(t *testing.T, web *wild.Web, fetchers int) *wildRun {
	t.Helper()
	f := newFleet(t, fleet.Options{Feeds: web.Feeds(), Set: []string{
		"fetch.host_delay=" + wildDelay.String(), "fetch.min_interval=4s", "fetch.max_interval=12s", "fetch.timeout=" + wildTimeout.String(),
		"fetch.connect_to=" + strings.Join(web.ConnectTo(), ","), "log.level=info",
		"fetch.callback_url=http://push.example/hooks", "fetch.callback_listen=127.0.0.1:0", // hubs are asked, and never ask back
	}})
	if err := f.StartNATS(t.Context()); err != nil {
		t.Fatal(err)
	}
	run := &wildRun{web: web, fleet: f, read: map[string]uint64{}, pages: map[story.ID][]story.Page{}, ledger: map[story.ID]story.LedgerEntry{}}
	conn, err := nats.Connect(f.NATSURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	if run.js, err = jetstream.New(conn); err != nil {
		t.Fatal(err)
	}
	tokens, err := run.js.Consumer(t.Context(), bus.StreamHosts, bus.HostsFetcher.Name())
	if err != nil {
		t.Fatal(err)
	}
	longer := tokens.CachedInfo().Config
	longer.AckWait = wildLease
	if _, err := run.js.UpdateConsumer(t.Context(), bus.StreamHosts, longer); err != nil {
		t.Fatal(err)
	}
	if run.bus, err = f.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.bus.Close() })
	run.began = time.Now()
	for n := range fetchers {
		p, err := f.Add("fetcher", "fetch.user_agent="+agent(n))
		if err == nil {
			err = p.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		run.fetchers = append(run.fetchers, p)
	}
	for _, p := range run.fetchers {
		if err := p.UntilReady(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return run
}

// kill ends a fetcher with SIGKILL while it waits for an answer.
func (run *wildRun) kill(t *testing.T, n int) wild.Manners {
	t.Helper()
	m := wild.Manners{
		Delay: wildDelay, Timeout: wildTimeout, RobotsFresh: fetcher.FastTimings().RobotsFresh, MovePeriod: fetcher.FastTimings().MovePeriod, Sightings: 3, Killed: agent(n),
	}
	busy := func(r wild.Request) bool { return r.End.IsZero() && r.Agent == m.Killed }
	for end := time.Now().Add(10 * time.Second); !slices.ContainsFunc(run.web.Requests(), busy); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s has nothing in flight", m.Killed)
		}
	}
	run.peak(t, run.fetchers[n])
	run.fetchers[n].Kill()
	m.KilledAt = time.Now()
	return m
}

// settle waits until every article has ended as it should.
func (run *wildRun) settle(t *testing.T, patience time.Duration) {
	t.Helper()
	least := 3*fetcher.FastTimings().MovePeriod + 20*time.Second // so that moves are believed and rules asked for again
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Second) {
		run.catchUp(t)
		open := run.open()
		switch {
		case len(open) == 0 && time.Since(run.began) > least && run.polled(t):
			t.Logf("all settled after %s", time.Since(run.began).Round(time.Second))
			return
		case time.Now().After(deadline):
			t.Logf("after %s, %d articles are open", time.Since(run.began).Round(time.Second), len(open))
			return
		}
	}
}

// polled reports whether every feed has a state: a machine that does much else may come late to one.
func (run *wildRun) polled(t *testing.T) bool {
	t.Helper()
	frontier := run.bus.Frontier(bus.FrontierOptions{})
	for _, h := range run.web.Hosts {
		for _, f := range h.Feeds {
			if st, _, err := frontier.FeedState(t.Context(), f.ID); err != nil {
				t.Fatal(err)
			} else if st.State == "" && !slices.Contains(f.States, "") {
				t.Logf("%s has no state yet, %s after the start", f.URL, time.Since(run.began).Round(time.Second))
				return false
			}
		}
	}
	return true
}

// catchUp reads what the streams have got since the last time.
func (run *wildRun) catchUp(t *testing.T) {
	t.Helper()
	run.each(t, bus.StreamPages, func(m bus.Message) error {
		p, err := bus.DecodePage(m)
		run.pages[p.ID] = append(run.pages[p.ID], p)
		return err
	})
	run.each(t, bus.StreamLedger, func(m bus.Message) error {
		e, err := bus.DecodeLedger(m)
		if old, known := run.ledger[e.ID]; !known || e.Supersedes(old) {
			run.ledger[e.ID] = e
		}
		return err
	})
}

func (run *wildRun) each(t *testing.T, name string, take func(bus.Message) error) {
	t.Helper()
	s, err := run.js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	for last := s.CachedInfo().State.LastSeq; run.read[name] < last; {
		run.read[name]++
		raw, err := s.GetMsg(t.Context(), run.read[name])
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err == nil {
			err = take(bus.Message{Stream: name, Seq: raw.Sequence, Subject: raw.Subject, Header: raw.Header, Data: raw.Data})
		}
		if err != nil {
			t.Fatalf("%s %d: %v", name, run.read[name], err)
		}
	}
}

// arrives reports whether an article is to arrive whole.
func arrives(a *wild.Article) bool { return a.Outcome == "" && !a.Spare }

// open are the articles that have not ended.
func (run *wildRun) open() (open []string) {
	for _, h := range run.web.Hosts {
		for _, a := range h.Articles {
			if e := run.ledger[a.ID]; !a.Spare && len(run.pages[a.ID]) == 0 && (e.Outcome == "" || e.Outcome == story.Listed) {
				open = append(open, fmt.Sprintf("%s of %s (%q)", a.Link, h.Name, e.Outcome))
			}
		}
	}
	return open
}

// peak checks the largest resident memory a process has had.
func (run *wildRun) peak(t *testing.T, p *fleet.Process) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		t.Skipf("memory is read from /proc: %v", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	peak := kilobytes * 1024 / 1e6
	t.Logf("%s: at most %.0f MB resident", p.Name, peak)
	if peak > wildMemory {
		t.Errorf("%s took %.0f MB, may take %d", p.Name, peak, wildMemory)
	}
}

// stop ends the fetchers and reads what they have left behind.
func (run *wildRun) stop(t *testing.T) {
	t.Helper()
	for _, p := range run.fetchers {
		if p.Running() {
			run.peak(t, p)
			if err := p.Stop(); err != nil {
				t.Error(err)
			}
		}
	}
	run.catchUp(t)
	run.checkStates(t)
}

// checkWild holds the log and the streams against the rules, and says how each stands.
func checkWild(t *testing.T, web *wild.Web, run *wildRun, m wild.Manners) {
	t.Helper()
	log := web.Requests()
	breaches, applied := wild.Check(log, m)
	count := map[string]int{}
	for _, b := range breaches {
		if count[b.Rule]++; count[b.Rule] <= 8 {
			t.Error(b)
		}
	}
	for _, rule := range wild.RuleNames {
		t.Logf("%5d breaches of %6d: %s", count[rule], applied[rule], rule)
		if applied[rule] == 0 {
			t.Errorf("nothing tried the rule: %s", rule)
		}
	}
	hubs, askers := 0, map[string]bool{}
	for _, r := range log {
		if r.For == wild.ForHub {
			hubs, askers[r.Agent] = hubs+1, true
		}
	}
	t.Logf("%5d requests to hubs by %d fetchers", hubs, len(askers))
	if hubs < 25 || len(askers) < 2 {
		t.Errorf("%d requests to hubs by %d fetchers", hubs, len(askers))
	}
	t.Logf("%5d visits to forbidden addresses; %d requests at %d hosts", web.Visits(), len(log), len(web.Hosts))
	if web.Visits() > 0 {
		t.Errorf("%d visits to forbidden addresses", web.Visits())
	}
	due, whole, doubled := 0, 0, 0
	var faults []string
	for _, h := range web.Hosts {
		for _, a := range h.Articles {
			fault := run.judge(a)
			if fault != "" {
				faults = append(faults, fmt.Sprintf("%s of %s (%s): %s\n%s", a.Link, h.Name, h.Kind.Right, fault, timeline(log, h.Name)))
			}
			if arrives(a) {
				due++
				if fault == "" {
					whole++
				}
			}
			if len(run.pages[a.ID]) > 1 {
				doubled++
			}
		}
	}
	t.Logf("%d of %d articles of reachable hosts arrived whole (%.2f %%), %d of all more than once", whole, due, 100*float64(whole)/float64(due), doubled)
	if whole*1000 < due*995 {
		t.Errorf("%d of %d articles arrived whole, want 99.5 %%", whole, due)
	}
	slices.Sort(faults)
	for _, f := range faults {
		t.Error(f)
	}
}

// timeline is what was asked at a host, and at those beside it.
func timeline(log []wild.Request, host string) string {
	var b strings.Builder
	for _, r := range log {
		if strings.HasSuffix(r.Host, host) {
			fmt.Fprintf(&b, "\t%s %s%s %d\n", r.Start.Format("05.000"), r.Host, r.Path, r.Status)
		}
	}
	return b.String()
}

// judge says what is wrong with how an article ended.
func (run *wildRun) judge(a *wild.Article) string {
	pages, e := run.pages[a.ID], run.ledger[a.ID]
	switch {
	case a.Spare:
		return ""
	case !arrives(a):
		right := append([]story.Outcome{a.Outcome}, a.Also...)
		if !slices.Contains(right, e.Outcome) && (len(pages) == 0 || !slices.Contains(right, wild.Arrives)) {
			return fmt.Sprintf("ended as %q (%s), with %d pages, want %s", e.Outcome, e.Reason, len(pages), a.Outcome)
		}
		return ""
	case len(pages) == 0:
		return fmt.Sprintf("did not arrive: %q (%s)", e.Outcome, e.Reason)
	case len(pages) > 2: // two may be: one by the fetcher that was killed
		return fmt.Sprintf("arrived %d times", len(pages))
	case pages[0].Item == nil || pages[0].Item.Title != a.Title:
		return fmt.Sprintf("the feed's title is %+v, want %q", pages[0].Item, a.Title)
	}
	if body, err := unpacked(pages[0]); err != nil || body != a.Body {
		return fmt.Sprintf("%d bytes arrived, want %d, %v", len(body), len(a.Body), err)
	}
	return ""
}

func unpacked(p story.Page) (string, error) {
	r := io.Reader(bytes.NewReader(p.Body))
	var err error
	switch p.ContentEncoding {
	case "gzip":
		if !bytes.HasPrefix(p.Body, []byte("\x1f\x8b")) {
			break // said and not done
		}
		r, err = gzip.NewReader(r)
	case "br":
		r = brotli.NewReader(r)
	case "zstd":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(io.LimitReader(r, 16<<20))
	return string(body), err
}

// checkStates holds what is known of each feed against what is right.
func (run *wildRun) checkStates(t *testing.T) {
	t.Helper()
	frontier := run.bus.Frontier(bus.FrontierOptions{})
	for _, h := range run.web.Hosts {
		for _, f := range h.Feeds {
			st, _, err := frontier.FeedState(context.WithoutCancel(t.Context()), f.ID)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(f.States, st.State) {
				t.Errorf("feed %s is %q (%s), want one of %q; its host was asked:", f.URL, st.State, st.Reason, f.States)
				for _, r := range run.web.Requests() {
					if r.Host == h.Name {
						t.Logf("  %s %s by %s: %d", r.Start.Format("15:04:05.000"), r.Path, r.Agent, r.Status)
					}
				}
			}
		}
	}
}
