package feedlist

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sort"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/spywire/spywire/internal/story"
)

// readOPML takes every outline with an xmlUrl, at any depth. Outlines without one are folders.
func readOPML(name string, data []byte) (lines []line, faults []Fault) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = charset.NewReaderLabel
	root := ""
	for {
		no, _ := d.InputPos()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			no, _ = d.InputPos()
			return lines, append(faults, Fault{name, no, "not well-formed XML: " + strings.TrimPrefix(err.Error(), "XML syntax error on "), "correct this line"})
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if root == "" {
			root = start.Name.Local
			if !strings.EqualFold(root, "opml") {
				return nil, []Fault{{name, no, fmt.Sprintf("the root element is <%s>", root), "a feed list in XML is OPML: <opml version=\"2.0\">"}}
			}
		}
		if l := outline(start); strings.EqualFold(start.Name.Local, "outline") && l.url != "" {
			l.no, _ = d.InputPos()
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 {
		faults = append(faults, Fault{name, 0, "no outline has an xmlUrl", "add feeds as <outline type=\"rss\" text=\"…\" xmlUrl=\"https://…\"/>"})
	}
	return lines, faults
}

func outline(start xml.StartElement) line {
	var l line
	var home, text string
	for _, a := range start.Attr {
		value := strings.TrimSpace(a.Value)
		switch strings.ToLower(a.Name.Local) {
		case "xmlurl":
			l.url = value
		case "text":
			text = value
		case "title":
			l.title = value
		case "htmlurl":
			home = value
		case "language":
			l.lang = value
		case "outlet":
			l.outlet = value
		case "domain":
			l.domain = value
		case "country":
			l.country = value
		case "interval":
			l.every = value
		case "disabled":
			l.disabled = value
		}
	}
	if l.title == "" {
		l.title = text
	}
	if l.outlet == "" {
		l.outlet = text
	}
	if u, err := url.Parse(home); err == nil && l.domain == "" {
		l.domain = strings.TrimPrefix(u.Hostname(), "www.")
	}
	return l
}

// WriteOPML writes feeds as OPML 2.0, one folder per language, sorted.
func WriteOPML(w io.Writer, title string, feeds []story.Feed) error {
	groups := map[string][]story.Feed{}
	for _, f := range feeds {
		groups[f.Lang] = append(groups[f.Lang], f)
	}
	langs := make([]string, 0, len(groups))
	for lang := range groups {
		langs = append(langs, lang)
	}
	sort.Strings(langs)
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>%s</title>\n  </head>\n  <body>\n", escape(title))
	for _, lang := range langs {
		list := groups[lang]
		sort.SliceStable(list, func(i, k int) bool {
			a, b := list[i], list[k]
			if x, y := strings.ToLower(a.Outlet), strings.ToLower(b.Outlet); x != y {
				return x < y
			}
			return a.URL < b.URL
		})
		folder := lang
		if folder == "" {
			folder = "other"
		}
		fmt.Fprintf(&b, "    <outline text=\"%s\">\n", escape(folder))
		for _, f := range list {
			b.WriteString("      <outline type=\"rss\"")
			text, home := f.Outlet, ""
			if text == "" {
				text = f.Title
			}
			if text == "" {
				text = f.URL
			}
			if f.Domain != "" {
				home = "https://" + f.Domain + "/"
			}
			attrs := [][2]string{{"text", text}, {"title", f.Title}, {"xmlUrl", f.URL}, {"htmlUrl", home},
				{"language", f.Lang}, {"country", f.Country}, {"interval", every(f)}, {"disabled", f.Disabled}}
			for _, a := range attrs {
				if a[1] != "" {
					fmt.Fprintf(&b, " %s=\"%s\"", a[0], escape(a[1]))
				}
			}
			b.WriteString("/>\n")
		}
		b.WriteString("    </outline>\n")
	}
	b.WriteString("  </body>\n</opml>\n")
	_, err := w.Write(b.Bytes())
	return err
}

func every(f story.Feed) string {
	if f.Interval == 0 {
		return ""
	}
	return f.Interval.String()
}

func escape(s string) string {
	var b strings.Builder
	// EscapeText fails only if the writer does, and this one never does.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
