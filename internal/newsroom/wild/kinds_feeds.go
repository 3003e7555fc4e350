package wild

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/spywire/spywire/internal/story"
)

// document answers for the first feed with what make makes of it, without validators.
func (h *Host) document(kind string, make func(f *Feed) string) {
	f := h.Feeds[0]
	h.feeds(func(x *exchange) { x.send(200, kind, make(f)) })
}

const xmlKind = "application/xml"

// alias lists an article under another link in a feed.
func alias(f *Feed, a *Article, link string) {
	other := *a
	other.Link = link
	f.items = append(f.items, &other)
}

func feedKinds() []Kind {
	return []Kind{
		{"cut-feed", "the feed breaks off in its last item", "the complete items arrive", 2, func(h *Host) {
			h.document(xmlKind, func(f *Feed) string { whole := rss(f); return whole[:strings.LastIndex(whole, "<guid")] })
			h.Articles[len(h.Articles)-1].Spare = true
		}},
		{"broken-feed", "one item has a bare ampersand, another an open tag", "the others arrive", 1, func(h *Host) {
			h.Articles[1].Spare, h.Articles[3].Spare = true, true
			h.document(xmlKind, func(f *Feed) string {
				broken := strings.Replace(rss(f), "Notice 2", "Notice <b>& 2 &nosuch; </i>", 1)
				return strings.Replace(broken, "Notice 4", "Notice & 4", 1)
			})
		}},
		{"page-for-feed", "a web page stands where the feed was", "its state says so", 2, func(h *Host) {
			h.document("text/html", func(*Feed) string { return document("Our feeds have moved", 5) })
			h.unlisted("html")
		}},
		{"noise-feed", "the feed is a picture", "its state says so", 1, func(h *Host) {
			h.document("image/png", func(*Feed) string { return "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\xff", 500) })
			h.unlisted("bad_xml")
		}},
		{"empty-feed", "the feed lists nothing", "its state says so", 1, func(h *Host) {
			h.Feeds[0].items = nil
			h.unlisted("empty", "not_modified")
		}},
		{"blank-feed", "the feed is an empty document", "its state says so", 1, func(h *Host) {
			h.document("text/xml", func(*Feed) string { return "" })
			h.unlisted("bad_xml", "empty")
		}},
		{"content-less", "the feed answers 204", "its state says so", 1, func(h *Host) {
			h.feeds(func(x *exchange) { x.send(204, "", "") })
			h.unlisted("empty")
		}},
		{"undated", "no item has a date", "all arrive", 2, func(h *Host) {
			for _, a := range h.Articles {
				a.published = time.Time{}
			}
			h.document(xmlKind, rss)
			h.Feeds[0].States = []string{"undated", "not_modified"}
		}},
		{"future", "items are dated a year ahead", "all arrive", 1, func(h *Host) {
			for _, a := range h.Articles {
				a.published = a.published.AddDate(1, 0, 0)
			}
			h.document(xmlKind, rss)
			h.Feeds[0].States = []string{"undated", "ok", "not_modified"}
		}},
		{"ancient", "items are decades old", "all arrive, behind what is fresh", 1, func(h *Host) {
			for _, a := range h.Articles {
				a.published = a.published.AddDate(-20, 0, 0)
			}
			h.document(xmlKind, rss)
			h.Feeds[0].States = append(h.Feeds[0].States, "frozen", "stale", "silent")
		}},
		{"archive", "the feed lists 5,000 items", "the newest 200 are taken", 1, func(h *Host) {
			for i := range 4_995 {
				h.Feeds[0].items = append(h.Feeds[0].items, &Article{
					Title: fmt.Sprintf("Old notice %d", i), Link: h.url(fmt.Sprintf("/old/%d", i)), guid: fmt.Sprint("old", i), published: h.web.base.AddDate(0, -1, -i),
				})
			}
		}},
		{"one-guid", "all items have the same GUID", "they are different articles all the same", 1, func(h *Host) {
			for _, a := range h.Articles {
				a.guid = "item"
			}
		}},
		{"new-guids", "every answer gives every item a new GUID", "each article arrives once", 1, func(h *Host) {
			h.document(xmlKind, func(f *Feed) string {
				return strings.ReplaceAll(rss(f), ">"+h.Name+"/", fmt.Sprintf(">%d/", time.Now().UnixNano()))
			})
		}},
		{"counters", "every answer has other numbers of comments in its summaries", "each article arrives once", 1, func(h *Host) {
			h.document(xmlKind, func(f *Feed) string {
				return strings.ReplaceAll(rss(f), "What was noticed", fmt.Sprintf("%d comments. What was noticed", time.Now().UnixMilli()%10_000))
			})
		}},
		{"many-feeds", "three feeds list the same articles", "each arrives once", 3, func(h *Host) {
			h.feed("/world.xml", "ok", "not_modified").items = h.pointers()
			h.feed("/politics.xml", "ok", "not_modified").items = h.pointers()
		}},
		{"tracked", "each feed, one at another host, puts parameters of its own behind the links", "each article arrives once, without them", 2, func(h *Host) {
			other := h.beside("mirror")
			own, theirs := h.feed("/tracked.xml", "ok", "not_modified"), other.feed("/tracked.xml", "ok", "not_modified")
			for _, a := range h.Articles {
				alias(own, a, a.Link+"?utm_source=rss&utm_medium=feed&at_campaign=x")
				alias(theirs, a, strings.Replace(a.Link, "http://", "HTTP://", 1)+"?fbclid=IwAR0#comments")
			}
		}},
		{"relative", "links are relative, some to the protocol alone", "they are resolved", 1, func(h *Host) {
			for i, a := range h.Articles {
				a.Link = []string{a.path, "//" + h.Name + a.path, "." + a.path, "/x/.." + a.path}[i%4]
			}
		}},
		{"unusable", "links are mailto:, javascript: and other nonsense", "each ends as fetch_failed", 1, func(h *Host) {
			for i, link := range []string{"mailto:desk@example.org", "javascript:void(0)", "urn:isbn:0451450523", "http://", "ftp://example.org/x"} {
				h.link(h.Articles[i], link)
			}
			h.ends(story.FetchFailed)
			for _, a := range h.Articles {
				a.Spare = true // their ids are the reader's to choose
			}
		}},
		{"entities", "the feed nests entities a billion deep", "nothing is expanded", 1, func(h *Host) {
			h.document(xmlKind, func(f *Feed) string {
				var b strings.Builder
				b.WriteString("<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a0 \"ha\">")
				for i := range 12 {
					fmt.Fprintf(&b, "<!ENTITY a%d \"%s\">", i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
				}
				b.WriteString("]>" + strings.Replace(rss(f)[len("<?xml version=\"1.0\" encoding=\"utf-8\"?>"):], "all of it", "&a12;", 1))
				return b.String()
			})
			h.Feeds[0].States = []string{"ok", "not_modified", "bad_xml"}
			for _, a := range h.Articles {
				a.Spare = true
			}
		}},
		{"deep", "elements are nested 100,000 deep", "its state says so", 1, func(h *Host) {
			h.document(xmlKind, func(*Feed) string { return "<rss><channel>" + strings.Repeat("<a>", 100_000) })
			h.unlisted("bad_xml")
		}},
		{"bomb-feed", "the feed is 30 KB of gzip that unpack to 30 MB", "its state says too_large", 2, func(h *Host) {
			packed := pack("gzip", "<rss><channel><title>"+strings.Repeat("0", 30<<20)+"</title></channel></rss>")
			h.feeds(func(x *exchange) { x.send(200, xmlKind, packed, "Content-Encoding: gzip") })
			h.unlisted("too_large")
		}},
		{"long-texts", "every item carries a megabyte of content", "all arrive", 1, func(h *Host) {
			for _, a := range h.Articles {
				a.content = strings.Repeat("<p>"+words(3, 30)+"</p>", 4000)
			}
		}},
		{"flood-feed", "the feed never ends", "its state says too_large", 1, func(h *Host) {
			f := h.Feeds[0]
			h.feeds(func(x *exchange) {
				x.w.Header().Set("Content-Type", xmlKind)
				head := strings.TrimSuffix(rss(f), "</channel></rss>\n")
				for piece := head; ; piece = strings.Repeat(item(f.items[0]), 50) {
					if _, err := x.w.Write([]byte(piece)); err != nil {
						return
					}
				}
			})
			h.unlisted("too_large")
		}},
	}
}

func charsetKinds() []Kind {
	// written serves the feed's Cyrillic titles in a charset, declared so in the header and the prolog.
	written := func(charset encoding.Encoding, header, prolog string) func(*Host) {
		return func(h *Host) {
			for i, a := range h.Articles {
				a.Title = fmt.Sprintf("Заметка %d: в гавани снова пересчитали паромы", i+1)
			}
			kind := "application/rss+xml"
			if header != "" {
				kind += "; charset=" + header
			}
			h.document(kind, func(f *Feed) string {
				body := strings.Replace(rss(f), " encoding=\"utf-8\"", prolog, 1)
				var out bytes.Buffer
				w := charset.NewEncoder().Writer(&out)
				if _, err := w.Write([]byte(body)); err != nil {
					return err.Error() // a test reads every feed
				}
				return out.String()
			})
		}
	}
	return []Kind{
		{"cyrillic-undeclared", "the feed is in windows-1251 and does not say so", "titles are read right", 1, written(charmap.Windows1251, "", "")},
		{"cyrillic-as-utf8", "the feed is in windows-1251 and says UTF-8", "titles are read right", 1, written(charmap.Windows1251, "utf-8", " encoding=\"utf-8\"")},
		{"utf8-as-cyrillic", "the feed is in UTF-8 and says windows-1251", "titles are read right", 1, written(encoding.Nop, "windows-1251", " encoding=\"windows-1251\"")},
		{"koi8", "the feed is in KOI8-R and says so in its prolog alone", "titles are read right", 1, written(charmap.KOI8R, "", " encoding=\"koi8-r\"")},
		{"utf16", "the feed is in UTF-16 with a byte order mark", "titles are read right", 1,
			written(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "", " encoding=\"utf-16\"")},
		{"contradiction", "header and prolog name different charsets, the prolog's is right", "titles are read right", 1, written(charmap.Windows1251, "iso-8859-1", " encoding=\"windows-1251\"")},
	}
}
