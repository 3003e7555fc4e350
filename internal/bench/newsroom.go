package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/newsroom"
	"github.com/spywire/spywire/internal/story"
)

// web is the load as its readers find it. The newsroom writes it to web.json when it listens.
type web struct {
	Addr  string   // host:port that every *.localhost is at
	Feeds []string // URLs of the feeds of generated articles
	Pages []string // URLs of the generated articles
	List  string   // the feeds as a list that spywire reads
}

const webFile = "web.json"

// serveNewsroom is the role "newsroom DIR ARTICLES HOSTS BYTES": it serves until it is stopped.
func serveNewsroom(ctx context.Context, args []string, _ io.Writer) error {
	if len(args) != 4 {
		return fmt.Errorf("newsroom: %q, want DIR ARTICLES HOSTS BYTES", args)
	}
	var o newsroom.Options
	for i, n := range []*int{&o.Load, &o.LoadHosts, &o.LoadBytes} {
		var err error
		if *n, err = strconv.Atoi(args[1+i]); err != nil {
			return fmt.Errorf("newsroom: %w", err)
		}
	}
	room, err := newsroom.New(o)
	if err != nil {
		return err
	}
	generated := func(host string) bool { return strings.HasPrefix(host, "load") }
	var w web
	var feeds []story.Feed
	for _, f := range room.Feeds() {
		if generated(strings.TrimPrefix(f.URL, "http://")) {
			f.Interval = 24 * time.Hour // one poll is what is measured
			feeds, w.Feeds = append(feeds, f), append(w.Feeds, f.URL)
		}
	}
	for _, e := range room.Expectations() {
		if generated(e.Host) {
			w.Pages = append(w.Pages, e.URL)
		}
	}
	var list bytes.Buffer
	if err := feedlist.WriteYAML(&list, feeds); err != nil {
		return err
	}
	w.List = list.String()
	addr, stop, err := room.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	w.Addr = addr
	data, err := json.Marshal(w)
	if err == nil {
		err = writeWhole(filepath.Join(args[0], webFile), data)
	}
	if err == nil {
		<-ctx.Done()
	}
	if stopped := stop(); err == nil {
		err = stopped
	}
	return err
}

// writeWhole makes a file appear with all that is in it.
func writeWhole(file string, data []byte) error {
	if err := os.WriteFile(file+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

func readWeb(dir string) (w web, err error) {
	data, err := os.ReadFile(filepath.Join(dir, webFile))
	if err != nil {
		return w, err
	}
	return w, json.Unmarshal(data, &w)
}

// client is an HTTP client as everybody makes one, but for where *.localhost is.
func (w web) client() *http.Client {
	var dialer net.Dialer
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		MaxIdleConnsPerHost: readers,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, w.Addr)
		},
	}}
}

func get(ctx context.Context, client *http.Client, url string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if header != nil {
		req.Header = header
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return resp, nil
}
