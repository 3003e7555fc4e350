// Package replay turns what was judged into what would be judged now: it classifies again every story there is a
// record of, and the articles that ended off the beat as long as their stream keeps them, says in what the verdicts
// differ, and publishes those that do.
package replay

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/classifier/second"
	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Options of Run. Bus or Store must be set.
type Options struct {
	Bus   *bus.Bus   // nil where no NATS is to be had: the store's stories alone are judged
	Store sink.Store // nil where it is on another machine: verdicts are compared with the stream of stories
	// Model judges; Before are others whose thresholds are known, the last of them what is configured.
	Model  *classifier.Classifier
	Before []*classifier.Classifier
	// Second has a story under review judged once more, or leaves it as it is; nil asks nobody. What was said of a text
	// before stands either way. It may be called from several goroutines at once.
	Second func(context.Context, story.Story) story.Story
	Since  time.Time // articles fetched earlier are left alone; zero is all
	// Publish puts changed stories on the bus; without it nothing is changed anywhere.
	Publish bool
	KeepAll bool // publish also what is off the beat and has no record
	// Progress is called with what is done at the moment and how much of it was done; total is 0 where nobody knows. It
	// may be called from several goroutines at once.
	Progress func(doing string, done, total int)
}

// Summary counts what a run did.
type Summary struct {
	Recorded   int            `json:"recorded"`   // stories with a record that were judged again
	Unrecorded int            `json:"unrecorded"` // articles without one
	Same       int            `json:"same"`       // the record is the same byte for byte, or it is still off the beat
	Incidental int            `json:"incidental"` // only probabilities, or the names of what judged, are others
	Changed    int            `json:"changed"`    // more than that is
	Published  int            `json:"published"`
	Gone       int            `json:"gone"`       // left its stream, or was forgotten, meanwhile
	Unreadable int            `json:"unreadable"` // their records or messages cannot be read, or not be judged
	Fields     map[string]int `json:"fields"`     // changes by field
	Moves      map[string]int `json:"moves"`      // of rank: "review → primary"
	Model      string         `json:"model"`
	Lexicon    string         `json:"lexicon"`
	Faults     []string       `json:"faults,omitempty"` // the first of the unreadable
}

// mostFaults is how many of the unreadable are told one by one.
const mostFaults = 10

type run struct {
	Options
	id     string // of this run, in message ids
	now    thresholds
	before map[string]thresholds // by model id
}

// Run judges again and calls yield for every change, in order of the fetch, after it was published where it is to be.
// An error ends it; what was published by then stays, and another run does the rest.
func Run(ctx context.Context, o Options, yield func(Change) error) (Summary, error) {
	_, lexicon := o.Model.Concepts()
	sum := Summary{Fields: map[string]int{}, Moves: map[string]int{}, Model: o.Model.ModelID(), Lexicon: lexicon}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	r := &run{Options: o, id: fmt.Sprintf("replay-%d", time.Now().UnixNano()), now: thresholdsOf(o.Model), before: map[string]thresholds{}}
	for _, c := range append(o.Before, o.Model) {
		r.before[c.ModelID()] = thresholdsOf(c)
	}
	items, err := r.items(ctx)
	if err != nil {
		return sum, err
	}
	err = inOrder(ctx, items, r.again, func(done int, a answer) error {
		r.Progress("judged", done, len(items))
		return sum.add(a, yield)
	})
	return sum, err
}

// answer is what became of an item.
type answer struct {
	item
	change    *Change // nil: the same
	published bool
	fault     error
}

func (sum *Summary) add(a answer, yield func(Change) error) error {
	switch {
	case errors.Is(a.fault, errGone):
		sum.Gone++
		return nil
	case a.fault != nil:
		if sum.Unreadable++; sum.Unreadable <= mostFaults {
			sum.Faults = append(sum.Faults, a.fault.Error())
		}
		return nil
	case a.from == fromArticles:
		sum.Unrecorded++
	default:
		sum.Recorded++
	}
	if a.published {
		sum.Published++
	}
	if a.change == nil {
		sum.Same++
		return nil
	}
	if a.change.Incidental() {
		sum.Incidental++
	} else {
		sum.Changed++
	}
	for _, field := range a.change.Changed {
		sum.Fields[field]++
	}
	if m := a.change.Rank; m != nil {
		sum.Moves[string(m.Old)+" → "+string(m.New)]++
	}
	return yield(*a.change)
}

// again judges an item once more, and publishes what is to be. Its error ends the run.
func (r *run) again(ctx context.Context, i item) (a answer, err error) {
	a = answer{item: i}
	article, old, record, err := r.fetch(ctx, i)
	if err != nil {
		return r.unable(ctx, a, err)
	}
	now, err := r.judge(ctx, article, old, i.off)
	if err != nil {
		return r.unable(ctx, a, err)
	}
	if old == nil && now.Rank == story.RankOther {
		if r.Publish && r.KeepAll { // as the classifier would
			a.published = true
			err = r.Bus.PublishStoryAgain(ctx, now, r.id)
		}
		return a, err
	}
	if old != nil {
		again, err := json.Marshal(now)
		if err != nil {
			return r.unable(ctx, a, err)
		}
		if bytes.Equal(record, again) {
			return a, nil
		}
	}
	unrecorded := old == nil
	if unrecorded {
		old = r.asBefore(article)
	}
	a.change = r.compare(old, now)
	a.change.From, a.change.Unrecorded = i.from, unrecorded
	a.change.Why = a.change.why()
	if len(a.change.Changed) == 0 { // written by a spywire whose records have other fields
		a.change.Changed = []string{"record"}
	}
	if r.Publish {
		a.published = true
		err = r.Bus.PublishStoryAgain(ctx, now, r.id)
	}
	return a, err
}

// asBefore is what the model of before says of an article without a record, if that explains why it has none.
func (r *run) asBefore(a story.Article) *story.Story {
	if len(r.Before) == 0 {
		return nil
	}
	before := r.Before[len(r.Before)-1]
	if before.ModelID() == r.Model.ModelID() {
		return nil
	}
	if s := before.Classify(a); s.Rank == story.RankOther {
		return &s
	}
	return nil
}

// unable is the answer for an item that cannot be judged; an end of the whole run stays an error.
func (r *run) unable(ctx context.Context, a answer, err error) (answer, error) {
	if ctx.Err() != nil {
		return a, ctx.Err()
	}
	var bad unreadable
	if errors.As(err, &bad) || errors.Is(err, errGone) {
		a.fault = fmt.Errorf("%s: %w", a.id, err)
		return a, nil
	}
	return a, err
}

// judge calls the classifier, and the second stage where it is to be asked. What makes them panic is unreadable and must
// not keep the others from being judged.
func (r *run) judge(ctx context.Context, a story.Article, old *story.Story, off bool) (s story.Story, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = unreadable{fmt.Errorf("panic while judging %s: %v\n%s", a.URL, p, debug.Stack())}
		}
	}()
	switch s = r.Model.Classify(a); {
	case s.Rank != story.RankReview:
	case off:
		s = second.Dismiss(s)
	case old != nil && old.Second != nil:
		s = heeding(*old, s)
	case r.Second != nil:
		s = r.Second(ctx, s)
	}
	return s, ctx.Err()
}

// heeding is a story under review with the opinion that a second stage has given on this text: it was asked for once, and
// asked again it may say something else.
func heeding(old, now story.Story) story.Story {
	now.Second = old.Second
	switch old.Second.Verdict {
	case story.OffBeat:
		now = second.Dismiss(now)
	case story.OnBeat:
		now.Rank, now.Labels = story.RankPrimary, slices.Clone(old.Labels)
		for i := range now.Labels {
			now.Labels[i].Score = now.Scores[now.Labels[i].Category]
		}
		slices.SortStableFunc(now.Labels, func(a, b story.Label) int { return cmp.Compare(b.Score, a.Score) })
	}
	return now
}

// inOrder does work on as many items at a time as there are cores, and hands the results on in the items' order.
func inOrder[In, Out any](ctx context.Context, items []In, work func(context.Context, In) (Out, error), take func(done int, out Out) error) error {
	type job struct {
		in     In
		result chan Out
	}
	jobs, ordered := make(chan job), make(chan job, 4*runtime.GOMAXPROCS(0))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(jobs)
		defer close(ordered)
		for _, in := range items {
			j := job{in, make(chan Out, 1)}
			for _, queue := range []chan job{ordered, jobs} {
				select {
				case queue <- j:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		return nil
	})
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for j := range jobs {
				out, err := work(ctx, j.in)
				if err != nil {
					return err
				}
				j.result <- out
			}
			return nil
		})
	}
	group.Go(func() error {
		done := 0
		for j := range ordered {
			select {
			case out := <-j.result:
				done++
				if err := take(done, out); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}
