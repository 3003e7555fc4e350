package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
	"github.com/spywire/spywire/sink/sinktest"
)

// evidence is a store with something of everything: 1 has three versions, 2 is under review, 3 off the beat but kept,
// 4 was merged into 5, 6 was gone when it was visited again, 7 was not found, 8 is forgotten, 9 is ahead of its listing.
func evidence(t *testing.T, path string) {
	t.Helper()
	store := mustOpen(t, path)
	defer store.Close()
	s := sink.New(store, sink.Options{Now: func() time.Time { return sinktest.Story(60).FetchedAt }})
	published := sinktest.Story(0).FetchedAt.Add(-time.Hour)
	first := sinktest.Story(1)
	first.Published = &published
	edit := func(title string, minute int) story.Story {
		return sinktest.At(sinktest.WithText(first, title, "Text of "+title), minute)
	}
	review, other, gone := sinktest.Story(2), sinktest.Story(3), sinktest.Story(6)
	review.Rank, review.Labels = story.RankReview, nil
	other.Rank, other.Labels = story.RankOther, nil
	gone.Rank = story.RankReview
	goneLater := sinktest.Entry(6, story.StageFetcher, story.Gone)
	goneLater.Visit, goneLater.At = goneLater.Visit+60_000, goneLater.At.Add(time.Minute)
	merged := sinktest.Entry(4, story.StageParser, story.Merged)
	merged.Into = sinktest.Story(5).ID
	var entries []story.LedgerEntry
	for n := 1; n <= 8; n++ {
		if n != 5 {
			entries = append(entries, sinktest.Entry(n, story.StageFetcher, story.Listed))
		}
	}
	entries = append(entries, merged, goneLater, sinktest.Entry(7, story.StageFetcher, story.NotFound),
		sinktest.Entry(8, story.StageSink, story.Forgotten))
	for _, err := range []error{
		s.Stories(t.Context(), []story.Story{first, edit("Edited", 20), edit("Edited again", 30), review, other, sinktest.Story(5), gone, sinktest.Story(9)}),
		s.Ledger(t.Context(), entries),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestVerifyTampered changes a store behind its back. Verify names every id that was touched, no other, and what does
// not hold. In the statements {n} is the id of the story of that number.
func TestVerifyTampered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "whole.db")
	evidence(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	var quoted []string
	for n := range 20 {
		id := string(sinktest.Story(n).ID)
		ids[id] = n
		quoted = append(quoted, fmt.Sprintf("{%d}", n), "'"+id+"'")
	}
	for _, c := range []struct{ sql, faults string }{ // one "number claim" per line and fault
		{``, ``},
		// Evidence and text.
		{`UPDATE stories SET record = replace(record, '"text":"The man', '"text":"Any man') WHERE id = {9}`,
			"9 label defector_death: span text[0:3] is \"Any\"\n9 content hash: is"},
		{`UPDATE stories SET record = replace(record, 'years', 'weeks') WHERE id = {2}`, "2 content hash: is"},
		{`UPDATE story_versions SET record = replace(record, 'years', 'weeks') WHERE id = {1} AND version = 1`, "1 content hash: is"},
		{`UPDATE story_versions SET content_hash = 'x' WHERE id = {2}`, "2 versions: content hash x differs"},
		{`UPDATE story_versions SET record = NULL WHERE id = {1} AND version = 2`, "1 record: there is none"},
		{`UPDATE story_versions SET record = '{"id":' WHERE id = {1} AND version = 2`, "1 record: unexpected end"},
		{`UPDATE stories SET record = replace(record, id, {3}) WHERE id = {2}`, "2 record: is that of"},
		{`UPDATE story_versions SET record = (SELECT record FROM stories WHERE id = {5}) WHERE id = {2}`,
			"2 record: is that of\n2 outcome: rank primary, but no event of visit\n2 record: stories and versions have different ones\n2 columns: rank, url\n" +
				"2 versions: was not last seen\n2 labels: []"},
		// Columns and labels.
		{`UPDATE stories SET rank = 'review' WHERE id = {1}`, "1 columns: rank differ"},
		{`UPDATE stories SET kind = 'opinion' WHERE id = {1}`, "1 columns: kind differ"},
		{`UPDATE stories SET url = 'https://other.example/', source = 'other_example' WHERE id = {1}`, "1 columns: url, source differ"},
		{`UPDATE stories SET lang = 'ru', country = '' WHERE id = {1}`, "1 columns: lang, country differ"},
		{`UPDATE stories SET category = 'none', score = 0.9 WHERE id = {1}`, "1 columns: category, score differ"},
		{`UPDATE stories SET category = 'defector_death' WHERE id = {3}`, "3 columns: category differ"},
		{`UPDATE stories SET score = 'high' WHERE id = {1}`, "1 columns: score differ"},
		{`UPDATE stories SET title = 'Other' WHERE id = {1}`, "1 columns: title differ"},
		{`UPDATE stories SET published = NULL WHERE id = {1}`, "1 columns: published differ"},
		{`UPDATE stories SET published = 'lately' WHERE id IN ({1}, {2})`, "1 columns: published differ\n2 columns: published differ"},
		{`UPDATE stories SET fetched_at = stored_at, stored_at = fetched_at WHERE id = {1}`, "1 columns: fetched_at, stored_at differ"},
		{`DELETE FROM story_labels`, "1 labels: [], but\n5 labels: []\n6 labels: []\n9 labels: []"},
		{`UPDATE story_labels SET score = 0.5 WHERE id = {1} AND subtype = 'killing'`, "1 labels: [defector_death 0.91, defector_death/abroad 0.61, defector_death/killing 0.5]"},
		{`INSERT INTO story_labels VALUES ({2}, 'defector_death', '', 0.9)`, "2 labels: [defector_death 0.9]"},
		{`INSERT INTO story_labels VALUES ({7}, 'defector_death', '', 0.9)`, "7 stories: has no row"},
		// Versions.
		{`DELETE FROM story_versions WHERE (id = {1} AND version = 2) OR id = {2}`, "1 versions: number 2 is missing\n2 versions: number 1 is missing"},
		{`DELETE FROM story_versions WHERE id = {1} AND version < 3`, "1 versions: numbers 1 to 2 are missing"},
		{`DELETE FROM story_versions WHERE id = {1} AND version = 3`, "1 versions: number 3 is missing"},
		{`UPDATE stories SET version = 2 WHERE id = {1}`, "1 stories: has version 2, but there is a version 3\n1 record: there is none\n1 columns: title\n1 record: stories and versions"},
		{`UPDATE story_versions SET version = 0 WHERE id = {2}`, "2 versions: 0 is not\n2 versions: number 1 is missing\n2 record: there is none"},
		{`UPDATE story_versions SET last_visit = last_visit + 9999999 WHERE id = {1} AND version = 1`, "1 versions: begins before"},
		{`UPDATE story_versions SET visit = visit + 9999999 WHERE id = {2}`, "2 versions: ends before it begins"},
		{`UPDATE story_versions SET last_fetched_at = '2026-03-02T00:00:00.000Z' WHERE id = {2}`, "2 versions: was not last seen"},
		{`UPDATE story_versions SET stored_at = 'once' WHERE id = {2}`, "2 columns: stored_at differ"},
		// Stories and outcomes.
		{`DELETE FROM stories WHERE id IN ({1}, {2}, {3}, {6}, {9})`, "1 stories: has no row, but there are 3 versions and 3 labels\n2 stories: has no row\n3 stories: has no row\n6 stories: has no row\n9 stories: has no row"},
		{`PRAGMA foreign_keys = ON; DELETE FROM stories WHERE id IN ({1}, {2}, {3}, {6}, {9})`,
			"1 stories: has no row, but the ledger says stored of the sink\n2 stories: has no row, but the ledger says review\n" +
				"3 stories: has no row, but the ledger says not_relevant\n6 stories: has no row, but the ledger says review\n9 stories: has no row"},
		{`UPDATE ledger SET outcome = 'forgotten' WHERE id = {2}`, "2 outcome: forgotten, but still stored\n2 ledger: says forgotten"},
		{`DELETE FROM ledger WHERE id IN ({1}, {7})`, "1 ledger: has no current outcome, by its events it is stored\n1 outcome: the ledger has none\n7 ledger: has no current outcome, by its events it is not_found"},
		{`DELETE FROM ledger WHERE id = {2}; DELETE FROM ledger_events WHERE id = {2}`, "2 outcome: the ledger has none"},
		// The ledger.
		{`DELETE FROM ledger_events WHERE id IN ({2}, {7}, {8})`, "2 ledger: says review, but has no event\n7 ledger: says not_found, but has no event\n8 ledger: says forgotten, but has no event"},
		{`UPDATE ledger SET outcome = 'frobnicated' WHERE id = {7}`, "7 ledger: outcome \"frobnicated\" is not in the closed list\n7 ledger: says frobnicated of the fetcher"},
		{`UPDATE ledger_events SET outcome = 'frobnicated' WHERE id = {7} AND outcome = 'not_found'`, "7 ledger event: outcome \"frobnicated\"\n7 ledger: says not_found"},
		{`UPDATE ledger SET stage = 'desk' WHERE id = {7}`, "7 ledger: \"desk\" is not a stage\n7 ledger: says not_found of the desk"},
		{`UPDATE ledger SET outcome = 'gone' WHERE id = {7}`, "7 ledger: says gone of the fetcher at 2026-03-01T12:07:00Z, but by its events it is not_found"},
		{`UPDATE ledger SET outcome = 'no_text' WHERE id = {1}`, "1 ledger: says no_text of the sink"},
		{`UPDATE ledger SET reason = 'none' WHERE id = {1}`, "1 ledger: says stored"},
		{`UPDATE ledger SET into_id = {7} WHERE id = {4}`, "4 ledger: says merged"},
		{`UPDATE ledger SET at = 'never' WHERE id = {7}`, "7 ledger: not_found has no instant\n7 ledger: says not_found"},
		{`UPDATE ledger SET visit = 'never' WHERE id = {7}`, "7 ledger: says not_found"},
		{`UPDATE ledger SET outcome = 'listed' WHERE id = {2}; DELETE FROM ledger_events WHERE id = {2} AND stage = 'sink'`,
			"2 ledger: says listed of the sink\n2 outcome: rank review, but no event of visit 1772366520000 says review"},
		{`UPDATE ledger SET outcome = 'gone', stage = 'fetcher' WHERE id = {2}; UPDATE ledger_events SET outcome = 'gone', stage = 'fetcher' WHERE id = {2} AND stage = 'sink'`,
			"2 outcome: rank review"},
		{`DELETE FROM ledger_events WHERE outcome = 'listed' AND id IN ({7}, {6})`, "6 ledger: says gone since 2026-03-01T12:07:00Z, but it was never listed\n7 ledger: says not_found since"},
		{`DELETE FROM ledger_events WHERE id = {4}`, "4 ledger: says merged, but has no event"}, // 5 is early then
	} {
		path := filepath.Join(t.TempDir(), "s.db")
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		raw(t, path, strings.NewReplacer(quoted...).Replace(c.sql)).Close()
		store, err := OpenReadOnly(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		report, err := sink.Verify(t.Context(), store, nil)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
		}
		want := strings.FieldsFunc(c.faults, func(r rune) bool { return r == '\n' })
		for _, f := range report.Faults {
			text := fmt.Sprintf("%d %s", ids[string(f.ID)], f.Claim)
			if i := slices.IndexFunc(want, func(w string) bool { return strings.HasPrefix(text, w) }); i >= 0 {
				want = slices.Delete(want, i, i+1)
				continue
			}
			t.Errorf("%s: %s", c.sql, text)
		}
		if len(want) > 0 || report.OK() != (c.faults == "") {
			t.Errorf("%s: missed %q", c.sql, want)
		}
		if c.sql == "" && (report.Stories != 6 || report.Versions != 8 || report.Account.Early != 1 || report.Account.Reached != 1 || report.Account.Listed != 7) {
			t.Errorf("whole: %+v", report)
		}
		store.Close()
	}
}
