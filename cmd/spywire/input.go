package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spywire/spywire/fetcher"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
)

// maxFile is the most that is read of a file or of standard input; the parser's own caps come after it.
const maxFile = 64 << 20

// openPage is the page in a file, at a URL, or on standard input ("-"). A gzip file is passed on as such, just
// as a server would have sent it. pageURL, where known, is where a file's page came from.
func openPage(ctx context.Context, cfg config.Config, in io.Reader, arg, pageURL string) (story.Page, error) {
	scheme, rest, isURL := strings.Cut(arg, "://")
	if isURL && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")) {
		return fetcher.Get(ctx, cfg.Fetch, strings.ToLower(scheme)+"://"+rest)
	}
	body, err := readInput(in, arg)
	if errors.Is(err, fs.ErrNotExist) {
		if host, _, inside := strings.Cut(arg, "/"); isURL {
			err = fmt.Errorf("%s: %s is not fetched, want an address that begins with http:// or https://", arg, scheme)
		} else if inside && strings.Contains(strings.Trim(host, "."), ".") {
			err = fmt.Errorf("%w; a web address begins with https://", err)
		}
	}
	if err != nil {
		return story.Page{}, err
	}
	return filePage(body, arg, pageURL), nil
}

// readInput reads a whole file, or standard input for "-".
func readInput(in io.Reader, arg string) ([]byte, error) {
	if arg != "-" {
		f, err := os.Open(arg)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", arg, err)
	}
	if len(body) > maxFile {
		return nil, fmt.Errorf("%s: larger than %d MiB", arg, maxFile>>20)
	}
	return body, nil
}

// filePage dresses bytes as the page a server would have sent, fetched now. Its URL is empty if nobody said it.
func filePage(body []byte, name, pageURL string) story.Page {
	listed := pageURL
	if normal, err := weburl.Normalize(pageURL); err == nil {
		listed = normal
	}
	sum := sha256.Sum256(body)
	page := story.Page{
		ID: story.NewID(cmp.Or(listed, "file:"+name)), URL: listed, FinalURL: listed, Status: 200, Body: body,
		SHA256: hex.EncodeToString(sum[:]), FetchedAt: story.Instant(time.Now()),
	}
	if host := weburl.Host(listed); host != "" {
		page.Source = story.Source{ID: weburl.SourceID(host), Host: host}
	}
	if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		page.ContentEncoding = "gzip"
	}
	return page
}

// plain is body decompressed if it is a gzip file.
func plain(body []byte) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	if len(out) > maxFile {
		return nil, fmt.Errorf("unpacks to more than %d MiB", maxFile>>20)
	}
	return out, z.Close()
}

// openLines opens a file, or standard input for "-", to be read line by line; it may be gzip.
func openLines(in io.Reader, arg string) (io.ReadCloser, error) {
	file := io.NopCloser(in)
	if arg != "-" {
		f, err := os.Open(arg)
		if err != nil {
			return nil, err
		}
		file = f
	}
	buffered := bufio.NewReader(file)
	lines := io.Reader(buffered)
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) { // an error comes again at the first read
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", arg, err), file.Close())
		}
		lines = z
	}
	return struct {
		io.Reader
		io.Closer
	}{lines, file}, nil
}

// complain says what is wrong with one input of several. It names the input unless the error does, and an address
// only as the error has it, which is without a password.
func complain(w io.Writer, arg string, err error) {
	text := err.Error()
	if arg == "-" {
		arg = "standard input"
	}
	if !strings.Contains(text, arg) && !strings.Contains(arg, "://") {
		text = arg + ": " + text
	}
	fmt.Fprintf(w, "spywire: %s\n", harmless(text))
}

// inputs is what a command works on when no file is named: standard input, unless a person is typing there.
func inputs(in io.Reader, given []string) ([]string, error) {
	if len(given) > 0 {
		return given, nil
	}
	if isTerminal(in) {
		return nil, usageError{errors.New("name a file or a URL, or pipe something in")}
	}
	return []string{"-"}, nil
}
