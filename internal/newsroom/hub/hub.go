// Package hub is a WebSub hub (W3C Recommendation of 23 January 2018) for tests: it verifies what subscribers ask for, keeps
// leases, and delivers signed content to whoever is subscribed. It is small and keeps everything in memory.
package hub

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what a hub signs with is its own choice, and subscribers have to read it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Hub takes subscriptions by POST.
type Hub struct {
	// URL is the hub's own, for the Link header of deliveries.
	URL string
	// Client makes the requests to callbacks.
	Client *http.Client
	// Lease is granted, whatever was asked for.
	Lease time.Duration
	// Method signs deliveries: sha1, sha256, sha384 or sha512.
	Method string
	// Deny is why every subscription is denied; empty denies none.
	Deny string

	mu    sync.Mutex
	subs  map[key]Subscription
	log   []string
	calls sync.WaitGroup
}

// patience is how long a callback may take to answer.
const patience = 30 * time.Second

type key struct{ topic, callback string }

// Subscription is what the hub knows of a subscriber.
type Subscription struct {
	Topic, Callback, Secret string
	Asked                   time.Duration // lease the subscriber asked for
	Until                   time.Time
	Renewed                 int
}

// New makes a hub that is reached at url.
func New(url string, client *http.Client) *Hub {
	return &Hub{URL: url, Client: client, Lease: time.Hour, Method: "sha256", subs: map[key]Subscription{}}
}

// Wait returns when no verification is under way.
func (h *Hub) Wait() { h.calls.Wait() }

// Subscriptions are those that are verified and not over.
func (h *Hub) Subscriptions() (out []Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.subs {
		if time.Now().Before(s.Until) {
			out = append(out, s)
		}
	}
	return out
}

// Log is what happened, in order.
func (h *Hub) Log() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.log...)
}

func (h *Hub) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, fmt.Sprintf(format, args...))
}

// ServeHTTP takes a request to subscribe or unsubscribe (section 5.1) and verifies it before it counts.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.ParseForm() != nil {
		http.Error(w, "POST a form", http.StatusMethodNotAllowed)
		return
	}
	form := r.PostForm
	sub := Subscription{Topic: form.Get("hub.topic"), Callback: form.Get("hub.callback"), Secret: form.Get("hub.secret")}
	callback, err := url.Parse(sub.Callback)
	mode := form.Get("hub.mode")
	switch {
	case mode != "subscribe" && mode != "unsubscribe", sub.Topic == "", err != nil || callback.Host == "":
		http.Error(w, "hub.mode, hub.topic or hub.callback is wrong", http.StatusBadRequest)
		return
	case len(sub.Secret) >= 200: // section 5.1
		http.Error(w, "hub.secret is too long", http.StatusBadRequest)
		return
	}
	seconds, _ := strconv.Atoi(form.Get("hub.lease_seconds"))
	sub.Asked = time.Duration(seconds) * time.Second
	h.note("%s %s", mode, sub.Topic)
	w.WriteHeader(http.StatusAccepted)
	h.calls.Go(func() { h.verify(mode, sub) })
}

// verify asks the callback whether it meant it (section 5.3), or tells it that it is denied (section 5.2).
func (h *Hub) verify(mode string, sub Subscription) {
	h.mu.Lock()
	deny, lease := h.Deny, h.Lease
	h.mu.Unlock()
	q := url.Values{"hub.mode": {mode}, "hub.topic": {sub.Topic}}
	challenge := rand.Text()
	if deny != "" && mode == "subscribe" {
		q = url.Values{"hub.mode": {"denied"}, "hub.topic": {sub.Topic}, "hub.reason": {deny}}
	} else {
		q.Set("hub.challenge", challenge)
	}
	if mode == "subscribe" && deny == "" {
		q.Set("hub.lease_seconds", strconv.Itoa(int(lease.Seconds())))
	}
	status, body := h.Ask(sub.Callback, q)
	if deny != "" && mode == "subscribe" {
		h.note("denied %s", sub.Topic)
		return
	}
	if status/100 != 2 || body != challenge {
		h.note("not verified: %s %s, status %d", mode, sub.Topic, status)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	at := key{sub.Topic, sub.Callback}
	h.log = append(h.log, "verified "+mode+" "+sub.Topic)
	if mode == "unsubscribe" {
		delete(h.subs, at)
		return
	}
	if old, again := h.subs[at]; again {
		sub.Renewed = old.Renewed + 1
	}
	sub.Until = time.Now().Add(lease)
	h.subs[at] = sub
}

// Ask sends a GET with a query to a callback.
func (h *Hub) Ask(callback string, q url.Values) (status int, body string) {
	u, err := url.Parse(callback)
	if err != nil {
		return 0, err.Error()
	}
	own := u.Query() // of the callback's own query every part stays
	for k, v := range q {
		own[k] = v
	}
	u.RawQuery = own.Encode()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return 0, err.Error()
	}
	resp, err := h.Client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(data)
}

// Publish delivers content of a topic to all that are subscribed to it (section 7) and says what each answered. Who
// answers 410 is subscribed no longer.
func (h *Hub) Publish(topic, contentType string, content []byte) (statuses []int) {
	for _, sub := range h.Subscriptions() {
		if sub.Topic != topic {
			continue
		}
		status := h.Deliver(sub, contentType, content, Sign(h.Method, sub.Secret, content))
		statuses = append(statuses, status)
		if status == http.StatusGone {
			h.mu.Lock()
			delete(h.subs, key{sub.Topic, sub.Callback})
			h.mu.Unlock()
		}
	}
	return statuses
}

// Deliver sends one delivery under any signature, and returns the status, or 0.
func (h *Hub) Deliver(sub Subscription, contentType string, content []byte, signature string) int {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sub.Callback, bytes.NewReader(content))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Add("Link", "<"+h.URL+`>; rel="hub", <`+sub.Topic+`>; rel="self"`)
	if signature != "" {
		req.Header.Set("X-Hub-Signature", signature)
	}
	resp, err := h.Client.Do(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close() // of the answer only the status counts
	return resp.StatusCode
}

// Sign is the X-Hub-Signature of content (section 8); "" without a secret.
func Sign(method, secret string, content []byte) string {
	sum := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}[method]
	if sum == nil || secret == "" {
		return ""
	}
	mac := hmac.New(sum, []byte(secret))
	mac.Write(content)
	return method + "=" + hex.EncodeToString(mac.Sum(nil))
}
