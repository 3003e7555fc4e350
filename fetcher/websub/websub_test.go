package websub_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/spywire/spywire/fetcher/websub"
)

func TestSigned(t *testing.T) {
	body, secret := []byte("<feed/>"), "the secret"
	sign := func(name string, h func() hash.Hash) string {
		mac := hmac.New(h, []byte(secret))
		mac.Write(body)
		return name + "=" + hex.EncodeToString(mac.Sum(nil))
	}
	good := []string{sign("sha1", sha1.New), sign("sha256", sha256.New), sign("SHA384", sha512.New384), sign("sha512", sha512.New), strings.ToUpper(sign("sha256", sha256.New))}
	for _, s := range good {
		if !websub.Signed(s, secret, body) {
			t.Errorf("%s is refused", s)
		}
		if websub.Signed(s, "another", body) || websub.Signed(s, secret, append([]byte("x"), body...)) || websub.Signed(s, "", body) {
			t.Errorf("%s is good for another secret or body", s)
		}
	}
	for _, s := range []string{"", "sha256=", "sha256", "md5=" + strings.Repeat("0", 32), "sha256=zz", good[1][:20], strings.Replace(good[1], "sha256", "sha1", 1), "=" + strings.Repeat("0", 40)} {
		if websub.Signed(s, secret, body) {
			t.Errorf("%q is taken for a signature", s)
		}
	}
	// RFC 2202 section 3, test case 2.
	if !websub.Signed("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", "Jefe", []byte("what do ya want for nothing?")) {
		t.Error("the vector of RFC 2202 is refused")
	}
}

func TestLinks(t *testing.T) {
	for value, want := range map[string][2]string{
		`<https://hub.example/>; rel="hub", <https://a.example/feed>; rel="self"`:                    {"https://hub.example/", "https://a.example/feed"},
		`</hub,1>; title="a, \"b\""; REL=hub, <https://two.example/>; rel=hub, <x>; rel="next self"`: {"https://a.example/hub,1 https://two.example/", "https://a.example/f/x"},
		`<https://hub.example/>; rel=preload; rel=hub`:                                               {"", ""},
		`<ftp://hub.example/>; rel=hub, <>; rel`:                                                     {"", ""},
		`hub`:                                                                                        {"", ""}, `<unclosed; rel=hub`: {"", ""}, ``: {"", ""},
	} {
		if hubs, self := websub.Links(http.Header{"Link": {value}}, "https://a.example/f/feed"); strings.Join(hubs, " ") != want[0] || self != want[1] {
			t.Errorf("%s: %q, %q", value, hubs, self)
		}
	}
}

func TestWhoMayHaveASecret(t *testing.T) {
	for hub, want := range map[string]bool{
		"https://hub.example/": true, "http://hub.example/": false, "http://hub.localhost:8080/": true, "http://LOCALHOST./": true, "http://127.9.0.1/": true,
		"http://[::1]:1/": true, "http://10.0.0.1/": false, "http://localhost.example/": false, "http://notlocalhost/": false, "http://127.0.0.1.example/": false, ":": false,
	} {
		if websub.Confidential(hub) != want {
			t.Errorf("%s: %v", hub, !want)
		}
	}
}

func TestMessages(t *testing.T) {
	form := websub.Request{Mode: websub.Subscribe, Topic: "t", Callback: "c", Lease: time.Hour, Secret: "s"}.Form()
	if form.Encode() != "hub.callback=c&hub.lease_seconds=3600&hub.mode=subscribe&hub.secret=s&hub.topic=t" {
		t.Error(form.Encode())
	}
	if form := (websub.Request{Mode: websub.Unsubscribe, Secret: "s", Lease: time.Hour}).Form(); form.Has("hub.secret") || form.Has("hub.lease_seconds") {
		t.Error(form)
	}
	in, err := websub.ParseIntent(url.Values{"hub.mode": {"subscribe"}, "hub.topic": {"t"}, "hub.challenge": {"x"}, "hub.lease_seconds": {"99999999999"}})
	if err != nil || in.Lease != websub.MaxLease {
		t.Errorf("%+v %v", in, err)
	}
	for _, q := range []url.Values{{}, {"hub.mode": {"publish"}}, {"hub.mode": {"subscribe"}}, {"hub.mode": {"unsubscribe"}, "hub.challenge": {strings.Repeat("x", 5000)}}} {
		if _, err := websub.ParseIntent(q); err == nil {
			t.Error(q)
		}
	}
}
