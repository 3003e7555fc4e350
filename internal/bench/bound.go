package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/net/html"
	"golang.org/x/sync/errgroup"
)

// runBound is the role "bound DIR": what nobody can go below who reads HTML with this parser. Each page is fetched,
// unpacked, parsed, and its bytes are appended to a file. There is no feed, no database, and nothing is looked at.
func runBound(ctx context.Context, args []string, out io.Writer) error {
	w, err := readWeb(args[0])
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(args[0], "bound.html"))
	if err != nil {
		return err
	}
	defer file.Close()
	client := w.client()
	return account(out, func() (int, error) {
		var mu sync.Mutex
		appended := bufio.NewWriterSize(file, 1<<20)
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(readers)
		for _, url := range w.Pages {
			group.Go(func() error {
				page, err := parsed(ctx, client, url)
				if err != nil {
					return fmt.Errorf("page %s: %w", url, err)
				}
				mu.Lock()
				defer mu.Unlock()
				_, err = appended.Write(page)
				return err
			})
		}
		return len(w.Pages), errors.Join(group.Wait(), appended.Flush())
	})
}

func parsed(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	resp, err := get(ctx, client, url, http.Header{"Accept-Encoding": {"gzip"}})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			return nil, err
		}
	}
	page, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	_, err = html.Parse(bytes.NewReader(page))
	return page, err
}
