package wild

import (
	"slices"

	"github.com/spywire/spywire/internal/story"
)

// Kind is one way for a site to be. Does says what such a host does, Right what a good reader makes of it; the host that
// build makes states the same by its articles' outcomes, its feeds' states and the rules in its log.
type Kind struct {
	Name        string // of its hosts: <name>-<n>.localhost
	Does, Right string
	Hosts       int // of it in a web; 0 is 1

	build func(*Host)
}

// Arrives is how an article may end that a reader passes on, although perhaps not whole: what is in it is for the next
// stage to judge.
const Arrives story.Outcome = "arrives"

var healthy = Kind{
	Name: "paper", Does: "a feed with both validators and a page for each item, in one coding or another", Right: "every article, whole and once",
	build: func(h *Host) {
		coding := []string{"", "gzip", "br", "zstd"}[len(h.web.Hosts)%4]
		if coding == "" {
			return
		}
		h.pages(func(a *Article) handler {
			return coded("text/html; charset=utf-8", coding, a.Body, "Vary: Accept-Encoding")
		})
	},
}

// Kinds are all kinds of fault.
func Kinds() []Kind {
	return slices.Concat(robotsKinds(), limitKinds(), moveKinds(), forbiddenKinds(), feedKinds(), charsetKinds(), cacheKinds(), pageKinds(), wireKinds(), hubKinds())
}

func (k Kind) among(names []string) bool { return names == nil || slices.Contains(names, k.Name) }
