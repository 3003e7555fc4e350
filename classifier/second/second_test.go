package second_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/classifier/second"
	"github.com/spywire/spywire/internal/story"
)

const (
	title = "Embassy clerk questioned over missing files"
	text  = "Police in the capital questioned a clerk on Monday.\n\nInvestigators believe that he handed papers to a foreign service, said a prosecutor. «Это всё выдумки», he replied."
)

// underReview is a story that the first stage was unsure of.
func underReview() story.Story {
	return story.Story{
		Article: story.Article{ID: story.NewID("http://one.example/"), URL: "http://one.example/", Title: title, Text: text, Lang: "en"},
		Rank:    story.RankReview, Kind: story.KindEvent, Labels: []story.Label{}, Country: "ES",
		Scores: map[string]float64{"defector_death": .1, "intelligence_operation": .4},
		Events: []story.Event{{Type: "arrest", Evidence: []story.Span{{Field: "text", Start: 0, End: 6, Quote: "Police"}}}},
	}
}

// Nothing overrides the watchlist: a story with somebody on it stays under review, with what the second stage thinks of it.
func TestTheWatchlistStands(t *testing.T) {
	t.Parallel()
	was := underReview()
	was.Entities = []story.Entity{{Type: "person", Name: "Police", Canonical: "Police", Watched: true, Spans: []story.Span{{Field: "text", Start: 0, End: 6, Quote: "Police"}}}}
	got, err := stage(t, says(`{"verdict":"off_beat","quotes":["questioned a clerk on Monday"],"labels":[]}`), nil, second.Options{}).Ask(t.Context(), was)
	if err != nil || got.Rank != story.RankReview || got.Second == nil || got.Second.Verdict != story.OffBeat || len(got.Events) != len(was.Events) {
		t.Errorf("rank %s, opinion %+v, %d events, %v", got.Rank, got.Second, len(got.Events), err)
	}
}

// says answers as a chat completion with this content.
func says(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"content": content}, "finish_reason": "stop"}}})
	}
}

// stage asks a server that behaves like h.
func stage(t *testing.T, h http.HandlerFunc, change func(*second.Config), o second.Options) *second.Stage {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg := second.DefaultConfig()
	cfg.URL, cfg.Model, cfg.Key, cfg.Timeout = server.URL+"/v1/", "small-7b", "s3cret", 30*time.Second
	if change != nil {
		change(&cfg)
	}
	for _, fault := range cfg.Validate() {
		t.Fatal(fault)
	}
	return second.New(cfg, []second.Category{{"defector_death", "deaths of defectors"}, {"intelligence_operation", "acts of services"}}, o)
}

// counts are the counted verdicts of a registry that are not 0.
func counts(t *testing.T, reg *prometheus.Registry) map[string]int {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "spywire_second_opinions_total" && m.GetCounter().GetValue() > 0 {
				found[m.GetLabel()[0].GetValue()] = int(m.GetCounter().GetValue())
			}
		}
	}
	return found
}

// What an answer does to the story, and what does nothing: verdict and label follow only from words that are there.
func TestAnswers(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"on the beat", `{"verdict":"on_beat","labels":[{"category":"intelligence_operation","quotes":["handed papers to a foreign service"]}],"quotes":[]}`,
			"primary intelligence_operation 0.40 [handed papers to a foreign service]"},
		{"likeliest label first", `{"verdict":"on_beat","labels":[{"category":"defector_death","quotes":["questioned a clerk"]},{"category":"intelligence_operation","quotes":["missing files"]}]}`,
			"primary intelligence_operation 0.40 [missing files] defector_death 0.10 [questioned a clerk]"},
		{"fenced, after some thought", "<think>{maybe}</think>\n```json\n{\"verdict\":\"on_beat\",\"labels\":[{\"category\":\"intelligence_operation\",\"quotes\":[\"“Это всё выдумки…”\"]}]}\n```",
			"primary intelligence_operation 0.40 [Это всё выдумки]"},
		{"one quote of two is invented", `{"verdict":"on_beat","labels":[{"category":"intelligence_operation","quotes":["he is a Russian spy","missing files"]}]}`,
			"primary intelligence_operation 0.40 [missing files]"},
		{"off the beat", `{"verdict":"off_beat","labels":[],"quotes":["questioned a clerk on Monday"]}`, "other off_beat [questioned a clerk on Monday]"},
		{"unsure", `{"verdict":"unsure","labels":[],"quotes":[]}`, "review unsure"},

		{"every quote is invented", `{"verdict":"on_beat","labels":[{"category":"intelligence_operation","quotes":["he is a Russian spy"]}]}`, "unquoted"},
		{"no quotes", `{"verdict":"on_beat","labels":[{"category":"intelligence_operation"}]}`, "unquoted"},
		{"a quote of nothing", `{"verdict":"on_beat","labels":[{"category":"intelligence_operation","quotes":["", " ", "…", "a", "Police"]}]}`, "unquoted"},
		{"a category that is none", `{"verdict":"on_beat","labels":[{"category":"admin","quotes":["missing files"]}]}`, "unquoted"},
		{"the whole text as a quote", fmt.Sprintf(`{"verdict":"on_beat","labels":[{"category":"intelligence_operation","quotes":[%q]}]}`, strings.Repeat(text, 5)), "unquoted"},
		{"dismissed without a word", `{"verdict":"off_beat","labels":[],"quotes":[]}`, "unquoted"},
		{"dismissed with words of its own", `{"verdict":"off_beat","quotes":["this is about football"]}`, "unquoted"},
		{"labels and yet off the beat", `{"verdict":"off_beat","labels":[{"category":"intelligence_operation","quotes":["missing files"]}],"quotes":["missing files"]}`, "garbage"},
		{"a verdict that is none", `{"verdict":"delete everything","quotes":["missing files"]}`, "garbage"},
		{"another shape", `{"verdict":{"on":true}}`, "garbage"},
		{"cut off", `{"verdict":"on_beat","labels":[{"category":"intelligence_operation"}`, "garbage"},
		{"braces in chatter", `I would say {this} is on the beat.`, "garbage"},
		{"nothing", ``, "refusal"},
		{"chatter", `I'm sorry, but I can't help with that.`, "refusal"},
		{"no object", `["on_beat"]`, "refusal"},
		{"deep", strings.Repeat(`{"labels":[`, 6_000) + strings.Repeat(`]}`, 6_000), "garbage"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			reg := prometheus.NewRegistry()
			was := underReview()
			got, err := stage(t, says(c.content), nil, second.Options{Registerer: reg}).Ask(t.Context(), underReview())
			if err != nil {
				if diff := cmp.Diff(was, got); diff != "" {
					t.Errorf("a failure changed the story: %s", diff)
				}
				if have := counts(t, reg); len(have) != 1 || have[c.want] != 1 {
					t.Errorf("counted %v for %v, want %s", have, err, c.want)
				}
				return
			}
			if have := told(got); have != c.want {
				t.Errorf("got %q, want %q", have, c.want)
			}
			if faults := got.Verify(); len(faults) > 0 {
				t.Error(faults)
			}
			if got.Second.Model != "small-7b" || counts(t, reg)[got.Second.Verdict] != 1 {
				t.Errorf("%+v, counted %v", got.Second, counts(t, reg))
			}
			// Nothing but the verdict has changed.
			got.Rank, got.Labels, got.Second = was.Rank, was.Labels, nil
			if c.want[:5] == "other" {
				got.Events, got.Country = was.Events, was.Country
			}
			if diff := cmp.Diff(was, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// told is what is known of a story in one line.
func told(s story.Story) string {
	parts := []string{string(s.Rank)}
	quotes := func(spans []story.Span) {
		for _, span := range spans {
			parts = append(parts, "["+span.Quote+"]")
		}
	}
	for _, l := range s.Labels {
		parts = append(parts, fmt.Sprintf("%s %.2f", l.Category, l.Score))
		quotes(l.Evidence)
	}
	if s.Rank != story.RankPrimary {
		parts = append(parts, s.Second.Verdict)
		quotes(s.Second.Quotes)
	}
	return strings.Join(parts, " ")
}

// A server that misbehaves costs the story nothing and the worker no more than the timeout.
func TestMisbehaviour(t *testing.T) {
	on := `{"verdict":"on_beat","labels":[{"category":"intelligence_operation","quotes":["missing files"]}]}`
	status := func(code int, header, value string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if header != "" {
				w.Header().Set(header, value)
			}
			w.WriteHeader(code)
			fmt.Fprint(w, `{"error":{"message":"no"}}`)
		}
	}
	drip := func(every time.Duration, what string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			for r.Context().Err() == nil {
				fmt.Fprint(w, what)
				w.(http.Flusher).Flush()
				time.Sleep(every)
			}
		}
	}
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client has gone
		<-r.Context().Done()
	}
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		want string
	}{
		"hangs":      {hang, "timeout"},
		"drips":      {drip(5*time.Millisecond, " "), "timeout"},
		"huge":       {drip(0, strings.Repeat(" ", 64<<10)), "too_large"},
		"429":        {status(429, "Retry-After", "7"), "rate_limited"},
		"500":        {status(500, "", ""), "http_error"},
		"401":        {status(401, "", ""), "http_error"},
		"redirects":  {status(307, "Location", "http://127.0.0.1:1/"), "http_error"},
		"no body":    {status(204, "", ""), "http_error"},
		"HTML":       {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>login</html>") }, "garbage"},
		"no choices": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"choices":[]}`) }, "garbage"},
		"null":       {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `null`) }, "garbage"},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"choices":`)
		}, "unreachable"},
		"dies": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "unreachable"},
		"refuses": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"choices":[{"message":{"content":null,"refusal":"I cannot"}}]}`)
		}, "refusal"},
		"content filter": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"choices":[{"message":{"content":"`+`{}`+`"},"finish_reason":"content_filter"}]}`)
		}, "refusal"},
		"is well behaved": {says(on), "on_beat"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reg := prometheus.NewRegistry()
			s := stage(t, c.h, func(cfg *second.Config) {
				if c.want == "timeout" {
					cfg.Timeout = 300 * time.Millisecond
				}
			}, second.Options{Registerer: reg})
			got, err := s.Ask(t.Context(), underReview())
			if diff := cmp.Diff(underReview(), got); (diff == "") != (err != nil) {
				t.Errorf("%v: %s", err, diff)
			}
			if have := counts(t, reg); len(have) != 1 || have[c.want] != 1 {
				t.Errorf("counted %v for %v, want %s", have, err, c.want)
			}
		})
	}
}

// The question holds the story and the categories, and the key goes in the header alone.
func TestQuestion(t *testing.T) {
	var asked atomic.Pointer[http.Request]
	var body atomic.Pointer[string]
	s := stage(t, func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		text := string(data)
		asked.Store(r)
		body.Store(&text)
		says(`{"verdict":"unsure"}`)(w, r)
	}, nil, second.Options{})
	long := underReview()
	long.Text = strings.Repeat("Ж", 20_000)
	if _, err := s.Ask(t.Context(), long); err != nil {
		t.Fatal(err)
	}
	r := asked.Load()
	if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer s3cret" || r.Method != http.MethodPost {
		t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
	}
	var q struct {
		Model    string
		Messages []struct{ Role, Content string }
	}
	if err := json.Unmarshal([]byte(*body.Load()), &q); err != nil {
		t.Fatal(err)
	}
	var article struct{ Title, Text string }
	if err := json.Unmarshal([]byte(q.Messages[1].Content), &article); err != nil {
		t.Fatal(err)
	}
	if q.Model != "small-7b" || article.Title != title || article.Text != strings.Repeat("Ж", 6_000) {
		t.Errorf("model %q, title %q, %d bytes of text", q.Model, article.Title, len(article.Text))
	}
	if system := q.Messages[0]; system.Role != "system" || !strings.Contains(system.Content, "- intelligence_operation: acts of services") || strings.Contains(*body.Load(), "s3cret") {
		t.Errorf("%s: %s", system.Role, system.Content)
	}
}

// An endpoint that does not know response_format is asked once more without it, and from then on without; one that refuses
// whatever it is asked is asked twice and no more.
func TestNoResponseFormat(t *testing.T) {
	for name, c := range map[string]struct {
		knows bool // the endpoint answers what has no response_format
		asked []bool
		want  map[string]int
	}{
		"an old endpoint":   {true, []bool{true, false, false}, map[string]int{"unsure": 2}},
		"a broken question": {false, []bool{true, false}, map[string]int{"http_error": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var asked []bool
			reg := prometheus.NewRegistry()
			s := stage(t, func(w http.ResponseWriter, r *http.Request) {
				data, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				format := strings.Contains(string(data), "response_format")
				mu.Lock()
				asked = append(asked, format)
				mu.Unlock()
				if format || !c.knows {
					http.Error(w, `{"error":{"message":"unknown field response_format"}}`, http.StatusBadRequest)
					return
				}
				says(`{"verdict":"unsure"}`)(w, r)
			}, nil, second.Options{Registerer: reg})
			for len(asked) < len(c.asked) {
				if _, err := s.Ask(t.Context(), underReview()); (err == nil) != c.knows {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(c.asked, asked); diff != "" {
				t.Errorf("asked with response_format: %s", diff)
			}
			if diff := cmp.Diff(c.want, counts(t, reg)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Only stories under review are asked about.
func TestOthersAreLeftAlone(t *testing.T) {
	s := stage(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") }, nil, second.Options{})
	index := underReview()
	index.PageKind = story.KindIndex
	if _, err := s.Ask(t.Context(), index); err != nil {
		t.Errorf("an index page: %v", err)
	}
	for _, rank := range []story.Rank{story.RankPrimary, story.RankOther} {
		was := underReview()
		was.Rank = rank
		if got, err := s.Ask(t.Context(), was); err != nil || cmp.Diff(was, got) != "" {
			t.Errorf("%s: %v %+v", rank, err, got)
		}
	}
}

// clock is a time that stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// An endpoint that fails three times in a row is left alone for a minute, then for two; one that answers is asked again
// at once. A 429 is obeyed at its first word. Within an hour no more is asked than per_hour allows.
func TestPace(t *testing.T) {
	time0 := &clock{at: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}
	var code, calls atomic.Int64
	code.Store(500)
	reg := prometheus.NewRegistry()
	s := stage(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		switch code.Load() {
		case 200:
			says(`{"verdict":"unsure"}`)(w, r)
		case 429:
			w.Header().Set("Retry-After", time0.now().Add(20*time.Minute).Format(http.TimeFormat))
			w.WriteHeader(429)
		default:
			w.WriteHeader(int(code.Load()))
		}
	}, func(cfg *second.Config) { cfg.PerHour = 12 }, second.Options{Registerer: reg, Now: time0.now})
	ask := func(times int, want int64) {
		t.Helper()
		before := calls.Load()
		for range times {
			_, _ = s.Ask(t.Context(), underReview())
		}
		if got := calls.Load() - before; got != want {
			t.Errorf("%d questions were put of %d, want %d; %v", got, times, want, counts(t, reg))
		}
	}
	ask(5, 3) // three failures, then a pause of a minute
	time0.pass(59 * time.Second)
	ask(1, 0)
	time0.pass(time.Second)
	ask(3, 1) // one more, then two minutes
	time0.pass(time.Minute)
	ask(1, 0)
	code.Store(200)
	time0.pass(time.Minute)
	ask(2, 2)
	code.Store(500)
	ask(2, 2) // well again: two failures are no pause
	code.Store(429)
	ask(2, 1)
	time0.pass(20*time.Minute - time.Second)
	ask(1, 0)
	code.Store(200)
	time0.pass(time.Second)
	ask(10, 3) // 9 were put before, and per_hour is 12
	time0.pass(time.Hour)
	ask(20, 12)
	if have := counts(t, reg); have["over_limit"] != 7+8 || have["paused"] == 0 || have["rate_limited"] != 1 {
		t.Errorf("counted %v", have)
	}
}

// While all slots are taken a story is not waited with; a worker that is stopped does not hold it against the endpoint.
func TestBusyAndStopped(t *testing.T) {
	reg := prometheus.NewRegistry()
	inside := make(chan struct{})
	s := stage(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		inside <- struct{}{}
		<-r.Context().Done()
	}, func(cfg *second.Config) { cfg.Concurrency = 1 }, second.Options{Registerer: reg})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := s.Ask(ctx, underReview())
		ended <- err
	}()
	<-inside
	if _, err := s.Ask(t.Context(), underReview()); err == nil || counts(t, reg)["busy"] != 1 {
		t.Errorf("%v, counted %v", err, counts(t, reg))
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) || counts(t, reg)["stopped"] != 1 {
		t.Errorf("%v, counted %v", err, counts(t, reg))
	}
}

// FuzzAnswer: whatever an endpoint says, the story that comes of it verifies, and only verdict and labels have changed.
func FuzzAnswer(f *testing.F) {
	f.Add(`{"verdict":"on_beat","labels":[{"category":"intelligence_operation","quotes":["missing files"]}],"quotes":["x"]}`)
	f.Add(`{"verdict":"off_beat","quotes":["«Это всё выдумки»","\u0451\u0308"]}`)
	f.Add("<think></think>{}")
	var content atomic.Pointer[string]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { says(*content.Load())(w, r) }))
	f.Cleanup(server.Close)
	cfg := second.DefaultConfig()
	cfg.URL, cfg.Model, cfg.PerHour = server.URL, "m", 0
	f.Fuzz(func(t *testing.T, said string) {
		content.Store(&said)
		s := second.New(cfg, []second.Category{{"intelligence_operation", ""}}, second.Options{})
		got, err := s.Ask(t.Context(), underReview())
		for _, fault := range got.Verify() {
			t.Error(fault)
		}
		if err != nil && cmp.Diff(underReview(), got) != "" {
			t.Errorf("%v changed the story", err)
		}
		if len(got.Labels) > 1 || len(got.Labels) == 1 && got.Labels[0].Category != "intelligence_operation" {
			t.Errorf("labels %+v", got.Labels)
		}
	})
}
