package sink

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spywire/spywire/internal/story"
)

// checkStory says why a story can never be stored, or gives it with its JSON. Evidence that does not reproduce
// is a reason: nothing is claimed in the store without it.
func checkStory(s story.Story) (prepared, error) {
	bad := func(format string, args ...any) (prepared, error) {
		return prepared{}, fmt.Errorf("story %q of %q: %w", s.ID, s.URL, fmt.Errorf(format, args...))
	}
	switch s.Rank {
	case story.RankAlso:
		return prepared{Story: s}, nil // never stored
	case story.RankPrimary, story.RankReview, story.RankOther:
	default:
		return bad("%q is not a rank", s.Rank)
	}
	switch {
	case !s.ID.Valid():
		return bad("not an id")
	case s.URL == "":
		return bad("has no url")
	case s.ContentHash == "":
		return bad("has no content hash")
	}
	if err := errors.Join(checkTime("fetched_at", s.FetchedAt), checkTime("published", deref(s.Published))); err != nil {
		return bad("%w", err)
	}
	if faults := s.Verify(); len(faults) > 0 {
		return bad("%d claims without evidence that holds: %w", len(faults), faults[0])
	}
	record, err := json.Marshal(s)
	if err != nil {
		return bad("write its record: %w", err)
	}
	if err := checkJSON(record); err != nil {
		return bad("%w", err)
	}
	return prepared{s, record}, nil
}

// checkEntry says why a ledger entry can never be stored, or gives it as it is stored.
func checkEntry(e story.LedgerEntry) (story.LedgerEntry, error) {
	bad := func(format string, args ...any) (story.LedgerEntry, error) {
		return e, fmt.Errorf("ledger entry of %q, %q: %w", e.ID, e.URL, fmt.Errorf(format, args...))
	}
	switch {
	case !e.ID.Valid():
		return bad("not an id")
	case !e.Outcome.Valid():
		return bad("%q is not an outcome", e.Outcome)
	case e.Stage == "":
		return bad("has no stage")
	case e.Into != "" && !e.Into.Valid():
		return bad("merged into %q, which is not an id", e.Into)
	case e.Outcome == story.Merged && e.Into == "":
		return bad("merged into nothing")
	}
	for _, text := range []string{e.URL, e.Source, string(e.Stage), e.Reason, e.Feed} {
		if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
			return bad("%q is not UTF-8 without NUL", text)
		}
	}
	if err := checkTime("at", e.At); err != nil {
		return bad("%w", err)
	}
	e.At = story.Instant(e.At)
	return e, nil
}

// checkTime refuses what RFC 3339 cannot write.
func checkTime(name string, t time.Time) error {
	if y := t.UTC().Year(); y < 0 || y > 9999 {
		return fmt.Errorf("%s is in the year %d", name, y)
	}
	return nil
}

func deref(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// checkJSON looks for the escapes under which encoding/json writes NUL and bytes that are not UTF-8. No database
// gives the first back unharmed, and the second would move every offset behind it.
func checkJSON(record []byte) error {
	for rest := record; ; {
		i := bytes.IndexByte(rest, '\\')
		if i < 0 || i+6 > len(rest) {
			return nil
		}
		switch string(rest[i : i+6]) {
		case `\u0000`:
			return errors.New("its text contains NUL")
		case `\ufffd`:
			return errors.New("its text is not valid UTF-8")
		}
		rest = rest[i+2:]
	}
}
