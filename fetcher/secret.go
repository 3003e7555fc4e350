package fetcher

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// secrets are the headers that a feed's own host wants, for a request to that host and no other: neither where a
// redirect leads, nor over http where the list says https.
func (f *Fetcher) secrets(in story.Feed, rawURL string) http.Header {
	return secretsFor(in, rawURL, f.feeds.Header)
}

func secretsFor(in story.Feed, rawURL string, header func(story.ID) http.Header) http.Header {
	if in.Secret == "" {
		return nil
	}
	own, err := url.Parse(in.URL)
	if err != nil {
		return nil
	}
	to, err := url.Parse(rawURL)
	if err != nil || !strings.EqualFold(to.Host, own.Host) || to.Scheme != own.Scheme {
		return nil
	}
	return header(in.ID)
}
