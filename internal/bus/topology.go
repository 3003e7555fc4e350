package bus

import (
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Revision of the topology. It is kept in every stream and durable, and raised with any change of the table, so
// that an old pod in a rolling update cannot undo what a newer one has made.
const Revision = 3

// DefaultBudget is what all streams together may take, in bytes, where nobody says otherwise.
const DefaultBudget = 2 << 30

// The streams by name. The KV buckets are streams too, as JetStream makes them.
const (
	StreamSchedule = "SPYWIRE_SCHEDULE"
	StreamQueue    = "SPYWIRE_QUEUE"
	StreamHosts    = "SPYWIRE_HOSTS"
	StreamPages    = "SPYWIRE_PAGES"
	StreamArticles = "SPYWIRE_ARTICLES"
	StreamStories  = "SPYWIRE_STORIES"
	StreamLedger   = "SPYWIRE_LEDGER"
	StreamDLQ      = "SPYWIRE_DLQ"

	BucketFeeds = "spywire_feeds"
	BucketHosts = "spywire_hosts"
)

// Durable names a durable consumer as STREAM/name.
type Durable string

// The durables that have a reader.
const (
	SchedulePoller     Durable = StreamSchedule + "/poller"
	HostsFetcher       Durable = StreamHosts + "/fetcher"
	PagesParser        Durable = StreamPages + "/parser"
	ArticlesClassifier Durable = StreamArticles + "/classifier"
	StoriesSink        Durable = StreamStories + "/sink"
	LedgerSink         Durable = StreamLedger + "/sink"
)

// Stream is the stream the durable reads.
func (d Durable) Stream() string { s, _, _ := strings.Cut(string(d), "/"); return s }

// Name is the durable's name within its stream.
func (d Durable) Name() string { _, n, _ := strings.Cut(string(d), "/"); return n }

// Stream is a row of the topology: one JetStream stream, what is on it, and who reads it.
type Stream struct {
	Name        string
	Description string
	Subjects    []Subject
	Retention   jetstream.RetentionPolicy
	Discard     jetstream.DiscardPolicy
	PerSubject  bool          // discard new applies per subject too
	MaxPerSubj  int64         // messages per subject; 0 is no limit
	MaxAge      time.Duration // 0 is no limit
	Share       float64       // of the budget, as MaxBytes: it is reserved when the stream is made. 0 is no limit
	Duplicates  time.Duration // how long message ids are remembered; 0 is the server's default
	Direct      bool          // any replica may answer a get, at the price of a stale answer
	Schedules   bool          // holds server-side schedules
	Bucket      string        // the KV bucket this stream is, if it is one
	Compress    bool          // S2, for streams of text
	Batches     bool          // takes atomic batches
	Readers     []Reader
}

// Subject is a family of subjects: its template has its parameters in braces.
type Subject struct {
	Template    string // spywire.page.v1.{host}
	Record      string // name of the record's schema: page, article, story, ledger, entry; empty for none
	Description string
}

// Pattern is the subject with "*" for every parameter, and ">" for a last one that spans tokens ("{subject+}").
func (s Subject) Pattern() string {
	tokens := strings.Split(s.Template, ".")
	for i, t := range tokens {
		switch {
		case strings.HasSuffix(t, "+}"):
			tokens[i] = ">"
		case strings.HasPrefix(t, "{"):
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, ".")
}

// Reader is a durable of a stream.
type Reader struct {
	Durable     Durable
	Description string
	Filters     []string // empty for all subjects
	AckWait     time.Duration
	MaxPending  int
	// Before is the durable that reads what this reader's work ends in: its lag holds this one back.
	Before Durable
}

// Topology is the one table of what is on the bus, in the order a record passes it. Everything else derives from
// it: the streams, the durables, the back-pressure and the AsyncAPI document.
func Topology(t Timings) []Stream {
	t = t.orDefault()
	const day = 24 * time.Hour
	content := func(d Durable, description string, before Durable) Reader {
		return Reader{
			Durable: d, Description: description, AckWait: t.AckWait, MaxPending: 256, Before: before,
		}
	}
	return []Stream{{
		Name: StreamSchedule, Description: "when a feed or a page is due; without a size limit, which would evict schedules silently",
		Subjects: []Subject{
			{"spywire.schedule.feed.{id}", "", "a schedule of the server that wakes a feed again and again"},
			{"spywire.schedule.page.{id}", "entry", "a schedule of the server that queues a page once, later"},
			{"spywire.due.feed.{id}", "", "a feed is due"},
			{"spywire.due.page.{id}", "entry", "a page is due"},
		},
		Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardOld, MaxPerSubj: 1, Schedules: true, Batches: true,
		Readers: []Reader{{
			Durable: SchedulePoller, Description: "queues what is due", Filters: []string{"spywire.due.>"},
			AckWait: t.PollWait, MaxPending: 1000,
		}},
	}, {
		Name: StreamQueue, Description: "what waits for its host, polls before pages before backfill; no direct get, since a stale answer retires a host that has work",
		Subjects:  []Subject{{"spywire.queue.{host}.{priority}.{id}", "entry", "one request that waits for its host's token"}},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew, PerSubject: true, MaxPerSubj: 1, Share: 0.08, Batches: true,
	}, {
		Name: StreamHosts, Description: "one token per host: who holds it may talk to the host",
		Subjects:  []Subject{{"spywire.host.{host}", "", "the token of a host that has entries waiting"}},
		Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, PerSubject: true, MaxPerSubj: 1, Share: 0.01,
		Readers: []Reader{{
			Durable: HostsFetcher, Description: "fetches the next entry of the host", AckWait: t.TokenWait, MaxPending: 50_000, Before: PagesParser,
		}},
	}, {
		Name: StreamPages, Description: "pages as they came over the wire: a line of JSON, LF, the body",
		Subjects:  []Subject{{"spywire.page.v1.{host}", "page", "a page was fetched"}},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxAge: 3 * day, Share: 0.35, Duplicates: t.Duplicates, Direct: true,
		Readers: []Reader{content(PagesParser, "takes the article out of the page", ArticlesClassifier)},
	}, {
		Name: StreamArticles, Description: "articles, on the beat or not",
		Subjects:  []Subject{{"spywire.article.v1.{lang}.{source}", "article", "an article was taken out of a page"}},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxAge: 7 * day, Share: 0.15, Duplicates: t.Duplicates, Direct: true, Compress: true,
		Readers: []Reader{content(ArticlesClassifier, "judges the article", StoriesSink)},
	}, {
		Name: StreamStories, Description: "what spywire is for: stories with labels, evidence, events and origins",
		Subjects:  []Subject{{"spywire.story.v1.{rank}.{category}.{lang}.{country}.{source}", "story", "a story was judged; rank primary is every story on the beat once"}},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxAge: 30 * day, Share: 0.13, Duplicates: t.Duplicates, Direct: true, Compress: true,
		Readers: []Reader{{
			Durable: StoriesSink, Description: "stores stories and ties them to incidents", AckWait: t.AckWait, MaxPending: 2000,
			Filters: []string{"spywire.story.v1.primary.>", "spywire.story.v1.review.>", "spywire.story.v1.other.>"},
		}},
	}, {
		Name: StreamLedger, Description: "outcomes on their way to the ledger",
		Subjects:  []Subject{{"spywire.ledger.v1.{outcome}.{source}", "ledger", "a step in the life of a URL"}},
		Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, Share: 0.04, Batches: true,
		Readers: []Reader{{Durable: LedgerSink, Description: "keeps the ledger", AckWait: t.AckWait, MaxPending: 2000}},
	}, {
		Name: StreamDLQ, Description: "dead letters: the original bytes, why, and where they came from",
		Subjects:  []Subject{{"spywire.dlq.{stage}.{subject+}", "", "a message that a stage failed on again and again, or could not read"}},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxAge: 30 * day, Share: 0.02, Duplicates: t.Duplicates, Direct: true,
	}, bucket(BucketFeeds, "validators, interval and listed items of every feed", 0.10),
		bucket(BucketHosts, "robots.txt, pause and recently fetched pages of every host", 0.12)}
}

// bucket is a KV bucket as the JetStream clients expect one, but without direct get: a stale host state is a
// request too early.
func bucket(name, description string, share float64) Stream {
	return Stream{
		Name: "KV_" + name, Description: description, Bucket: name,
		Subjects:  []Subject{{"$KV." + name + ".{key}", "", "the value of a key"}},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew, MaxPerSubj: 1, Share: share,
	}
}

// reader is the row of a durable.
func reader(t Timings, d Durable) (Stream, Reader) {
	for _, s := range Topology(t) {
		for _, r := range s.Readers {
			if r.Durable == d {
				return s, r
			}
		}
	}
	return Stream{}, Reader{Durable: d}
}
