package newsroom

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// index puts every article into its feeds and every URL into the table of addresses.
func (n *Newsroom) index() error {
	for _, o := range n.outlets {
		n.hosts[o.host] = o
		if _, ok := n.words[o.lang]; !ok {
			return fmt.Errorf("outlet %s: words/%s.txt is missing", o.dir, o.lang)
		}
		if n.designs.Lookup(o.design+".html") == nil {
			return fmt.Errorf("outlet %s: designs/%s.html is missing", o.dir, o.design)
		}
		for _, f := range o.feeds {
			if err := n.put(f.url, &address{outlet: o, feed: f}); err != nil {
				return err
			}
		}
	}
	for _, o := range n.outlets {
		for _, a := range o.articles {
			if err := n.place(a); err != nil {
				return fmt.Errorf("articles/%s/%s.txt: %w", o.dir, a.slug, err)
			}
		}
	}
	for _, o := range n.outlets {
		for _, f := range o.feeds {
			slices.SortStableFunc(f.items, func(a, b *article) int {
				return cmp.Or(cmp.Compare(b.published, a.published), cmp.Compare(a.url, b.url))
			})
		}
	}
	return nil
}

func (n *Newsroom) place(a *article) error {
	if err := n.put(a.url, &address{outlet: a.outlet, article: a}); err != nil {
		return err
	}
	if a.movedTo != "" {
		status := 301
		if a.serve[1] == "302" {
			status = 302
		}
		n.pages[a.url].redirect = &redirect{status, a.movedTo}
		if err := n.put(a.movedTo, &address{outlet: a.outlet, article: a}); err != nil {
			return err
		}
		// The host that a redirect leads to needs no folder of its own.
		host := strings.TrimSuffix(strings.TrimPrefix(a.movedTo, "http://"), "/")
		host, _, _ = strings.Cut(host, "/")
		if n.hosts[host] == nil {
			n.hosts[host] = &outlet{dir: host, host: host, name: a.outlet.name, lang: a.outlet.lang, design: a.outlet.design, robotsStatus: 404,
				zone: a.outlet.zone, charset: "utf-8", declare: "header", encoding: "none", validators: "both"}
		}
	}
	if a.canonical != "" && a.canonical != "none" && a.outlet.bySlug(a.canonical) == nil {
		return fmt.Errorf("canonical: the outlet has no article %q", a.canonical)
	}
	if len(a.feedRefs) == 0 && len(a.outlet.feeds) > 0 {
		a.feedRefs = []string{a.outlet.feeds[0].path}
	}
	if len(a.feedRefs) == 0 {
		return fmt.Errorf("no feed lists it")
	}
	for _, ref := range a.feedRefs {
		f := n.feedAt(a.outlet, ref)
		if f == nil {
			return fmt.Errorf("feeds: there is no %q", ref)
		}
		f.items = append(f.items, a)
		a.feeds = append(a.feeds, f)
	}
	return nil
}

func (n *Newsroom) put(url string, at *address) error {
	if n.pages[url] != nil {
		return fmt.Errorf("%s is taken twice", url)
	}
	n.pages[url] = at
	return nil
}

// feedAt finds "/path" at the outlet itself or "outlet:/path" at another.
func (n *Newsroom) feedAt(home *outlet, ref string) *feed {
	if dir, path, ok := strings.Cut(ref, ":"); ok {
		ref, home = path, n.hosts[dir+".localhost"]
	}
	if home == nil {
		return nil
	}
	for _, f := range home.feeds {
		if f.path == ref {
			return f
		}
	}
	return nil
}

func (o *outlet) bySlug(slug string) *article {
	for _, a := range o.articles {
		if a.slug == slug {
			return a
		}
	}
	return nil
}
