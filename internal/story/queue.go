package story

import "time"

// Feed is one line of a feed list: where to look, and what is known about who publishes there.
type Feed struct {
	ID       ID            `json:"id"` // NewID of the normalised URL
	URL      string        `json:"url"`
	Title    string        `json:"title,omitempty"`
	Outlet   string        `json:"outlet,omitempty"` // name of the outlet
	Domain   string        `json:"domain,omitempty"` // the outlet's own domain, where the feed lives elsewhere
	Lang     string        `json:"lang,omitempty"`
	Country  string        `json:"country,omitempty"`
	Kind     string        `json:"kind,omitempty"`     // FeedPage, FeedSitemap, or empty for a feed
	Tags     []string      `json:"tags,omitempty"`     // folders and categories of the list, each a path such as "Europe/Baltics"
	Interval time.Duration `json:"interval,omitempty"` // fixed poll interval; 0 adapts
	Delay    time.Duration `json:"delay,omitempty"`    // pause between requests at its site, where longer than the configured one
	Trust    string        `json:"trust,omitempty"`    // how reliable the source is held to be, A (always) to F (cannot be judged)
	Secret   string        `json:"secret,omitempty"`   // path of the file with the headers its host wants
	Disabled string        `json:"disabled,omitempty"` // why it is not polled
}

// Kinds of source besides a feed.
const (
	FeedPage    = "page"    // a web page, whose feed is sought for and polled in its place
	FeedSitemap = "sitemap" // a sitemap, or a robots.txt that names sitemaps
)

// Wake is when a feed that has no schedule yet is due for the first time.
type Wake struct {
	Feed ID
	At   time.Time
}

// Priority orders what waits for a host: polls before pages before backfill. It is a subject token.
type Priority int

// The priorities, most urgent first.
const (
	PriorityPoll     Priority = 0
	PriorityPage     Priority = 1
	PriorityBackfill Priority = 2
)

// Entry is one request that waits for its host's token. A redirect to another host becomes an entry there,
// with the same id and visit.
type Entry struct {
	ID       ID       `json:"id"`
	Visit    int64    `json:"visit"` // ms; the time it was first queued
	Priority Priority `json:"priority"`
	URL      string   `json:"url"`    // what to request now
	Listed   string   `json:"listed"` // the URL as listed: the identity of the record
	Source   Source   `json:"source"`
	Feed     string   `json:"feed,omitempty"` // URL of the feed that listed it
	Item     *Item    `json:"item,omitempty"`
	Hops     int      `json:"hops,omitempty"`    // redirects followed so far
	Attempt  int      `json:"attempt,omitempty"` // failures so far
	Revisit  bool     `json:"revisit,omitempty"` // fetch although the host's ring has it: the feed says it changed
	Since    int64    `json:"since,omitempty"`   // ms; of a revisit: nothing that is older than this is wanted
	Part     int      `json:"part,omitempty"`    // of a poll: a sitemap so many levels below the index that the list names
	Sought   bool     `json:"sought,omitempty"`  // of a poll: URL is where the feed of a web page may be
	Try      []string `json:"try,omitempty"`     // addresses to try after it
	Tried    []string `json:"tried,omitempty"`   // addresses tried, this one included
	Robots   bool     `json:"robots,omitempty"`  // of a poll: URL is where the robots.txt of another host redirects to
	Hub      *HubCall `json:"hub,omitempty"`     // of a poll: URL is a WebSub hub, and this is what it is asked for
	Trace    string   `json:"trace,omitempty"`   // W3C traceparent of the poll that listed it
}

// HubCall is a request to a WebSub hub.
type HubCall struct {
	Mode  string `json:"mode"` // subscribe or unsubscribe
	Feed  ID     `json:"feed"`
	Topic string `json:"topic"`
}

// Ref implements Record.
func (e Entry) Ref() Ref { return Ref{ID: e.ID, Visit: e.Visit, URL: e.Listed, Source: e.Source.ID} }

// HostState is what every replica must know before it talks to a host. Only the holder of the host's token
// writes it.
type HostState struct {
	Host      string        `json:"host"` // weburl.HostToken
	NotBefore time.Time     `json:"not_before"`
	Delay     time.Duration `json:"delay,omitempty"`    // Crawl-delay; 0 is the configured pause
	Failures  int           `json:"failures,omitempty"` // of the host as a whole, in a row, for the back-off
	Since     time.Time     `json:"since,omitzero"`     // the first of those failures
	Trouble   string        `json:"trouble,omitempty"`  // the last of them, for a person
	Polls     int           `json:"polls,omitempty"`    // turns in a row that were polls
	// Walls are pages in a row that a bot wall stood before; until WallUntil no other is tried.
	Walls     int       `json:"walls,omitempty"`
	WallUntil time.Time `json:"wall_until,omitzero"`
	// Rules are the host's robots.txt by scheme: http and https are two sites with one token (RFC 9309 section 2.3).
	Rules map[string]*RobotsState `json:"rules,omitempty"`
	// Lent are files of the host, by URL, to which the robots.txt of other hosts redirect.
	Lent map[string]*RobotsState `json:"lent,omitempty"`
	// Seen is a ring of the first 8 bytes of the SHA-256 of the ids fetched last, oldest first.
	Seen []byte `json:"seen,omitempty"`
	// Edits is a ring of pages fetched again, oldest first: the same 8 bytes, 6 of a hash of what the feed said, and
	// the second in 4 bytes, big endian.
	Edits []byte `json:"edits,omitempty"`
}

// RobotsState is a host's robots.txt as RFC 9309 wants it remembered.
type RobotsState struct {
	FetchedAt time.Time `json:"fetched_at"`
	// Verdict is "rules" (obey Body), "allow" (4xx: no restrictions) or "deny" (5xx or unreachable: complete disallow).
	Verdict string        `json:"verdict"`
	Body    string        `json:"body,omitempty"` // the groups that apply to us, verbatim
	GoodAt  time.Time     `json:"good_at"`        // when Body was last confirmed by the host
	Status  int           `json:"status,omitempty"`
	Delay   time.Duration `json:"delay,omitempty"` // Crawl-delay
	// The validators of the file at From, to ask for it again.
	From         string `json:"from,omitempty"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	// Next is where the file is to be read next: it was asked for at NextAt, and that many redirects have led there so far. Empty
	// where nothing is under way.
	Next   string    `json:"next,omitempty"`
	Hops   int       `json:"hops,omitempty"`
	NextAt time.Time `json:"next_at,omitzero"`
}

// FeedState is what a feed's next poll needs to know about the last.
type FeedState struct {
	ID           ID                `json:"id"`
	URL          string            `json:"url"`            // after adopted moves
	From         string            `json:"from,omitempty"` // the URL that gave the validators below
	ETag         string            `json:"etag,omitempty"`
	LastModified string            `json:"last_modified,omitempty"`
	BodyHash     string            `json:"body_hash,omitempty"`
	Items        map[ID]string     `json:"items,omitempty"`       // items still listed: id -> short hash of what the feed says of it
	Found        string            `json:"found,omitempty"`       // the feed of the web page that the list names; the page itself while none is
	Parts        map[string]int64  `json:"parts,omitempty"`       // sitemaps of an index: the second it says each changed; where it does not, the negated second each was last asked for
	PartFaults   map[string]string `json:"part_faults,omitempty"` // why sitemaps of an index cannot be read
	Moves        map[string]int    `json:"moves,omitempty"`       // permanent redirect targets and how often each was seen
	MovedSince   time.Time         `json:"moved_since,omitzero"`
	Hop          string            `json:"hop,omitempty"` // where the feed's address redirects to, good until HopUntil
	HopUntil     time.Time         `json:"hop_until,omitzero"`
	Interval     time.Duration     `json:"interval,omitempty"`   // between polls when all is well
	Every        time.Duration     `json:"every,omitempty"`      // of the schedule as it was last put; 0 if that is not known
	FreshUntil   time.Time         `json:"fresh_until,omitzero"` // the server's word: nothing new before, or do not ask before
	State        string            `json:"state"`                // ok, not_modified, empty, html, gone, …: see fetcher
	Reason       string            `json:"reason,omitempty"`
	Failures     int               `json:"failures,omitempty"` // in a row
	PolledAt     time.Time         `json:"polled_at,omitzero"`
	NextPoll     time.Time         `json:"next_poll,omitzero"`
	LastItem     time.Time         `json:"last_item,omitzero"`  // when something new was last listed
	Newest       time.Time         `json:"newest,omitzero"`     // date of the latest item
	ChangedAt    time.Time         `json:"changed_at,omitzero"` // when the answer was last other than the one before
	Gap          time.Duration     `json:"gap,omitempty"`       // median time between the latest items
	LongestGap   time.Duration     `json:"longest_gap,omitempty"`
	Listed       int               `json:"listed,omitempty"` // items in the document, as last read
	Hints        map[string]string `json:"hints,omitempty"`  // ttl, skipHours, updatePeriod and the like as the feed stated them; hub is all its hubs
}

// Turn is one leased chance to talk to a host: the host's state, and the entry that is next.
type Turn struct {
	Host  string
	State HostState
	Entry Entry
	// Deadline is when the lease ends less a margin: no request may still run after it.
	Deadline time.Time
}

// TurnResult is the verdict of a turn: what the frontier does with the entry and the token once the effects are durable.
type TurnResult struct {
	State HostState     // written back under compare-and-set
	Done  bool          // the entry is settled or handed on; false leaves it next in line
	Pause time.Duration // before anybody may talk to the host again
}
