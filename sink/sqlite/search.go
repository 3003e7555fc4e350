package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink/search"
)

var (
	_ search.Searcher = (*Store)(nil)
	_ search.Builder  = (*Store)(nil)
	_ search.Verifier = (*Store)(nil)
)

// Search implements search.Searcher. It reads the index from its newest end until the page is full.
func (s *Store) Search(ctx context.Context, q search.Query) (page search.Page, err error) {
	clauses, err := q.Clauses()
	if err != nil {
		return page, err
	}
	limit, err := q.Count()
	if err != nil {
		return page, err
	}
	from, before := int64(0), int64(math.MaxInt64)
	if !q.Since.IsZero() {
		from = docOf(q.Since)
	}
	if !q.Until.IsZero() {
		before = docOf(q.Until)
	}
	if q.After != "" {
		after, err := strconv.ParseInt(q.After, 36, 64)
		if err != nil {
			return page, fmt.Errorf("%w: %q is not where a page ended", search.ErrQuery, q.After)
		}
		before = min(before, after)
	}
	if err := s.indexed(ctx); err != nil {
		return page, err
	}
	type found struct {
		doc    int64
		record []byte
	}
	rows, err := collect(ctx, s.read, func(row scanner) (f found, err error) {
		return f, row.Scan(&f.doc, &f.record)
	}, `SELECT d.doc, s.record FROM search_index CROSS JOIN search_docs d ON d.doc = search_index.rowid
		CROSS JOIN stories s ON s.id = d.id
		WHERE search_index MATCH ? AND search_index.rowid >= ? AND search_index.rowid < ?
		ORDER BY search_index.rowid DESC LIMIT ?`, match(clauses), from, before, limit+1)
	if err != nil {
		return page, explain("search store "+s.path, err)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		page.Next = strconv.FormatInt(rows[limit-1].doc, 36)
	}
	page.Hits = make([]search.Hit, 0, len(rows))
	for _, r := range rows {
		var hit search.Hit
		if err := json.Unmarshal(r.record, &hit.Story); err != nil {
			return search.Page{}, fmt.Errorf("search store %s: a stored record: %w", s.path, err)
		}
		hit.When = search.When(hit.Story)
		hit.Mark(clauses)
		page.Hits = append(page.Hits, hit)
	}
	return page, nil
}

// indexed says why the index cannot be trusted.
func (s *Store) indexed(ctx context.Context) error {
	var analyzer, complete int
	if err := s.read.QueryRowContext(ctx, `SELECT analyzer, complete FROM search_state`).Scan(&analyzer, &complete); err != nil {
		return explain("search store "+s.path, err)
	}
	if analyzer != search.Version || complete == 0 {
		return fmt.Errorf("search store %s: %w: `spywire run` builds it when it starts", s.path, search.ErrBuilding)
	}
	return nil
}

// match is clauses in the query language of FTS5. Terms are in quotes, and none holds any.
func match(clauses []search.Clause) string {
	var must, not []string
	for _, c := range clauses {
		column, within := "words : ", " "
		if c.Keys {
			column, within = "keys : ", `" AND "`
		}
		var any []string
		for _, s := range c.Any {
			one := `"` + strings.Join(s.Terms, within) + `"`
			if s.Prefix {
				one += " *"
			}
			any = append(any, "("+one+")")
		}
		all := column + "(" + strings.Join(any, " OR ") + ")"
		if c.Not {
			not = append(not, all)
		} else {
			must = append(must, all)
		}
	}
	text := "(" + strings.Join(must, " AND ") + ")"
	if len(not) > 0 {
		text += " NOT (" + strings.Join(not, " OR ") + ")"
	}
	return text
}

// VerifySearch implements search.Verifier. Of every story it compares the digest of what was indexed; that the index has all words
// in their places it asks of one story of each page, and that it hangs together of the whole.
func (s *Store) VerifySearch(ctx context.Context, limit int, progress func(done int)) (faults []string, err error) {
	if err := s.indexed(ctx); err != nil {
		return nil, err
	}
	type held struct {
		id          story.ID
		record      []byte
		doc, digest *int64
		there       bool
	}
	done := 0
	for after := ""; ; {
		page, err := collect(ctx, s.read, func(row scanner) (h held, err error) {
			return h, row.Scan(&h.id, &h.record, &h.doc, &h.digest, &h.there)
		}, `SELECT s.id, s.record, d.doc, d.digest, EXISTS (SELECT 1 FROM search_index x WHERE x.rowid = d.doc)
			FROM stories s LEFT JOIN search_docs d ON d.id = s.id WHERE s.id > ? ORDER BY s.id LIMIT ?`, after, pageSize)
		if err != nil {
			return faults, explain("search store "+s.path, err)
		}
		for i, h := range page {
			after = string(h.id)
			if done++; progress != nil {
				progress(done)
			}
			var st story.Story
			switch err := json.Unmarshal(h.record, &st); {
			case err != nil:
				faults = append(faults, fmt.Sprintf("%s search: its record cannot be read: %v", h.id, err))
			case h.digest == nil || !h.there:
				faults = append(faults, fmt.Sprintf("%s search: is not in the index", h.id))
			case *h.digest != digest(search.NewDocument(st)):
				faults = append(faults, fmt.Sprintf("%s search: the index has another version of it", h.id))
			case i == 0:
				found, err := s.finds(ctx, *h.doc, search.NewDocument(st))
				if err != nil {
					return faults, err
				}
				if !found {
					faults = append(faults, fmt.Sprintf("%s search: the index does not find it by its words", h.id))
				}
			}
		}
		if len(faults) >= limit || len(page) < pageSize {
			break
		}
	}
	var says string
	if err := s.read.QueryRowContext(ctx, `PRAGMA integrity_check(search_index)`).Scan(&says); err != nil {
		return faults, explain("search store "+s.path, err)
	}
	if says != "ok" {
		faults = append(faults, "search_index search: "+says)
	}
	lost, err := collect(ctx, s.read, func(row scanner) (id string, err error) { return id, row.Scan(&id) },
		`SELECT id FROM search_docs d WHERE NOT EXISTS (SELECT 1 FROM stories s WHERE s.id = d.id)
		UNION ALL SELECT CAST(rowid AS TEXT) FROM search_index x WHERE NOT EXISTS (SELECT 1 FROM search_docs d WHERE d.doc = x.rowid)
		LIMIT ?`, limit)
	for _, id := range lost {
		faults = append(faults, id+" search: the index has it, stories does not")
	}
	return faults[:min(len(faults), limit)], explain("search store "+s.path, err)
}

// mostAsked is how many words of a story the index is asked for at once.
const mostAsked = 200

// finds reports whether the index finds a story by its first words, one after the other, and by its keys.
func (s *Store) finds(ctx context.Context, doc int64, d search.Document) (found bool, err error) {
	words := strings.Fields(d.Words)
	query := `words : "` + strings.Join(words[:min(len(words), mostAsked)], " ") + `" AND keys : "` + d.Keys + `"`
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM search_index WHERE search_index MATCH ? AND rowid = ?)`, query, doc).Scan(&found)
	return found, explain("search store "+s.path, err)
}
