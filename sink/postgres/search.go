package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink/search"
)

var (
	_ search.Searcher = (*Store)(nil)
	_ search.Builder  = (*Store)(nil)
	_ search.Verifier = (*Store)(nil)
)

// place is where a story stands among the hits, which go from the latest instant and the greatest id down.
type place struct {
	at time.Time
	id story.ID
}

func (p place) String() string { return strconv.FormatInt(p.at.UnixMilli(), 36) + "." + string(p.id) }

// placeOf reads what String wrote.
func placeOf(s string) (place, error) {
	at, id, ok := strings.Cut(s, ".")
	ms, err := strconv.ParseInt(at, 36, 64)
	if !ok || err != nil || ms < 0 || ms > never.UnixMilli() || len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return r < '0' || r > 'z' }) {
		return place{}, fmt.Errorf("%w: %q is not where a page ended", search.ErrQuery, s)
	}
	return place{time.UnixMilli(ms).UTC(), story.ID(id)}, nil
}

// never is later than every story.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// planning has the server ask the index of terms, whatever it guesses, and gives it room for what that finds: where a list of
// rows does not fit it keeps pages instead, and then takes apart the terms of every story on them.
const planning = `SELECT set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 32 << 20) / 1024 || 'kB', true), ` + byKeys

// Search implements search.Searcher.
func (s *Store) Search(ctx context.Context, q search.Query) (page search.Page, err error) {
	clauses, err := q.Clauses()
	if err != nil {
		return page, err
	}
	limit, err := q.Count()
	if err != nil {
		return page, err
	}
	w := walk{clauses: clauses, query: terms(clauses), phrases: phrases{all: phrasesOf(clauses)}, from: q.Since, before: place{at: never}, limit: limit + 1}
	if !q.Until.IsZero() && q.Until.Before(never) {
		w.before.at = q.Until
	}
	if q.After != "" {
		after, err := placeOf(q.After)
		if err != nil {
			return page, err
		}
		if after.at.Before(w.before.at) {
			w.before = after
		}
	}
	err = s.snapshot(ctx, func(tx pgx.Tx) error {
		if w.paired, err = s.indexed(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, planning); err != nil {
			return err
		}
		if len(w.phrases.all) > 0 {
			if err := w.load(ctx, tx, w.from, w.before); err != nil {
				return err
			}
		}
		return w.run(ctx, tx)
	})
	if err != nil {
		return page, explain("search store "+s.name, err)
	}
	if len(w.found) > limit {
		w.found = w.found[:limit]
		page.Next = w.found[limit-1].place.String()
	}
	page.Hits = make([]search.Hit, 0, len(w.found))
	for _, f := range w.found {
		hit := search.Hit{When: f.place.at, Story: f.story}
		hit.Mark(clauses)
		page.Hits = append(page.Hits, hit)
	}
	return page, nil
}

// walk goes through a store from the newest story to the oldest until it has found enough.
type walk struct {
	clauses []search.Clause
	query   string // for the index
	phrases
	from   time.Time // no earlier ones
	before place     // no later ones
	limit  int
	found  []found
}

type found struct {
	place place
	story story.Story
}

// run looks into one era after another. Words that are frequent are found in the first; for rare ones it takes as many
// questions as there are lengths, and the index answers each by its rarest term. The next era is a longer one, unless that
// would have more than is still wanted, as far as the last one tells: the rows of an era are all read before it is known which are
// its newest.
func (w *walk) run(ctx context.Context, tx pgx.Tx) error {
	for level := 0; ; {
		var newest time.Time // eras in which there is nothing at all are passed over
		err := tx.QueryRow(ctx, `SELECT at FROM search_docs WHERE (at, id) < ($1, $2) AND at >= $3 ORDER BY at DESC LIMIT 1`,
			w.before.at, string(w.before.id), w.from).Scan((*instant)(&newest))
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		had := len(w.found)
		if err := w.era(ctx, tx, level, newest); err != nil || len(w.found) >= w.limit {
			return err
		}
		w.before = place{at: eraStart(level, newest)}
		if (len(w.found)-had)*eraGrowth < w.limit-len(w.found) {
			level = min(level+1, len(eraBits)-1)
		}
	}
}

// lookups is how many stories at least are read at once to see whether they have a phrase, and ahead is for how many the index
// is asked.
const (
	lookups = 20
	ahead   = 1000
)

// era looks into the era that an instant lies in, down from before.
func (w *walk) era(ctx context.Context, tx pgx.Tx, level int, at time.Time) error {
	from := eraStart(level, at)
	if from.Before(w.from) {
		from = w.from
	}
	if places, ok, err := w.within(ctx, tx, from, w.before, w.query); ok || err != nil {
		if err == nil {
			err = w.read(ctx, tx, places)
		}
		return err
	}
	// The outer conditions are kept from the index by OFFSET: it would be asked for all stories of the time, too. Of what must not
	// occur the index alone is no judge: while what is pending in it is moved to its place, by a vacuum or an insert, it may have
	// one word of a story and not yet another.
	const statement = `SELECT at, id FROM (SELECT at, id, terms FROM search_docs WHERE terms @@ $1::tsquery OFFSET 0) f
		WHERE (at, id) < ($2, $3) AND at >= $4 AND (NOT $6 OR terms @@ $1::tsquery) ORDER BY at DESC, id DESC LIMIT $5`
	query := "'" + eraOf(level, at) + "' & " + w.query
	bans := slices.ContainsFunc(w.clauses, func(c search.Clause) bool { return c.Not })
	for {
		most := w.limit - len(w.found)
		if search.HasPhrase(w.clauses) {
			most = ahead
		}
		rows, err := tx.Query(ctx, statement, query, w.before.at, string(w.before.id), from, most, bans)
		if err != nil {
			return err
		}
		places, err := pgx.CollectRows(rows, placed)
		if err != nil {
			return err
		}
		if err := w.read(ctx, tx, places); err != nil || len(w.found) >= w.limit || len(places) < most {
			return err
		}
		w.before = places[len(places)-1]
	}
}

// read looks at stories until enough are found.
func (w *walk) read(ctx context.Context, tx pgx.Tx, places []place) error {
	for len(places) > 0 && len(w.found) < w.limit {
		next := places[:min(len(places), max(lookups, w.limit-len(w.found)))]
		places = places[len(next):]
		if err := w.take(ctx, tx, next); err != nil {
			return err
		}
	}
	return nil
}

// take takes those of the stories that are as the phrases ask.
func (w *walk) take(ctx context.Context, tx pgx.Tx, places []place) error {
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = string(p.id)
	}
	if search.HasPhrase(w.clauses) {
		var err error
		if ids, err = w.agreeing(ctx, tx, ids); err != nil || len(ids) == 0 {
			return err
		}
	}
	rows, err := tx.Query(ctx, `SELECT id, record FROM stories WHERE id = ANY ($1::text[])`, ids)
	if err != nil {
		return err
	}
	records := make(map[story.ID]story.Story, len(ids))
	var id story.ID
	var record []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &record}, func() error {
		var st story.Story
		if err := json.Unmarshal(record, &st); err != nil {
			return fmt.Errorf("the stored record of %s: %w", id, err)
		}
		records[id] = st
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range places {
		if st, ok := records[p.id]; ok && len(w.found) < w.limit {
			w.found = append(w.found, found{p, st})
		}
	}
	return nil
}

// agreeing are those of the stories that have the phrases. Most have not, and their texts are quicker read than their records.
func (w *walk) agreeing(ctx context.Context, tx pgx.Tx, ids []string) (agree []string, err error) {
	rows, err := tx.Query(ctx, `SELECT id, lang, title, coalesce(text, '') FROM stories WHERE id = ANY ($1::text[])`, ids)
	if err != nil {
		return nil, err
	}
	var st story.Story
	_, err = pgx.ForEachRow(rows, []any{&st.ID, &st.Lang, &st.Title, &st.Text}, func() error {
		if search.Agrees(w.clauses, st) {
			agree = append(agree, string(st.ID))
		}
		return nil
	})
	return agree, err
}

// terms is clauses in the language of tsquery. Terms are in quotes, and none holds any, nor a backslash. What follows
// what is not in the index: of a phrase all words are asked for, and of one that must not occur none.
func terms(clauses []search.Clause) string {
	var all []string
	for _, c := range clauses {
		if c.Not && c.Phrase() {
			continue
		}
		mark := ""
		if c.Keys {
			mark = keyMark
		}
		var any []string
		for _, s := range c.Any {
			one := "'" + mark + strings.Join(s.Terms, "' & '"+mark) + "'"
			if s.Prefix {
				one += ":*"
			}
			any = append(any, "("+one+")")
		}
		not := ""
		if c.Not {
			not = "!"
		}
		all = append(all, not+"("+strings.Join(any, " | ")+")")
	}
	return strings.Join(all, " & ")
}
