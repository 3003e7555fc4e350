// Package websub is the subscriber's side of W3C WebSub (Recommendation of 23 January 2018) as messages: how a topic and its
// hub are found, what is asked of a hub, what a hub asks in return, and how its deliveries are signed. It makes no request.
package websub

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // section 8 lets hubs sign with it, and many do
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Modes of a request to a hub, and of one from it.
const (
	Subscribe   = "subscribe"
	Unsubscribe = "unsubscribe"
	Denied      = "denied"
)

// Request is what a hub is asked for (section 5.1), sent as a form.
type Request struct {
	Mode     string
	Topic    string
	Callback string
	Lease    time.Duration // wanted; the hub decides
	Secret   string        // empty to go without: see Confidential
}

// Form is the request as it is sent.
func (r Request) Form() url.Values {
	form := url.Values{"hub.mode": {r.Mode}, "hub.topic": {r.Topic}, "hub.callback": {r.Callback}}
	if r.Mode == Subscribe {
		form.Set("hub.lease_seconds", strconv.Itoa(int(r.Lease.Seconds())))
		if r.Secret != "" {
			form.Set("hub.secret", r.Secret)
		}
	}
	return form
}

// Confidential reports whether a hub may be given a secret: over https (section 5.1), or where it is of this very machine,
// which W3C Secure Contexts (section 3.1) trusts as much: 127.0.0.0/8, ::1, localhost and all names below it.
func Confidential(hub string) bool {
	u, err := url.Parse(hub)
	if err != nil {
		return false
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	addr, err := netip.ParseAddr(name)
	return u.Scheme == "https" || err == nil && addr.IsLoopback() || name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// Intent is what a hub asks or tells a callback by GET: whether a request was meant (section 5.3), or that it is denied
// (section 5.2).
type Intent struct {
	Mode      string
	Topic     string
	Challenge string
	Lease     time.Duration // granted; 0 if the hub does not say
	Reason    string        // of a denial
}

// maxChallenge is the longest challenge that is echoed, in bytes.
const maxChallenge = 4096

// ParseIntent reads the query of a GET.
func ParseIntent(q url.Values) (Intent, error) {
	in := Intent{Mode: q.Get("hub.mode"), Topic: q.Get("hub.topic"), Challenge: q.Get("hub.challenge"), Reason: q.Get("hub.reason")}
	switch in.Mode {
	case Subscribe, Unsubscribe:
		if in.Challenge == "" || len(in.Challenge) > maxChallenge {
			return in, errors.New("hub.challenge is missing or too long")
		}
	case Denied:
	default:
		return in, fmt.Errorf("hub.mode %q is not known", in.Mode)
	}
	if seconds, err := strconv.ParseInt(q.Get("hub.lease_seconds"), 10, 64); err == nil && seconds > 0 {
		in.Lease = time.Duration(min(seconds, int64(MaxLease.Seconds()))) * time.Second
	}
	return in, nil
}

// MaxLease is the longest lease that is believed.
const MaxLease = 365 * 24 * time.Hour

// methods of signing (section 8).
var methods = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}

// Signed reports whether a delivery's X-Hub-Signature ("method=hex") is that of the secret over the body. It takes the
// same time whatever is wrong with the digest.
func Signed(header, secret string, body []byte) bool {
	method, digest, ok := strings.Cut(strings.TrimSpace(header), "=")
	sum := methods[strings.ToLower(method)]
	if !ok || sum == nil || secret == "" {
		return false
	}
	given, err := hex.DecodeString(digest)
	if err != nil {
		return false
	}
	mac := hmac.New(sum, []byte(secret))
	mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}

// Links are the hubs and the topic that Link headers name (section 4, RFC 8288), resolved against base; "" where they name
// none. A publisher may name several hubs, the first being as good as any.
func Links(h http.Header, base string) (hubs []string, self string) {
	for _, value := range h.Values("Link") {
		for _, link := range splitLinks(value) {
			target, rels, ok := parseLink(link)
			if !ok {
				continue
			}
			at := resolve(base, target)
			for _, rel := range rels {
				switch {
				case rel == "hub" && at != "":
					hubs = append(hubs, at)
				case rel == "self" && self == "":
					self = at
				}
			}
		}
	}
	return hubs, self
}

// splitLinks splits at commas that stand neither in a target nor in quotes.
func splitLinks(value string) (links []string) {
	var quoted, target bool
	from := 0
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"' && !target:
			quoted = !quoted
		case c == '<' && !quoted:
			target = true
		case c == '>' && !quoted:
			target = false
		case c == ',' && !quoted && !target:
			links, from = append(links, value[from:i]), i+1
		}
	}
	return append(links, value[from:])
}

func parseLink(link string) (target string, rels []string, ok bool) {
	link = strings.TrimSpace(link)
	target, params, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if !ok || !strings.HasPrefix(link, "<") {
		return "", nil, false
	}
	for param := range strings.SplitSeq(params, ";") {
		key, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(key), "rel") {
			rels = strings.Fields(strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`)))
			break // only the first counts (RFC 8288 section 3.3)
		}
	}
	return strings.TrimSpace(target), rels, true
}

func resolve(base, target string) string {
	b, err := url.Parse(base)
	if err != nil {
		return ""
	}
	u, err := b.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}
