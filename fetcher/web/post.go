package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxPostHops is how many redirects of a POST are followed; only 307 and 308 keep it a POST.
	maxPostHops = 3
	// maxPostAnswer is how much of an answer is read, in bytes: a sentence.
	maxPostAnswer = 2 << 10
)

// Post sends a form, to public addresses only like Get, and gives the status and the beginning of the answer. before is
// called with the URL of each request, and may wait.
func (c *Client) Post(ctx context.Context, rawURL string, form url.Values, before func(url string) error) (status int, answer string, err error) {
	ctx, stop := context.WithTimeout(ctx, c.opt.Timeout)
	defer stop()
	body := form.Encode()
	for range maxPostHops + 1 {
		u, err := url.Parse(rawURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return 0, "", fail(BadHTTP, fmt.Errorf("post %q: not an http or https URL", rawURL))
		}
		if err := before(rawURL); err != nil {
			return 0, "", err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, rawURL, strings.NewReader(body))
		if err != nil {
			return 0, "", fail(BadHTTP, fmt.Errorf("post %s: %w", rawURL, err))
		}
		req.Header = http.Header{"User-Agent": {c.opt.UserAgent}, "Content-Type": {"application/x-www-form-urlencoded"}}
		resp, err := c.roundTrip(req)
		if err != nil {
			return 0, "", c.explain(ctx, rawURL, err)
		}
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxPostAnswer))
		err = errors.Join(err, resp.Body.Close())
		if status = resp.StatusCode; status != http.StatusTemporaryRedirect && status != http.StatusPermanentRedirect {
			return status, string(text), err
		}
		next, err := u.Parse(resp.Header.Get("Location"))
		if err != nil || resp.Header.Get("Location") == "" {
			return status, "redirects to nowhere", nil
		}
		rawURL = next.String()
	}
	return status, "redirects too often", nil
}

// Pushed is content that came without having been asked for, as the answer to a request for url.
func Pushed(url string, header http.Header, body []byte) *Response {
	return &Response{URL: url, Status: http.StatusOK, Header: header, Body: body, SeenAt: time.Now()}
}
