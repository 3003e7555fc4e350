package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/bus/embedded"
	"github.com/spywire/spywire/internal/story"
)

// deadLetters makes letters in a data directory of the test's own and gives a function that calls the command there.
func deadLetters(t *testing.T, pages, articles []*nats.Msg) func(args ...string) (code int, out, errOut string) {
	t.Helper()
	dir := t.TempDir()
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, Sync: "10s"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	b, err := bus.Connect(t.Context(), bus.Options{Timings: bus.FastTimings(), NATS: []nats.Option{server.ConnectOption()}, Budget: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if err := b.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect("", embedded.DialOption(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(pages, articles...) {
		if _, err := js.PublishMsg(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() {
		done <- bus.Consume(ctx, b, bus.Consumer{Durable: bus.PagesParser, Stage: story.StageParser}, bus.DecodePage, func(context.Context, story.Page) error { panic("a page too many") })
	}()
	go func() {
		done <- bus.Consume(ctx, b, bus.Consumer{Durable: bus.ArticlesClassifier, Stage: story.StageClassifier}, bus.DecodeArticle, func(context.Context, story.Article) error { return nil })
	}()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		n := 0
		if err := b.DeadLetters(t.Context(), bus.LetterFilter{}, func(bus.DeadLetter) bool { n++; return true }); err != nil {
			t.Fatal(err)
		}
		if n == len(pages)+len(articles) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d letters", n)
		}
	}
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	return func(args ...string) (int, string, string) {
		var out, errOut bytes.Buffer
		code := execute(t.Context(), append([]string{"dlq", "--set", "data_dir=" + dir}, args...), strings.NewReader(""), &out, &errOut)
		return code, out.String(), errOut.String()
	}
}

// An operator's way through dead letters: see them, look into them, take the bytes, replay, drop.
func TestDeadLettersFromTheCommandLine(t *testing.T) {
	t.Parallel()
	url := "https://morning-post.example/1"
	id := story.NewID(url)
	wire, err := story.Page{ID: id, Visit: 1, URL: url, Status: 200, Body: []byte("<p>\x1b[2Jbody\xff")}.AppendWire(nil)
	if err != nil {
		t.Fatal(err)
	}
	page := &nats.Msg{Subject: "spywire.page.v1.morning-post_example", Data: wire, Header: nats.Header{
		bus.HeaderSubject: {string(id)}, bus.HeaderVisit: {"1"}, bus.HeaderURL: {url}, "Nats-Msg-Id": {"once"},
	}}
	call := deadLetters(t, []*nats.Msg{page}, []*nats.Msg{
		{Subject: "spywire.article.v1.en.x", Data: []byte(`{"id":"no id","title":"two\u001b[2Jlines"}`)},
		{Subject: "spywire.article.v1.und.y", Data: bytes.Repeat([]byte{0xff, 0}, 300)},
	})

	code, out, _ := call("list")
	for _, want := range []string{"spywire.page.v1.morning-post_example", url, "a page too many", "3 dead letters: classifier 2, parser 1."} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("list, code %d, without %q:\n%s", code, want, out)
		}
	}
	if _, out, _ := call("list", "--stage", "parser"); !strings.HasSuffix(out, "\n1 dead letter: parser 1.\n") || strings.Contains(out, "article") {
		t.Errorf("list --stage:\n%s", out)
	}
	var rows []letterRow
	if _, out, _ := call("list", "--json"); json.Unmarshal([]byte(out), &rows) != nil || len(rows) != 3 {
		t.Fatalf("list --json:\n%s", out)
	}
	seqs := map[string]string{}
	for _, r := range rows {
		seqs[r.Subject] = fmt.Sprint(r.Seq)
		if r.Died.IsZero() || r.Bytes == 0 || r.Stream == "" || r.StreamSeq == 0 || r.Deliveries == 0 || r.Reason == "" {
			t.Errorf("row %+v", r)
		}
	}
	for subject, wants := range map[string][]string{
		page.Subject:               {"why          panic in parser: a page too many", "delivery 5 to parser", "ce-url: " + url, `"status": 200`, "and a body of 12 bytes"},
		"spywire.article.v1.en.x":  {"payload      42 bytes", "\n  \"id\": \"no id\",\n"},
		"spywire.article.v1.und.y": {"ff 00 ff 00", "… --raw writes all 600 bytes"},
	} {
		code, out, _ := call("show", seqs[subject])
		for _, want := range wants {
			if code != exitOK || !strings.Contains(out, want) {
				t.Errorf("show, code %d, without %q:\n%s", code, want, out)
			}
		}
		if strings.Contains(out, "\x1b") {
			t.Errorf("show moves the cursor: %q", out)
		}
	}
	if _, out, _ := call("show", seqs[page.Subject], "--raw"); out != string(wire) {
		t.Errorf("--raw: %q", out)
	}
	var full fullLetter
	if _, out, _ := call("show", seqs[page.Subject], "--json"); json.Unmarshal([]byte(out), &full) != nil || !bytes.Equal(full.Payload, wire) || full.URL != url {
		t.Errorf("show --json:\n%s", out)
	}

	code, out, errOut := call("replay", seqs[page.Subject], "999")
	if want := seqs[page.Subject] + " replayed: " + page.Subject + " " + url + "\n1 dead letter replayed.\n"; code != exitError || out != want || !strings.Contains(errOut, "dead letter 999: there is none") {
		t.Errorf("replay, code %d:\n%s%s", code, out, errOut)
	}
	var report actReport
	one := seqs["spywire.article.v1.en.x"]
	code, out, errOut = call("drop", one, "999", "--json")
	if err := json.Unmarshal([]byte(out), &report); code != exitError || err != nil || len(report.Done) != 1 || fmt.Sprint(report.Done[0].Seq) != one ||
		report.Done[0].Stage != story.StageClassifier || len(report.Failed) != 1 || report.Failed[0].Seq != 999 {
		t.Errorf("drop --json, code %d, %v:\n%s%s", code, err, out, errOut)
	}
	if code, out, _ := call("drop", "--all", "--stage", "classifier"); code != exitOK || !strings.HasSuffix(out, "1 dead letter dropped.\n") {
		t.Errorf("drop, code %d:\n%s", code, out)
	}
	if _, out, _ := call("list"); out != "No dead letters.\n" {
		t.Errorf("afterwards:\n%s", out)
	}
}

// Many letters are counted and not told one by one, filters mean what they say, and a shell is offered their numbers.
func TestManyDeadLetters(t *testing.T) {
	t.Parallel()
	var articles []*nats.Msg
	for n := range 60 {
		articles = append(articles, &nats.Msg{Subject: "spywire.article.v1.en.x", Data: fmt.Appendf(nil, `{"id":"no id","n":%d}`, n)})
	}
	wire := append([]byte("{broken\n"), make([]byte, 3000)...)
	call := deadLetters(t, []*nats.Msg{{Subject: "spywire.page.v1.x", Data: wire}}, articles)

	_, out, _ := call("list")
	if lines := strings.Count(out, "spywire.article.v1.en.x"); lines > 50 || !strings.Contains(out, "11 older ones; --limit 0 shows all") {
		t.Errorf("list shows %d of 60:\n%s", lines, out)
	}
	for _, want := range []string{"61 dead letters: classifier 60, parser 1.\n", "      60 classifier: \"no id\" is not an id\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("list without %q:\n%s", want, out)
		}
	}
	if _, out, _ := call("list", "--limit", "0"); strings.Count(out, "spywire.article.v1.en.x") != 60 {
		t.Errorf("--limit 0:\n%s", out)
	}
	var rows []letterRow
	if _, out, _ := call("list", "--json", "--reason", "HEAD"); json.Unmarshal([]byte(out), &rows) != nil || len(rows) != 1 || rows[0].Bytes != len(wire) || rows[0].Stage != story.StageParser {
		t.Fatalf("--reason:\n%s", out)
	}
	if _, out, _ := call("show", fmt.Sprint(rows[0].Seq)); !strings.Contains(out, "|{broken.") || !strings.Contains(out, "… --raw writes all 3008 bytes") {
		t.Errorf("binary bytes behind a text:\n%s", out)
	}
	if _, out, _ := call("list", "--since", "1ns"); out != "No dead letters.\n" {
		t.Errorf("--since:\n%s", out)
	}
	if code, _, errOut := call("list", "--since", "-1h"); code != exitUsage || !strings.Contains(errOut, "lies ahead") {
		t.Errorf("--since ahead, code %d: %s", code, errOut)
	}
	if code, _, errOut := call("replay", "7", "--reason", "x"); code != exitUsage || !strings.Contains(errOut, "--reason goes with --all") {
		t.Errorf("--reason without --all, code %d: %s", code, errOut)
	}
	if code, out, _ := call("replay", "--all", "--reason", "is not an id", "--since", "1h"); code != exitOK || out != "60 dead letters replayed: classifier 60.\n" {
		t.Errorf("replay, code %d:\n%s", code, out)
	}
	if _, out, _ := call("list"); !strings.HasSuffix(out, "\n1 dead letter: parser 1.\n") {
		t.Errorf("afterwards:\n%s", out)
	}
}
