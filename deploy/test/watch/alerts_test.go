package watch

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/sink/postgres/cluster"
)

// fault is something that goes wrong, really: what brings it about, what ends it, and which alerts tell of it, by
// the labels they have then.
type fault struct {
	name  string
	fires map[string]string
	cause func(context.Context, *world) error
	mend  func(context.Context, *world) error
}

// worlds are all faults, by the pipeline they happen in, one after the other. Worlds live side by side; those that last longest begin first.
var worlds = []struct {
	name   string
	faults []fault
}{
	{"news", []fault{
		mood(OffBeat, map[string]string{"SpywireNoStories": ""}),
		mood(Flood, map[string]string{"SpywireFreshnessBurn": "", "SpywireFreshnessSlipping": ""}),
	}},
	{"storage", []fault{{ // feeds whose schedules had no room are polled after two minutes, and that is when the next fault is over
		name:  "somebody else's stream uses up the storage of NATS",
		fires: map[string]string{"SpywireStreamBlocked": ""},
		cause: useUp,
		mend:  func(ctx context.Context, w *world) error { return w.js.DeleteStream(ctx, "OTHER") },
	}, {
		name:  "nonsense is published on a subject of ours",
		fires: map[string]string{"SpywireDeadLetters": `stage="classifier"`},
		cause: func(ctx context.Context, w *world) error {
			_, err := w.js.Publish(ctx, "spywire.article.v1.en.nobody", []byte("{broken"))
			return err
		},
		mend: func(ctx context.Context, w *world) error {
			_, err := w.fleet.Spywire(ctx, "dlq", "drop", "--all", "--stage", "classifier")
			return err
		},
	}}},
	{"workers", []fault{{
		name: "the sink is stopped and the stream of outcomes is small",
		fires: map[string]string{
			"SpywireStageMissing":    `stage="sink"`,
			"SpywireNobodyReads":     `stream="SPYWIRE_LEDGER", durable="sink"`,
			"SpywireConsumerLagging": `stream="SPYWIRE_LEDGER", durable="sink"`,
			"SpywireStreamFilling":   `stream="SPYWIRE_LEDGER"`,
			"SpywireHoldingBack":     `stream="SPYWIRE_LEDGER", durable="sink"`,
		},
		cause: func(ctx context.Context, w *world) (err error) {
			if w.size, err = w.resize(ctx, bus.StreamLedger, 24<<10); err != nil {
				return err
			}
			return w.workers["sink"].Stop()
		},
		mend: func(ctx context.Context, w *world) error {
			if _, err := w.resize(ctx, bus.StreamLedger, w.size); err != nil {
				return err
			}
			return w.start(ctx, "sink")
		},
	}, {
		name:  "a model that is sure of nothing is rolled out",
		fires: map[string]string{"SpywireModelDrift": ""},
		cause: func(ctx context.Context, w *world) error { return w.swap(ctx, "classifier", "unsure") },
		mend:  func(ctx context.Context, w *world) error { return w.swap(ctx, "unsure", "classifier") },
	}, {
		name:  "a stranger takes articles from the classifier's durable and does not answer",
		fires: map[string]string{"SpywireAckPendingAtLimit": `stream="SPYWIRE_ARTICLES", durable="classifier"`},
		cause: hoard,
		mend:  func(_ context.Context, w *world) error { return w.letGo() },
	}}},
	{"web", []fault{
		mood(Empty, map[string]string{"SpywireSourcesSilent": ""}),
		mood(Down, map[string]string{"SpywireSourcesFailing": ""}),
		mood(Refuse, map[string]string{"SpywireFetchBlocked": ""}),
	}},
	{"servers", []fault{{
		name:  "NATS is stopped",
		fires: map[string]string{"SpywireNATSUnreachable": ""},
		cause: func(_ context.Context, w *world) error { return w.fleet.NATS.Stop() },
		mend:  func(ctx context.Context, w *world) error { return w.fleet.StartNATS(ctx) },
	}, {
		name:  "PostgreSQL is stopped",
		fires: map[string]string{"SpywireStoreFailing": ""},
		cause: func(_ context.Context, w *world) error { return w.store.Stop() },
		mend:  func(ctx context.Context, w *world) error { return w.store.Start(ctx) },
	}, {
		name:  "the feed list is broken by an edit",
		fires: map[string]string{"SpywireReloadFailed": `list="feed list"`},
		cause: func(_ context.Context, w *world) (err error) {
			if w.kept, err = os.ReadFile(w.feedList()); err != nil {
				return err
			}
			return os.WriteFile(w.feedList(), []byte("feeds: [\n"), 0o600)
		},
		mend: func(_ context.Context, w *world) error { return os.WriteFile(w.feedList(), w.kept, 0o600) },
	}}},
}

// mood is the fault of a press that misbehaves.
func mood(m Mood, fires map[string]string) fault {
	set := func(m Mood) func(context.Context, *world) error {
		return func(_ context.Context, w *world) error { w.press.Set(m); return nil }
	}
	return fault{name: "the press: " + string(m), fires: fires, cause: set(m), mend: set(Well)}
}

// Every alert is brought about by a fault, and every fault's alerts are there: who adds an alert adds what makes it fire.
func TestEveryAlertHasAFault(t *testing.T) {
	rules, err := ReadRules()
	if err != nil {
		t.Fatal(err)
	}
	var alerts, caused []string
	for _, r := range rules.All() {
		if r.Alert != "" {
			alerts = append(alerts, r.Alert)
		}
	}
	for _, of := range worlds {
		for _, f := range of.faults {
			for alert := range f.fires {
				caused = append(caused, alert)
				if !slices.Contains(alerts, alert) {
					t.Errorf("%s: rules.yaml has no alert %s", f.name, alert)
				}
			}
		}
	}
	for _, alert := range alerts {
		if !slices.Contains(caused, alert) {
			t.Errorf("no fault makes %s fire", alert)
		}
	}
}

// Every alert is quiet, fires when its fault is brought about, and is quiet again once that is mended: in a pipeline of
// real processes on a real NATS server and store, by a real Prometheus with the rules as they are shipped but for the times.
func TestAlertsFireAndClear(t *testing.T) {
	t.Parallel()
	Needs(t, "prometheus")
	for _, of := range worlds {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			var store *cluster.Cluster
			dsn := ""
			if of.name == "servers" {
				store, dsn = postgres(t)
			}
			w := newWorld(t, store, dsn, map[string][]string{"unsure": {"classifier", "classifier.model=" + unsureModel(t)}})
			for _, f := range of.faults {
				if !t.Run(f.name, func(t *testing.T) { happens(t, w, f) }) {
					for _, p := range append(w.fleet.Workers(), w.fleet.NATS) {
						t.Logf("%s said:\n%s", p.Name, p.Said())
					}
					return
				}
			}
		})
	}
}

func happens(t *testing.T, w *world, f fault) {
	began := time.Now()
	w.flows(t)
	for alert := range f.fires {
		w.firing(t, alert, "", false)
	}
	quiet := time.Now()
	if err := f.cause(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	for alert, labels := range f.fires {
		w.firing(t, alert, labels, true)
	}
	fired := time.Now()
	if err := f.mend(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	for alert := range f.fires {
		w.firing(t, alert, "", false)
	}
	clear := time.Now()
	w.flows(t) // what was held up goes on
	t.Logf("quiet after %s, fired after %s, clear after %s, flows after %s more", quiet.Sub(began).Round(time.Second), fired.Sub(quiet).Round(time.Second), clear.Sub(fired).Round(time.Second), time.Since(clear).Round(time.Second))
}

// unsureModel is the file of the built-in model with thresholds that put every article under review.
func unsureModel(t *testing.T) string {
	t.Helper()
	c, err := classifier.New()
	if err != nil {
		t.Fatal(err)
	}
	unsure := *c.Model()
	unsure.Categories = slices.Clone(unsure.Categories)
	for i := range unsure.Categories {
		unsure.Categories[i].Threshold, unsure.Categories[i].Review = 10_001, 0
	}
	var artefact bytes.Buffer
	if err := unsure.Encode(&artefact); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "unsure.model")
	if err := os.WriteFile(file, artefact.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// resize gives a stream another limit, and returns the one it had.
func (w *world) resize(ctx context.Context, stream string, maxBytes int64) (had int64, err error) {
	s, err := w.js.Stream(ctx, stream)
	if err != nil {
		return 0, err
	}
	config := s.CachedInfo().Config
	had, config.MaxBytes = config.MaxBytes, maxBytes
	_, err = w.js.UpdateStream(ctx, config)
	return had, err
}

func (w *world) feedList() string { return filepath.Join(w.dir, "feeds.yaml") }

// Error codes of the JetStream API that say there is no room left.
const (
	codeNoResources = jetstream.ErrorCode(10023) // on the server
	codeNotStored   = jetstream.ErrorCode(10077) // in the stream
)

// useUp fills a stream of nobody's until the server has no room left, while the classifier stands still over articles: a worker
// that has something to publish is who notices. An answer that does not come in time says nothing of room.
func useUp(ctx context.Context, w *world) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	w.workers["classifier"].Pause()
	defer w.workers["classifier"].Resume()
	durable, err := w.js.Consumer(ctx, bus.StreamArticles, bus.ArticlesClassifier.Name())
	if err != nil {
		return err
	}
	for waiting := uint64(0); waiting < 2; time.Sleep(100 * time.Millisecond) {
		info, err := durable.Info(ctx)
		if err != nil {
			return err
		}
		waiting = info.NumPending
	}
	if _, err = w.js.CreateStream(ctx, jetstream.StreamConfig{Name: "OTHER", Subjects: []string{"other"}}); err != nil {
		return err
	}
	late := func() bool { return errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) }
	for block := make([]byte, 512<<10); err == nil || ctx.Err() == nil && late(); {
		_, err = w.js.Publish(ctx, "other", block)
	}
	if api := new(jetstream.APIError); errors.As(err, &api) && (api.ErrorCode == codeNoResources || api.ErrorCode == codeNotStored) {
		return nil
	}
	return err
}

// hoard takes articles from the classifier's durable, copies of the last one, and holds them all until letGo gives them back. What it
// lost because it was too slow itself it takes again.
func hoard(ctx context.Context, w *world) error {
	durable, err := w.js.Consumer(ctx, bus.StreamArticles, bus.ArticlesClassifier.Name())
	if err != nil {
		return err
	}
	s, err := w.js.Stream(ctx, bus.StreamArticles)
	if err != nil {
		return err
	}
	last, err := s.GetLastMsgForSubject(ctx, "spywire.article.v1.>")
	if err != nil {
		return err
	}
	last.Header.Del(jetstream.MsgIDHeader) // else a copy would be known
	holding, stop := context.WithCancel(ctx)
	ended := make(chan []jetstream.Msg, 1)
	go func() {
		var held []jetstream.Msg
		for holding.Err() == nil {
			got, err := more(holding, w.js, durable, last)
			held = append(held, got...)
			for _, msg := range held {
				_ = msg.InProgress() // one that came too late is delivered again
			}
			if err != nil { // an answer was late, for one
				select {
				case <-holding.Done():
				case <-time.After(250 * time.Millisecond):
				}
			}
		}
		ended <- held
	}()
	w.letGo = func() (err error) {
		stop()
		for _, msg := range <-ended {
			err = errors.Join(err, msg.Nak())
		}
		return err
	}
	return nil
}

// more is a second of hoarding: what it gets.
func more(ctx context.Context, js jetstream.JetStream, durable jetstream.Consumer, copied *jetstream.RawStreamMsg) (got []jetstream.Msg, err error) {
	info, err := durable.Info(ctx)
	if err != nil {
		return nil, err
	}
	room := info.Config.MaxAckPending - info.NumAckPending
	for range room {
		if _, err := js.PublishMsg(ctx, &nats.Msg{Subject: copied.Subject, Header: copied.Header, Data: copied.Data}); err != nil {
			return nil, err
		}
	}
	batch, err := durable.Fetch(max(room, 1), jetstream.FetchMaxWait(time.Second))
	if err != nil {
		return nil, err
	}
	for msg := range batch.Messages() {
		got = append(got, msg)
	}
	return got, batch.Error()
}
