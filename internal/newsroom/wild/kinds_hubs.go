package wild

import (
	"net/http"
	"time"
)

// shared is a further host that many hosts of a web have to do with. It is healthy and listed by nobody.
func (h *Host) shared(name string) *Host {
	name += ".localhost"
	h.web.mu.Lock()
	defer h.web.mu.Unlock()
	if other := h.web.byName[name]; other != nil {
		return other
	}
	other := newHost(h.web, Kind{Name: "shared"}, name)
	h.web.Hosts, h.web.byName[name] = append(h.web.Hosts, other), other
	return other
}

// pushes has the host's feed name hubs, as most do that have any.
func (h *Host) pushes(hubs ...string) {
	list := listing(h.Feeds[0])
	h.feeds(func(x *exchange) {
		for _, hub := range hubs {
			x.w.Header().Add("Link", "<"+hub+`>; rel="hub"`)
		}
		list(x)
	})
}

// hub answers requests to subscribe at a path.
func (h *Host) hub(path string, answer handler) string {
	h.on(path, func(x *exchange) {
		err := x.r.ParseForm()
		h.web.change(func() {
			x.line.For, x.line.Topic = ForHub, x.r.PostForm.Get("hub.topic")
		})
		if err != nil || x.r.Method != http.MethodPost || x.line.Topic == "" {
			status(400)(x)
			return
		}
		answer(x)
	})
	return h.url(path)
}

func hubKinds() []Kind {
	takes := func(x *exchange) { x.send(202, "text/plain", "it will be asked back\n") }
	return []Kind{
		{"pushed", "feeds name one hub for all of them", "it is asked once for each, one after the other, whoever asks", 12, func(h *Host) {
			h.pushes(h.shared("hub").hub("/", takes))
		}},
		{"pushed-slowly", "the hub of several feeds takes a second to answer", "nobody else asks it meanwhile", 4, func(h *Host) {
			h.pushes(h.shared("slow-hub").hub("/hub", func(x *exchange) {
				time.Sleep(time.Second)
				takes(x)
			}))
		}},
		{"pushed-away", "the hub sends subscribers on to another by 307", "that one is asked, in its turn", 4, func(h *Host) {
			h.pushes(h.shared("old-hub").hub("/", redirect(307, h.shared("hub").hub("/moved", takes))))
		}},
		{"pushed-twice", "a feed names two hubs, the first of which is overloaded and says for how long", "it is left alone, and the second takes over", 3, func(h *Host) {
			h.pushes(h.shared("full-hub").hub("/", status(503, "Retry-After: 30")), h.shared("hub").hub("/second", takes))
		}},
		{"pushed-shut", "robots.txt closes the hub", "it is not asked; the feed is polled", 1, func(h *Host) {
			hub := h.beside("hub")
			hub.rules.Closed = []string{"/hub"}
			h.pushes(hub.hub("/hub", takes))
		}},
		{"pushed-inwards", "a feed names hubs within the reader's own network", "nobody comes to the bait", 1, func(h *Host) {
			h.pushes(h.web.bait.forbidden()[8], h.web.bait.forbidden()[0], h.web.bait.forbidden()[14])
		}},
	}
}
