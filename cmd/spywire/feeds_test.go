package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// oddWeb is a feed list whose feeds are each in a state of their own, and the web that it names.
func oddWeb(t *testing.T) (list, connectTo string) {
	t.Helper()
	feed := func(age time.Duration) string {
		var b strings.Builder
		b.WriteString(`<rss version="2.0"><channel><title>x</title>`)
		for i := range 10 {
			fmt.Fprintf(&b, "<item><title>%d</title><link>mailto:%d</link><pubDate>%s</pubDate></item>", i, i, time.Now().Add(-age-time.Duration(i)*time.Hour).Format(time.RFC1123Z))
		}
		return b.String() + "</channel></rss>"
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Host + r.URL.Path {
		case "fresh.localhost/rss":
			fmt.Fprint(w, feed(time.Minute))
		case "stale.localhost/rss":
			fmt.Fprint(w, feed(60*24*time.Hour))
		case "moved.localhost/rss":
			http.Redirect(w, r, "http://fresh.localhost/rss", http.StatusMovedPermanently)
		case "wall.localhost/rss":
			w.Header().Set("Cf-Mitigated", "challenge")
			w.WriteHeader(http.StatusForbidden)
		case "closed.localhost/robots.txt":
			fmt.Fprint(w, "User-agent: *\nDisallow: /")
		case "gone.localhost/rss":
			w.WriteHeader(http.StatusGone)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(site.Close)
	list = filepath.Join(t.TempDir(), "odd.yaml")
	text := "feeds:\n- {url: http://off.localhost/rss, outlet: Off, disabled: the licence ran out}\n"
	for _, host := range []string{"fresh", "stale", "moved", "wall", "closed", "gone", "none"} {
		text += fmt.Sprintf("- {url: http://%s.localhost/rss, outlet: \"The 防波堤 %s and Harbour Advertiser\", lang: en}\n", host, host)
	}
	if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return list, "*.localhost=" + site.Listener.Addr().String()
}

var oddStates = map[string]string{
	"off": fetcher.StateDisabled, "fresh": fetcher.StateOK, "stale": fetcher.StateStale, "moved": fetcher.StateMoved, "wall": fetcher.StateBotWall,
	"closed": fetcher.StateRobots, "gone": fetcher.StateGone, "none": fetcher.StateNotFound,
}

// feeds check asks every feed once and tells how each is, what is wrong with it and what to do.
func TestFeedsCheck(t *testing.T) {
	list, connectTo := oddWeb(t)
	run := func(flags ...string) string {
		t.Helper()
		var out, errOut bytes.Buffer
		args := append([]string{"feeds", "check", "--set", "fetch.connect_to=" + connectTo, "--set", "fetch.host_delay=1ms", "--set", "data_dir=" + t.TempDir()}, flags...)
		if code := execute(t.Context(), append(args, list), strings.NewReader(""), &out, &errOut); code != 1 || !strings.Contains(errOut.String(), "4 of 8 feeds give no items") {
			t.Fatalf("exit code %d: %s", code, errOut.String())
		}
		return out.String()
	}
	text := run()
	for _, want := range []string{"STATE", "RHYTHM", "bot_wall · 1 feed", "To do: take it out of the list", "nothing new for 60 days", "the licence ran out", "8 feeds: 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	var reports []fetcher.Report
	if err := json.Unmarshal([]byte(run("--json")), &reports); err != nil || len(reports) != len(oddStates) {
		t.Fatalf("%d reports: %v", len(reports), err)
	}
	for _, r := range reports {
		host, _, _ := strings.Cut(bare(r.URL), ".")
		if r.State != oddStates[host] || r.State != fetcher.StateOK && r.Reason == "" {
			t.Errorf("%+v", r)
		}
	}
	if lines := strings.Split(strings.TrimSpace(run("--jsonl")), "\n"); len(lines) != len(oddStates) || !json.Valid([]byte(lines[0])) {
		t.Errorf("%q", lines)
	}
	// In a terminal of any width no line of the table is longer, and columns stand below one another.
	for _, columns := range []int{80, 140} {
		var out bytes.Buffer
		if err := checkTable(&out, reports, columns); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if ansi.StringWidth(line) > columns {
				t.Errorf("%d columns: %q", ansi.StringWidth(line), line)
			}
		}
	}
}

// feeds list tells what the polls of a running instance have told.
func TestFeedsList(t *testing.T) {
	list, connectTo := oddWeb(t)
	cfg := config.Defaults()
	cfg.DataDir, cfg.Listen = t.TempDir(), "127.0.0.1:0"
	cfg.Fetch.HostDelay, cfg.Fetch.ConnectTo = time.Millisecond, []string{connectTo}
	feeds, err := feedlist.Open(feedlist.Source{Name: list})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended, up := make(chan error, 1), make(chan struct{})
	go func() {
		ended <- app.Run(ctx, app.Options{Config: cfg, Feeds: feeds, Targets: []app.Target{"fetcher"}, Timings: bus.FastTimings(), Ready: func(context.Context, *app.Instance) { close(up) }})
	}()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	<-up
	rows := func(flags ...string) (rows []feedRow, text string) {
		t.Helper()
		var out, errOut bytes.Buffer
		args := append([]string{"feeds", "list", "--set", "data_dir=" + cfg.DataDir, "--set", "feeds=" + list}, flags...)
		if code := execute(t.Context(), args, strings.NewReader(""), &out, &errOut); code != 0 {
			t.Fatalf("exit code %d: %s", code, errOut.String())
		}
		if len(flags) > 0 && flags[0] == "--json" {
			if err := json.Unmarshal(out.Bytes(), &rows); err != nil {
				t.Fatal(err)
			}
		}
		return rows, out.String()
	}
	polled := func() bool {
		all, _ := rows("--json")
		for _, r := range all {
			if r.State == fetcher.StateNew {
				return false
			}
		}
		return true
	}
	for began := time.Now(); !polled(); time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("not all feeds are polled")
		}
	}
	all, _ := rows("--json")
	for _, r := range all {
		host, _, _ := strings.Cut(bare(r.URL), ".")
		if r.State != oddStates[host] {
			t.Errorf("%s is %s", host, r.State)
		}
		if off := r.State == fetcher.StateDisabled; off != (r.Every == "" && r.NextPoll.IsZero()) {
			t.Errorf("%+v", r)
		}
	}
	if some, _ := rows("--json", "--state", "gone,stale"); len(some) != 2 {
		t.Errorf("%+v", some)
	}
	if _, text := rows("--wrong"); !strings.Contains(text, "gone · 1 feed") || strings.Contains(text, "fresh.localhost/rss\n") {
		t.Errorf("%s", text)
	}
}

// What hubs say stands in a column and below the table; what only they may know stands nowhere.
func TestFeedsListPush(t *testing.T) {
	now := time.Now()
	polled := story.FeedState{State: fetcher.StateOK, PolledAt: now, NextPoll: now.Add(time.Hour)}
	sub := story.Subscription{State: story.SubActive, Hub: "https://hub.example/", Until: now.Add(-time.Minute), Token: "thetoken", Secret: "thesecret", Reason: "members only"}
	rows := make([]feedRow, 2)
	for i, s := range []story.Subscription{sub, {}} {
		rows[i].Feed = story.Feed{ID: story.NewID(fmt.Sprint(i)), URL: fmt.Sprintf("https://feed%d.example/rss", i)}
		rows[i].take(polled, s, now)
	}
	var out bytes.Buffer
	if err := errors.Join(printFeeds(&out, rows, true), printJSON(&out, rows)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"PUSH", "expired", "members only", `"hub": "https://hub.example/"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("without %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), sub.Token) || strings.Contains(out.String(), sub.Secret) {
		t.Errorf("it shows a secret:\n%s", out.String())
	}
	out.Reset()
	if err := printFeeds(&out, rows[1:], true); err != nil || strings.Contains(out.String(), "PUSH") {
		t.Errorf("a column for nobody: %v\n%s", err, out.String())
	}
}
