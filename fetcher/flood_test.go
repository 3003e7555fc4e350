//go:build !race

// Under the race detector every byte of memory is several.
package fetcher

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/spywire/spywire/internal/story"
)

// flooded names the server, for this test run as the process that is flooded.
const flooded = "SPYWIRE_TEST_FLOODED"

func TestMain(m *testing.M) {
	if addr := os.Getenv(flooded); addr != "" {
		flood(addr)
		return
	}
	os.Exit(m.Run())
}

const (
	floodHosts  = 64
	floodMemory = 256 << 20 // the most that a process may hold
)

// flood asks sixty-four hosts at once for their feed, and then for a page each, all of them as large and as odd as they can
// be made, and prints the states and the most memory that this process has held.
func flood(addr string) {
	v, err := NewVisitor(Config{HostDelay: time.Millisecond, ConnectTo: []string{"*.localhost=" + addr}}, nil)
	if err != nil {
		panic(err)
	}
	states := map[string]int{}
	var mu sync.Mutex
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		states[what]++
	}
	var group sync.WaitGroup
	for i := range floodHosts {
		group.Go(func() {
			url := fmt.Sprintf("http://h%d.localhost/%d", i, i)
			note("feed " + v.Check(context.Background(), story.Feed{ID: story.NewID(url), URL: url}).State)
			if _, err := v.Page(context.Background(), url+"?page"); err != nil {
				note("page refused")
			} else {
				note("page taken")
			}
		})
	}
	group.Wait()
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"peak": kb << 10, "states": states})
}

// Sixty-four hosts flood a process at once, with feeds of 7 to 16 MB and pages likewise: it stays within its memory, and
// every host has its verdict.
func TestMemoryUnderAFlood(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("memory is read from /proc, which this system does not have")
	}
	small := strings.Repeat("<item><title>A pier</title><link>/%d</link><description>x</description></item>", 1)
	var manyItems, bigItems strings.Builder
	for i := 0; manyItems.Len() < 7<<20; i++ {
		fmt.Fprintf(&manyItems, small, i)
	}
	for i := 0; bigItems.Len() < 15<<20; i++ {
		fmt.Fprintf(&bigItems, "<item><link>/%d</link><description>%s</description></item>", i, strings.Repeat("The harbour <![CDATA[<b>is</b>]]> closed. ", 1500))
	}
	oneItem := "<item><link>/1</link><description>" + strings.Repeat("word ", 7<<20/5) + "</description></item>"
	cyrillic := strings.Repeat("<item><link>/1</link><title>\xcf\xee\xe1\xe5\xe3 \xef\xe8\xeb\xee\xf2\xe0</title></item>", 120_000)
	attribute := `<item a="` + strings.Repeat("x", 7<<20) + `"><link>/1</link></item>`
	wide := "\xff\xfe" + strings.Join(strings.Split(rss(manyItems.String()[:3<<20]), ""), "\x00") + "\x00"
	var zip bytes.Buffer
	z := gzip.NewWriter(&zip)
	_, _ = io.WriteString(z, rss(bigItems.String()))
	_ = z.Close()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := enc.EncodeAll(bytes.Repeat([]byte("<item><link>/1</link></item>"), 4<<20), nil)
	bodies := []struct {
		encoding string
		body     []byte
	}{
		{"", []byte(rss(manyItems.String()))}, {"gzip", zip.Bytes()}, {"", []byte(rss(oneItem))}, {"", []byte(rss(cyrillic))},
		{"", []byte(rss(attribute))}, {"", []byte(wide)}, {"zstd", bomb}, {"", []byte(`{"version":"https://jsonfeed.org/version/1.1","items":[` + strings.Repeat(`{"id":"1","url":"https://a.example/1","content_html":"x"},`, 120_000) + `{}]}`)},
	}
	s := newSite(t)
	for i := range floodHosts {
		b := bodies[i%len(bodies)]
		s.on(fmt.Sprintf("h%d.localhost/%d", i, i), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			if r.URL.RawQuery != "" {
				w.Header().Set("Content-Type", "application/octet-stream")
			}
			if b.encoding != "" {
				w.Header().Set("Content-Encoding", b.encoding)
			}
			_, _ = w.Write(b.body)
		})
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), flooded+"="+s.Listener.Addr().String())
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Peak   int
		States map[string]int
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("peak %d MB, %v", got.Peak>>20, got.States)
	total := 0
	for _, n := range got.States {
		total += n
	}
	if total != 2*floodHosts {
		t.Errorf("%v", got.States)
	}
	if got.Peak > floodMemory {
		t.Errorf("the process held %d MB, at most %d are right", got.Peak>>20, floodMemory>>20)
	}
}
