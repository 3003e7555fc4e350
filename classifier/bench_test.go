package classifier_test

import (
	"maps"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

// benchText is how long the texts of the benchmark are, in bytes: that of a usual article.
const benchText = 3000

// benchArticles are those of the newsroom's texts that are wanted, language by language, cut into pieces of benchText bytes in
// whole characters. A piece holds several stories, so one on the beat has more to be read than any article would.
func benchArticles(b *testing.B, wanted func(newsroom.Expectation) bool) []story.Article {
	b.Helper()
	room, err := newsroom.New(newsroom.Options{})
	if err != nil {
		b.Fatal(err)
	}
	texts := map[string]string{}
	for _, e := range room.Expectations() {
		if wanted(e) {
			texts[e.Lang] += e.Title + "\n\n" + e.Text + "\n\n"
		}
	}
	var all []story.Article
	for _, lang := range slices.Sorted(maps.Keys(texts)) {
		for rest := texts[lang]; len(rest) > benchText; {
			end := benchText
			for !utf8.RuneStart(rest[end]) {
				end--
			}
			all = append(all, story.Article{Title: rest[:min(end, 90)], Text: rest[:end], Lang: lang})
			rest = rest[end:]
		}
	}
	if len(all) < 10 {
		b.Fatalf("only %d texts", len(all))
	}
	return all
}

// scan is the plain pass that a classifier cannot do without: every byte is looked at once, in a table.
func scan(text string, class *[256]byte) (n int) {
	for i := range len(text) {
		n += int(class[text[i]])
	}
	return n
}

// spent is the processor time this process has used: waiting for others is none of the classifier's.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// One goroutine, so a core. The ratio to a plain scan of the same bytes in the same run says what a machine that is
// slow, or busy, does not change.
func BenchmarkClassify(b *testing.B) {
	c, err := classifier.New()
	if err != nil {
		b.Fatal(err)
	}
	for name, wanted := range map[string]func(newsroom.Expectation) bool{
		"everything":  func(newsroom.Expectation) bool { return true },
		"on the beat": func(e newsroom.Expectation) bool { return len(e.Labels) > 0 },
		"off it":      func(e newsroom.Expectation) bool { return len(e.Labels) == 0 },
	} {
		b.Run(name, func(b *testing.B) { classify(b, c, benchArticles(b, wanted)) })
	}
}

func classify(b *testing.B, c *classifier.Classifier, articles []story.Article) {
	var class [256]byte
	for i := range class {
		class[i] = byte(i * 7)
	}
	runtime.GC() // what the newsroom left is not the classifier's
	var scanned, classified time.Duration
	docs, sum := 0, 0
	b.SetBytes(int64(benchText * len(articles)))
	b.ReportAllocs()
	for b.Loop() {
		begun := spent(b)
		for _, a := range articles {
			sum += scan(a.Text, &class)
		}
		between := spent(b)
		for _, a := range articles {
			sum += len(c.Classify(a).Scores)
		}
		scanned += between - begun
		classified += spent(b) - between
		docs += len(articles)
	}
	if sum == 0 {
		b.Fatal("nothing was read")
	}
	b.ReportMetric(float64(docs)/classified.Seconds(), "docs/s")
	b.ReportMetric(float64(classified)/float64(scanned), "x-scan")
}

// What a process waits for before its first article: word lists, gazetteers, model.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := classifier.New(); err != nil {
			b.Fatal(err)
		}
	}
}
