package sinktest

import (
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

func testPoison(t *testing.T, store sink.Store) {
	far := time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	spoil := []func(*story.Story){
		func(s *story.Story) { s.ID = "no id" },
		func(s *story.Story) { *s = WithText(*s, "NUL", "before \x00 after") },
		func(s *story.Story) { *s = WithText(*s, "bytes", "before \xff after") },
		func(s *story.Story) { s.Rank = "best" },
		func(s *story.Story) { s.URL = "" },
		func(s *story.Story) { s.ContentHash = "" },
		func(s *story.Story) { s.Published = &far },
		func(s *story.Story) { s.Labels[0].Evidence[0].Quote = "never said" },
		func(s *story.Story) { s.Labels[0].Evidence = nil },
	}
	var batch []story.Story
	for n, f := range spoil {
		bad := Story(100 + n)
		f(&bad)
		err := newSink(store).Stories(t.Context(), []story.Story{bad})
		if v := fault.Of(err); v.Action != fault.Settle || v.Outcome != string(story.DeadLetter) {
			t.Errorf("poison %d alone: %v", n, err)
		}
		batch = append(batch, Story(n), bad)
	}
	err := newSink(store).Stories(t.Context(), batch)
	if err == nil || fault.Of(err).Action == fault.Settle {
		t.Fatalf("a batch with poison in it: %v", err)
	}
	for n := range spoil {
		stored(t, store, Story(n).ID)
	}
	for n, bad := range []story.LedgerEntry{
		{ID: "no id", Stage: story.StageParser, Outcome: story.NoText},
		Entry(1, story.StageParser, "lost"),
		Entry(1, story.StageParser, story.Merged),
		Entry(1, "", story.NoText),
	} {
		if err := newSink(store).Ledger(t.Context(), []story.LedgerEntry{bad}); fault.Of(err).Action != fault.Settle {
			t.Errorf("poison entry %d: %v", n, err)
		}
	}
}

func testText(t *testing.T, store sink.Store) {
	for n, text := range []string{
		"Ünïcödé, 中文, 한국어, العربية, emoji 🕵️, combining e\u0301",
		"quotes ' \" ` \\ \\u0000 \\ufffd \ufffd % ? ; -- <b>&amp;</b>\u2028\r\n\ttabs",
		strings.Repeat("A long text. ", 60_000),
	} {
		s := WithText(Story(n), text, text)
		put(t, store, s)
		v, got := stored(t, store, s.ID)
		if v.Text != text || got.Text != text || v.Title != text {
			t.Errorf("text %d came back as %.80q", n, v.Text)
		}
	}
}
