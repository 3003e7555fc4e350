package main

import (
	"testing"
	"time"

	"github.com/spywire/spywire/internal/newsroom"
)

// An item is as fresh as the first poll after its appearance and the first request for its page; what nobody asked for is
// counted apart.
func TestFreshness(t *testing.T) {
	noon := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	at := func(seconds int, agent, path string) newsroom.Request {
		return newsroom.Request{Start: noon.Add(time.Duration(seconds) * time.Second), Host: "load01.localhost", Path: path, UserAgent: agent}
	}
	item := func(path string, seconds int) newsroom.Expectation {
		return newsroom.Expectation{Host: "load01.localhost", URL: "http://load01.localhost" + path, Feeds: []string{"http://load01.localhost/feed"},
			Appears: noon.Add(time.Duration(seconds) * time.Second)}
	}
	requests := []newsroom.Request{
		at(0, "a", "/feed"), at(10, "a", "/feed"), at(11, "a", "/1"), at(12, "a", "/1"), at(20, "a", "/feed"), at(23, "a", "/2"), at(1, "b", "/1"), at(9, "b", "/feed"),
	}
	expected := []newsroom.Expectation{item("/0", -5), item("/1", 4), item("/2", 15), item("/3", 16)}
	f := freshOf(requests, expected, "a", noon)
	if want := (Freshness{Reader: "a", Seen: waits{6, 6}, Page: waits{8, 8}, Gap: waits{3, 3}, Items: 2, Missed: 1}); f != want {
		t.Errorf("%+v, want %+v", f, want)
	}
}
