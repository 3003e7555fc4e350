// Package story holds the records that travel through spywire and the identity they share: a feed lists an
// Entry, the fetcher turns it into a Page, the parser a Page into an Article, the classifier an Article into
// a Story, and every stage accounts for what it did in Ledger entries. The package knows no transport: it
// imports the standard library only, and every other package speaks in its types.
//
// Records are JSON (encoding/json writes them, so the same record is the same bytes on any machine). Text is
// valid UTF-8 in NFC without NUL. Instants are UTC to the millisecond; only Published and Modified keep the
// offset the publisher stated. Offsets are bytes into the UTF-8 of the field they name.
package story

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// ID is the key of a record everywhere: the first 130 bits of the SHA-256 of the normalised URL as 26 lower
// case base32 characters (RFC 4648 alphabet, no padding), so that it is a NATS subject token as it stands.
type ID string

// idLength is 130 bits in characters of 5 bits: collisions stay negligible far beyond 10^15 URLs.
const idLength = 26

// NewID is the id of a URL that weburl.Normalize has brought into its normal form.
func NewID(normalURL string) ID {
	sum := sha256.Sum256([]byte(normalURL))
	return ID(strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20]))[:idLength])
}

// Valid reports whether the string has the form of an ID.
func (id ID) Valid() bool {
	if len(id) != idLength {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// Instant is t in UTC, cut to the millisecond, as every record holds it.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Ref says which record of which visit a message is about; it is what a stage needs to account for a failure.
type Ref struct {
	ID     ID
	Visit  int64 // milliseconds since 1970 of the queue entry, kept over retries
	URL    string
	Source string // Source.ID
}

// Record is what bus.Consume can settle: anything that can say what it is about.
type Record interface{ Ref() Ref }

// Source is the outlet that published a page. ID is the registrable domain with "_" for dots, a subject token.
type Source struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Country string `json:"country,omitempty"` // ISO 3166 alpha-2, upper case
	Trust   string `json:"trust,omitempty"`   // the feed list's grade: A (completely reliable) to E (unreliable), F (cannot be judged)
	Host    string `json:"host"`
}

// Item is what a feed said about a page. It is evidence (Source names the publisher of a syndicated item), a
// locator for the extractor, and the text of last resort.
type Item struct {
	GUID       string     `json:"guid,omitempty"`
	Title      string     `json:"title,omitempty"`
	Summary    string     `json:"summary,omitempty"` // HTML as the feed gave it
	Content    string     `json:"content,omitempty"` // HTML as the feed gave it
	Published  *time.Time `json:"published,omitempty"`
	Updated    *time.Time `json:"updated,omitempty"`
	Authors    []string   `json:"authors,omitempty"`
	SourceName string     `json:"source_name,omitempty"` // RSS <source>
	SourceURL  string     `json:"source_url,omitempty"`
	Categories []string   `json:"categories,omitempty"`
	Lang       string     `json:"lang,omitempty"` // as a news sitemap says it
}

// Credit is a claim in the page or the feed about where a text comes from, before anybody has judged it.
type Credit struct {
	Kind string `json:"kind"` // byline, wire, canonical, feed_source, link
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Article is a page with everything but the article taken away.
type Article struct {
	ID           ID         `json:"id"`
	Visit        int64      `json:"visit,omitempty"`
	ContentHash  string     `json:"content_hash"` // SHA-256 of title, NUL, text, in hex
	PageSeq      uint64     `json:"page_seq,omitempty"`
	URL          string     `json:"url"` // as listed
	CanonicalURL string     `json:"canonical_url"`
	Source       Source     `json:"source"`
	Title        string     `json:"title"`
	Text         string     `json:"text"` // paragraphs separated by a blank line
	TextFrom     string     `json:"text_from"`
	Lang         string     `json:"lang"` // ISO 639-1 where there is one, else 639-3; "und" if unknown
	Authors      []string   `json:"authors"`
	Published    *time.Time `json:"published,omitempty"`
	Modified     *time.Time `json:"modified,omitempty"`
	PageKind     PageKind   `json:"page_kind"`
	Truncated    bool       `json:"truncated,omitempty"`
	Credits      []Credit   `json:"credits,omitempty"`
	Image        string     `json:"image,omitempty"`        // absolute URL of the picture that the page shows for itself
	ImageCredit  string     `json:"image_credit,omitempty"` // whose picture it is, as printed
	Confidence   float64    `json:"confidence"`             // 0..1, of the extraction
	FetchedAt    time.Time  `json:"fetched_at"`
}

// Where the text of an article came from.
const (
	TextFromPage = "page"
	TextFromFeed = "feed"
)

// PageKind tells an article from the other things a news site serves.
type PageKind string

// The closed list of page kinds.
const (
	KindArticle  PageKind = "article"
	KindLiveBlog PageKind = "live_blog"
	KindIndex    PageKind = "index"
	KindTeaser   PageKind = "teaser"
	KindVideo    PageKind = "video"
)

// Ref implements Record.
func (a Article) Ref() Ref { return Ref{ID: a.ID, Visit: a.Visit, URL: a.URL, Source: a.Source.ID} }

// Field is the text that a Span's offsets count in: "title" or "text". The second result is false for any
// other name.
func (a Article) Field(name string) (string, bool) {
	switch name {
	case FieldTitle:
		return a.Title, true
	case FieldText:
		return a.Text, true
	}
	return "", false
}

// Rank says how a story relates to the beat; it is a token of its subject.
type Rank string

// The closed list of ranks.
const (
	RankPrimary Rank = "primary" // on the beat; every such story once, under its strongest category
	RankAlso    Rank = "also"    // the same story again under its second category; never stored
	RankReview  Rank = "review"  // the model is unsure
	RankOther   Rank = "other"   // off the beat; published only with sink.keep=all
)

// Kind says what a story does with the event it is about. Only events and follow-ups are worth an alert.
type Kind string

// The closed list of story kinds.
const (
	KindEvent      Kind = "event"
	KindFollowup   Kind = "followup"
	KindBackground Kind = "background"
	KindOpinion    Kind = "opinion"
)

// Story is an article that has been judged.
type Story struct {
	Article
	Rank        Rank               `json:"rank"`
	Kind        Kind               `json:"kind"`
	Labels      []Label            `json:"labels"` // strongest first; empty for rank other and review
	Scores      map[string]float64 `json:"scores"` // probability of every category, listed or not
	Country     string             `json:"country,omitempty"`
	Entities    []Entity           `json:"entities"`
	Events      []Event            `json:"events"`
	Origins     []Origin           `json:"origins"`
	Fingerprint string             `json:"fingerprint"` // 64-bit simhash of the text in hex
	Model       string             `json:"model"`
	Lexicon     string             `json:"lexicon"`             // hash of the word lists that were matched
	Watchlist   string             `json:"watchlist,omitempty"` // SHA-256 of the watchlists in use, in hex; empty without one
	Second      *Opinion           `json:"second,omitempty"`    // of a second stage, where the first was unsure and it was asked
}

// Opinion is what a second stage said of a story under review. Rank and labels follow it, but that nothing takes
// somebody on the watchlist off the beat.
type Opinion struct {
	Model   string `json:"model"`   // as the configuration names it
	Verdict string `json:"verdict"` // one of Verdicts
	Quotes  []Span `json:"quotes"`  // what an off_beat rests on; an on_beat's are the labels' evidence
}

// SecondReason begins the ledger's reason for a story that a second stage put off the beat; the model's name follows.
const SecondReason = "off the beat, says "

// What a second stage can say.
const (
	OnBeat  = "on_beat"
	OffBeat = "off_beat"
	Unsure  = "unsure"
)

// Verdicts is the closed list of what a second stage can say.
var Verdicts = []string{OnBeat, OffBeat, Unsure}

// Label is a category the story belongs to, and the words that decided it.
type Label struct {
	Category string    `json:"category"`
	Score    float64   `json:"score"`
	Subtypes []Subtype `json:"subtypes"`
	Evidence []Span    `json:"evidence"`
	Watched  bool      `json:"watched,omitempty"` // given because of a name on the watchlist, though the score is below the threshold
}

// Subtype is a finer label within a category.
type Subtype struct {
	Name  string  `json:"name"`
	Score float64 `json:"score"`
}

// Entity is a person, organisation, agency or place the text names. ID is a gazetteer key where there is one: a place's is
// "geonames:2643743" or, for a place that GeoNames lacks, "place:" and a word; an agency's is "agency:" and a word; a
// person's is as the watchlist has it, or "person:" and what all spellings of the name have in common.
type Entity struct {
	Type      string  `json:"type"`
	Name      string  `json:"name"`
	Canonical string  `json:"canonical"`
	ID        string  `json:"id,omitempty"`
	Country   string  `json:"country,omitempty"` // of an agency or a place: ISO 3166 alpha-2, upper case
	Lat       float64 `json:"lat,omitempty"`     // of a place, in degrees north (WGS 84); with Lon, both or neither
	Lon       float64 `json:"lon,omitempty"`     // in degrees east
	Spans     []Span  `json:"spans"`
	Watched   bool    `json:"watched,omitempty"` // it is on the watchlist; Canonical and ID are as written there
}

// Event is one thing that happened according to the text.
type Event struct {
	Type      string `json:"type"` // death, attempt, plot, arrest, expulsion, trial, swap
	Roles     Roles  `json:"roles"`
	Number    int    `json:"number,omitempty"`   // how many people an act befalls, where it is stated; the words are among Evidence
	Sentence  string `json:"sentence,omitempty"` // what a court gave, as written; it is among Evidence
	Manner    string `json:"manner,omitempty"`
	Certainty string `json:"certainty,omitempty"`
	Outcome   string `json:"outcome,omitempty"`
	Date      string `json:"date,omitempty"` // as exact as stated: 2024, 2024-02 or 2024-02-13
	Evidence  []Span `json:"evidence"`
	Doubt     []Span `json:"doubt,omitempty"` // what the text itself holds unsure: "some may have died of natural causes"
}

// Roles are who and where of an event, each filler with its spans. A death, an attempt and a plot have a victim; an arrest,
// an expulsion, a trial and a swap have a target.
type Roles struct {
	Victim  []Mention `json:"victim,omitempty"`
	Target  []Mention `json:"target,omitempty"`
	Actor   []Mention `json:"actor,omitempty"`
	Accuser []Mention `json:"accuser,omitempty"`
	Agency  []Mention `json:"agency,omitempty"`
	Place   []Mention `json:"place,omitempty"`
}

// Mention is the filler of a role. ID, Country, Lat and Lon are as those of an Entity.
type Mention struct {
	Name      string  `json:"name"`
	Canonical string  `json:"canonical,omitempty"`
	ID        string  `json:"id,omitempty"`
	Country   string  `json:"country,omitempty"`
	Lat       float64 `json:"lat,omitempty"`
	Lon       float64 `json:"lon,omitempty"`
	Spans     []Span  `json:"spans"`
}

// Origin is whom the text credits for what it reports. Canonical is the outlet table's name where it knows
// the outlet.
type Origin struct {
	Name      string `json:"name"`
	Canonical string `json:"canonical,omitempty"`
	Kind      string `json:"kind"` // outlet, agency, official, document, person
	Span      Span   `json:"span"`
}
