package newsroom_test

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/spywire/spywire/internal/newsroom"
)

func TestConditionalRequests(t *testing.T) {
	n := open(t, newsroom.Options{})
	checked := 0
	urls := []string{}
	for _, f := range n.Feeds() {
		urls = append(urls, f.URL)
	}
	for _, e := range n.Expectations() {
		urls = append(urls, e.URL)
	}
	for _, url := range urls {
		w := get(n, url)
		if w.Code != http.StatusOK {
			continue
		}
		if tag := w.Header().Get("ETag"); tag != "" {
			checked++
			if again := get(n, url, "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
				t.Errorf("%s: %d with its own ETag", url, again.Code)
			}
			if again := get(n, url, "If-None-Match", `"older"`); again.Code != http.StatusOK {
				t.Errorf("%s: %d with another ETag", url, again.Code)
			}
		} else if stamp := w.Header().Get("Last-Modified"); stamp != "" {
			checked++
			if again := get(n, url, "If-Modified-Since", stamp); again.Code != http.StatusNotModified {
				t.Errorf("%s: %d with its own Last-Modified", url, again.Code)
			}
		}
	}
	if checked < 60 {
		t.Errorf("%d answers carried a validator", checked)
	}
}

func TestContentCodings(t *testing.T) {
	n := open(t, newsroom.Options{})
	seen := map[string]bool{}
	for _, f := range n.Feeds() {
		plain := get(n, f.URL)
		if plain.Code != http.StatusOK {
			continue
		}
		coded := get(n, f.URL, "Accept-Encoding", "gzip, br, zstd")
		coding := coded.Header().Get("Content-Encoding")
		seen[coding] = true
		var r io.Reader = coded.Body
		var err error
		switch coding {
		case "gzip":
			r, err = gzip.NewReader(coded.Body)
		case "br":
			r = brotli.NewReader(coded.Body)
		case "zstd":
			r, err = zstd.NewReader(coded.Body)
		}
		if err != nil {
			t.Fatalf("%s: %v", f.URL, err)
		}
		body, err := io.ReadAll(r)
		if err != nil || string(body) != plain.Body.String() {
			t.Errorf("%s in %q is not what it is without: %v", f.URL, coding, err)
		}
	}
	for _, coding := range []string{"", "gzip", "br", "zstd"} {
		if !seen[coding] {
			t.Errorf("no feed comes in %q", coding)
		}
	}
}

func TestRequestLogOverTheWire(t *testing.T) {
	n := open(t, newsroom.Options{})
	addr, stop, err := n.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}}
	request, err := http.NewRequest(http.MethodGet, "http://northline.localhost/security/swap-live?utm_source=x", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", "test/1")
	request.Header.Set("If-None-Match", `"old"`)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), "Two planes, one bus") || len(response.TransferEncoding) == 0 {
		t.Errorf("%v, %d bytes, transfer encoding %v", err, len(body), response.TransferEncoding)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	client.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
	log := n.Requests()
	if len(log) != 1 {
		t.Fatalf("%d lines in the log", len(log))
	}
	got := log[0]
	if got.Host != "northline.localhost" || got.Path != "/security/swap-live" || got.Query != "utm_source=x" || got.Status != 200 || got.Bytes == 0 ||
		got.IfNoneMatch != `"old"` || got.UserAgent != "test/1" || got.End.Before(got.Start) {
		t.Errorf("%+v", got)
	}
}
