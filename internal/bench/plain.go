package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html/charset"
	"golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// readers is how many requests a yardstick has under way: enough that the newsroom is never waited for.
const readers = 8

// batch is how many rows the plain loop writes at once, as the product does.
const batch = 100

type row struct{ url, title, published, text string }

// runPlain is the role "plain DIR": what one writes in an afternoon. Every feed is read with gofeed, every item's page
// is fetched, its paragraphs are taken by a selector, and all goes into one SQLite table. It asks no robots.txt,
// makes no pause, keeps no ledger, survives no crash and understands nothing.
func runPlain(ctx context.Context, args []string, out io.Writer) (err error) {
	w, err := readWeb(args[0])
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(args[0], "plain.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `CREATE TABLE articles (url TEXT PRIMARY KEY, title TEXT, published TEXT, text TEXT)`); err != nil {
		return err
	}
	client := w.client()
	return account(out, func() (stored int, err error) {
		rows, written := make(chan row, batch), make(chan error, 1)
		go func() {
			var err error
			stored, err = insert(ctx, db, rows)
			for range rows { // nobody may wait for a writer that has given up
			}
			written <- err
		}()
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(readers)
		for _, feed := range w.Feeds {
			group.Go(func() error { return readFeed(ctx, client, feed, rows) })
		}
		err = group.Wait()
		close(rows)
		return stored, errors.Join(err, <-written)
	})
}

func readFeed(ctx context.Context, client *http.Client, url string, rows chan<- row) error {
	resp, err := get(ctx, client, url, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	feed, err := gofeed.NewParser().Parse(resp.Body)
	if err != nil {
		return fmt.Errorf("feed %s: %w", url, err)
	}
	for _, item := range feed.Items {
		text, err := readPage(ctx, client, item.Link)
		if err != nil {
			return err
		}
		rows <- row{item.Link, item.Title, item.Published, text}
	}
	return nil
}

func readPage(ctx context.Context, client *http.Client, url string) (string, error) {
	resp, err := get(ctx, client, url, nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	decoded, err := charset.NewReader(resp.Body, resp.Header.Get("Content-Type"))
	if err != nil {
		return "", fmt.Errorf("page %s: %w", url, err)
	}
	page, err := goquery.NewDocumentFromReader(decoded)
	if err != nil {
		return "", fmt.Errorf("page %s: %w", url, err)
	}
	paragraphs := page.Find("article p")
	if paragraphs.Length() == 0 { // most designs of the newsroom have no such element
		paragraphs = page.Find("p")
	}
	var text []string
	paragraphs.Each(func(_ int, p *goquery.Selection) { text = append(text, strings.TrimSpace(p.Text())) })
	return strings.Join(text, "\n\n"), nil
}

// insert writes rows in transactions of a batch until there are no more, and says how many there were.
func insert(ctx context.Context, db *sql.DB, rows <-chan row) (stored int, err error) {
	for more := true; more; {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return stored, err
		}
		count := 0
		for count < batch {
			var r row
			if r, more = <-rows; !more {
				break
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO articles VALUES (?, ?, ?, ?)`, r.url, r.title, r.published, r.text); err != nil {
				return stored, errors.Join(err, tx.Rollback())
			}
			count++
		}
		if err := tx.Commit(); err != nil {
			return stored, err
		}
		stored += count
	}
	return stored, nil
}
