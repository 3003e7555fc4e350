package feedlist

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spywire/spywire/internal/story"
)

// WriteOPML writes feeds as OPML 2.0, sorted: the same feeds are the same bytes. A feed stands in the folder of its
// first tag, or else of its language; further tags are its categories.
func WriteOPML(w io.Writer, title string, feeds []story.Feed) error {
	feeds = slices.Clone(feeds)
	slices.SortStableFunc(feeds, func(a, b story.Feed) int {
		return cmp.Or(
			strings.Compare(folderKey(a), folderKey(b)), strings.Compare(folderOf(a.Tags, a.Lang), folderOf(b.Tags, b.Lang)),
			strings.Compare(strings.ToLower(a.Outlet), strings.ToLower(b.Outlet)), strings.Compare(a.URL, b.URL),
		)
	})
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>%s</title>\n  </head>\n  <body>\n", escape(title))
	var open []string // the folders we are in
	for _, f := range feeds {
		open = enter(&b, open, strings.Split(folderOf(f.Tags, f.Lang), "/"))
		writeFeed(&b, len(open), f)
	}
	enter(&b, open, nil)
	b.WriteString("  </body>\n</opml>\n")
	_, err := w.Write(b.Bytes())
	return err
}

// folderKey orders folders as a tree: "/" comes before every other character.
func folderKey(f story.Feed) string {
	return strings.ReplaceAll(strings.ToLower(folderOf(f.Tags, f.Lang)), "/", "\x00")
}

// enter closes and opens folders until those of path are open.
func enter(b *bytes.Buffer, open, path []string) []string {
	same := 0
	for same < len(open) && same < len(path) && open[same] == path[same] {
		same++
	}
	for i := len(open); i > same; i-- {
		fmt.Fprintf(b, "%s</outline>\n", indent(i-1))
	}
	for i := same; i < len(path); i++ {
		fmt.Fprintf(b, "%s<outline text=\"%s\">\n", indent(i), escape(path[i]))
	}
	return path
}

func indent(depth int) string { return strings.Repeat("  ", depth+2) }

func writeFeed(b *bytes.Buffer, depth int, f story.Feed) {
	text := cmp.Or(f.Outlet, f.Title, f.URL)
	attrs := [][2]string{{"type", cmp.Or(f.Kind, "rss")}, {"text", text}, {"title", f.Title}, {"xmlUrl", f.URL}}
	if f.Domain != "" {
		attrs = append(attrs, [2]string{"htmlUrl", "https://" + f.Domain + "/"})
	}
	for _, s := range settings {
		switch s.key {
		case "url", "title", "kind", "outlet", "domain": // the text is the outlet, and htmlUrl has the domain
		default:
			attrs = append(attrs, [2]string{s.attr, s.text(f)})
		}
	}
	attrs = append(attrs, [2]string{"category", category(f.Tags)})
	b.WriteString(indent(depth) + "<outline")
	for _, a := range attrs {
		if a[1] != "" {
			fmt.Fprintf(b, " %s=\"%s\"", a[0], escape(a[1]))
		}
	}
	b.WriteString("/>\n")
}

func escape(s string) string {
	var b strings.Builder
	// EscapeText fails only if the writer does, and this one never does.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
