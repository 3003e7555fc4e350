// Package second turns a story that the classifier is unsure of into one that a language model has had its say on.
// It asks an OpenAI-compatible endpoint of the operator's own, and believes what can be checked: a verdict counts only
// with quotes, and a quote that is not in the story byte for byte is thrown away.
//
// The text of an article is a stranger's, and may speak to the model. The worst it can bring about is another verdict on
// its own story, which was under review: only the rank and the labels follow the answer, every label is one of ours, and what it
// rests on are the story's own words. Whatever goes wrong (time-outs, errors, garbage, refusals) leaves the story as it was.
package second

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spywire/spywire/internal/story"
)

// maxAnswer bounds an answer, in bytes after decompression. What is asked for has a few hundred.
const maxAnswer = 256 << 10

// Options of New. The zero value works.
type Options struct {
	Logger     *slog.Logger          // nil is silent
	Registerer prometheus.Registerer // nil counts for nobody
	Now        func() time.Time      // nil is time.Now
}

// Stage asks the endpoint. It is safe for concurrent use.
type Stage struct {
	cfg        Config
	categories []Category
	client     *http.Client
	slots      chan struct{}
	pace       pace
	metrics    *metrics
	log        *slog.Logger
	now        func() time.Time
	plain      atomic.Bool // the endpoint has refused response_format
}

// Category is a label that the endpoint may give, and what it means.
type Category struct{ Name, About string }

// New is a second stage that gives labels of the categories. cfg is valid and has a URL.
func New(cfg Config, categories []Category, o Options) *Stage {
	s := &Stage{
		cfg: cfg, categories: categories, slots: make(chan struct{}, cfg.Concurrency), pace: pace{perHour: cfg.PerHour},
		metrics: newMetrics(o.Registerer), log: o.Logger, now: o.Now,
		// A redirect would take the key and the text somewhere nobody has named.
		client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// Ask returns the story with the endpoint's verdict, within cfg.Timeout. With an error, which is counted and logged
// already, for a story that is not under review, and for an index page, which no answer makes a story, the story is returned as it was.
func (s *Stage) Ask(ctx context.Context, st story.Story) (story.Story, error) {
	if st.Rank != story.RankReview || st.PageKind == story.KindIndex {
		return st, nil
	}
	judged, err := s.ask(ctx, st)
	var f *failure
	switch {
	case errors.As(err, &f):
		s.metrics.opinions.WithLabelValues(f.kind).Inc()
		if f.asked {
			s.log.WarnContext(ctx, "second stage: the first stage's verdict stands", "id", st.ID, "url", st.URL, "err", err)
		}
		return st, err
	case err != nil: // a story is always JSON
		return st, err
	}
	s.metrics.opinions.WithLabelValues(judged.Second.Verdict).Inc()
	return judged, nil
}

// ask has the question put if it may be, and accounts for how the endpoint behaved.
func (s *Stage) ask(ctx context.Context, st story.Story) (story.Story, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return st, &failure{kind: busy, err: fmt.Errorf("%d questions are under way already (classifier.second.concurrency)", s.cfg.Concurrency)}
	}
	if f := s.pace.enter(s.now()); f != nil {
		return st, f
	}
	question, err := s.question(st.Article, !s.plain.Load())
	if err != nil {
		return st, err
	}
	begun := s.now()
	inTime, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	data, err := s.post(inTime, question)
	if badRequest(err) && !s.plain.Load() {
		data, err = s.postPlain(inTime, st.Article)
	}
	s.metrics.seconds.Observe(s.now().Sub(begun).Seconds())
	if err == nil {
		st, err = s.judge(st, data)
	}
	if ctx.Err() != nil && err != nil { // a stop says nothing about the endpoint
		return st, &failure{kind: stopped, asked: true, err: err}
	}
	if wait := s.pace.leave(s.now(), err); wait > 0 {
		s.log.Warn("second stage: nobody is asked for a while", "for", wait, "err", err)
	}
	return st, err
}

// postPlain puts the question without response_format, which some endpoints refuse: where that is answered, no later
// question has it. The instructions ask for JSON anyway.
func (s *Stage) postPlain(ctx context.Context, a story.Article) ([]byte, error) {
	question, err := s.question(a, false)
	if err != nil {
		return nil, err
	}
	data, err := s.post(ctx, question)
	if err == nil && s.plain.CompareAndSwap(false, true) {
		s.log.Info("second stage: the endpoint takes no response_format, it is asked without")
	}
	return data, err
}

// post sends the question and returns the whole answer.
func (s *Stage) post(ctx context.Context, question []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.endpoint(), bytes.NewReader(question))
	if err != nil {
		return nil, &failure{kind: unreachable, asked: true, err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if s.cfg.Key != "" {
		req.Header.Set("Authorization", "Bearer "+s.cfg.Key)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, lost(ctx, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case resp.StatusCode != http.StatusOK:
		if s.cfg.Key != "" { // some name the key that they refuse
			data = bytes.ReplaceAll(data, []byte(s.cfg.Key), []byte("…"))
		}
		return nil, refused(resp, data, s.now())
	case err != nil:
		return nil, lost(ctx, err)
	case len(data) > maxAnswer:
		return nil, &failure{kind: tooLarge, asked: true, sick: true, err: fmt.Errorf("the answer has more than %d bytes", maxAnswer)}
	}
	return data, nil
}

// judge is the story as the answer says, or an error and the story as it was.
func (s *Stage) judge(st story.Story, data []byte) (story.Story, error) {
	said, err := read(data)
	if err != nil {
		return st, err
	}
	opinion := story.Opinion{Model: s.cfg.Model, Verdict: said.Verdict, Quotes: spans(st.Article, said.Quotes)}
	switch said.Verdict {
	case story.OnBeat:
		labels := s.labels(st, said)
		if len(labels) == 0 {
			return st, &failure{kind: unquoted, asked: true, err: errors.New("on the beat, it says, but names no category of ours with words of the story")}
		}
		st.Rank, st.Labels = story.RankPrimary, labels
	case story.OffBeat:
		if len(opinion.Quotes) == 0 {
			return st, &failure{kind: unquoted, asked: true, err: errors.New("off the beat, it says, but quotes no words of the story")}
		}
		st = Dismiss(st)
	case story.Unsure:
	default:
		return st, &failure{kind: garbage, asked: true, sick: true, err: fmt.Errorf("the verdict is %q", clip(said.Verdict))}
	}
	st.Second = &opinion
	return st, nil
}

// Dismiss is a story under review put off the beat, as an opinion that says so has it. One with somebody on the watchlist
// stays under review: nothing overrides that list.
func Dismiss(st story.Story) story.Story {
	if !slices.ContainsFunc(st.Entities, func(e story.Entity) bool { return e.Watched }) {
		st.Rank, st.Events, st.Country = story.RankOther, []story.Event{}, ""
	}
	return st
}

// question is the request's body, which asks for JSON by response_format or by its words alone.
func (s *Stage) question(a story.Article, format bool) ([]byte, error) {
	type message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	text, err := json.Marshal(map[string]string{"title": a.Title, "text": cut(a.Text, maxText), "language": a.Lang})
	if err != nil {
		return nil, fmt.Errorf("second stage: %w", err)
	}
	ask := map[string]any{"model": s.cfg.Model, "temperature": 0, "stream": false, "messages": []message{{"system", s.instructions()}, {"user", string(text)}}}
	if format {
		ask["response_format"] = map[string]string{"type": "json_object"}
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, fmt.Errorf("second stage: %w", err)
	}
	return body, nil
}
