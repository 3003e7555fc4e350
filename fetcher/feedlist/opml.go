package feedlist

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html/charset"
)

// readOPML takes every outline with an xmlUrl, at any depth. The outlines around it are its folders; one that is
// commented out takes all below it out of use.
func readOPML(name string, data []byte) (lines []line, faults []Fault) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = charset.NewReaderLabel
	var in []outline // those open
	root := ""
	for {
		no, _ := d.InputPos()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			no, _ = d.InputPos()
			return lines, append(faults, badXML(name, no, err))
		}
		switch t := token.(type) {
		case xml.StartElement:
			if root == "" {
				root = t.Name.Local
				if !strings.EqualFold(root, "opml") {
					return nil, []Fault{{name, no, fmt.Sprintf("the root element is <%s>", root), "a feed list in XML is OPML: <opml version=\"2.0\">"}}
				}
			}
			if !strings.EqualFold(t.Name.Local, "outline") {
				continue
			}
			o := readOutline(t)
			o.no, _ = d.InputPos()
			if len(in) > 0 {
				o.under(in[len(in)-1])
			}
			if in = append(in, o); o.said["url"] != "" {
				lines = append(lines, o.line)
			}
		case xml.EndElement:
			if strings.EqualFold(t.Name.Local, "outline") && len(in) > 0 {
				in = in[:len(in)-1]
			}
		}
	}
	if len(lines) == 0 {
		faults = append(faults, Fault{name, 0, "no outline has an xmlUrl", "add feeds as <outline type=\"rss\" text=\"…\" xmlUrl=\"https://…\"/>"})
	}
	return lines, faults
}

func badXML(name string, no int, err error) Fault {
	do := "correct this line"
	if strings.Contains(err.Error(), "invalid character entity") {
		do = "write & as &amp; there"
	}
	return Fault{name, no, "not well-formed XML: " + strings.TrimPrefix(err.Error(), "XML syntax error on "), do}
}

// outline is an <outline>: a feed where it has a URL, else a folder.
type outline struct {
	line
	text   string
	folder string // the path from the body to here, this outline included if it is a folder
}

// commented is why the feeds of an outline that is commented out (OPML 2.0, isComment) are not polled.
const commented = "commented out in its list"

func readOutline(start xml.StartElement) outline {
	o := outline{line: line{said: map[string]string{}}}
	var home string
	for _, a := range start.Attr {
		value := strings.TrimSpace(a.Value)
		switch strings.ToLower(a.Name.Local) {
		case "text":
			o.text = value
		case "htmlurl":
			home = value
		case "category":
			o.tags = append(o.tags, categories(value)...)
		case "iscomment":
			if strings.EqualFold(value, "true") && o.said["disabled"] == "" {
				o.said["disabled"] = commented
			}
		default:
			if s, ok := settingOf(a.Name.Local, byAttr); ok && value != "" {
				o.said[s.key] = value
			}
		}
	}
	if o.said["url"] == "" {
		o.text = orElse(o.text, o.said["title"])
		o.folder = strings.ReplaceAll(o.text, "/", "-")
		return o
	}
	if o.text == o.said["url"] {
		o.text = "" // written for want of a name
	}
	o.said["title"] = orElse(o.said["title"], o.text)
	o.said["outlet"] = orElse(o.said["outlet"], o.text)
	if u, err := url.Parse(home); err == nil && o.said["domain"] == "" {
		o.said["domain"] = strings.TrimPrefix(u.Hostname(), "www.")
	}
	return o
}

// under puts an outline into its parent: the folder becomes its first tag, and what is commented out goes down.
func (o *outline) under(parent outline) {
	o.folder = strings.Trim(parent.folder+"/"+o.folder, "/")
	o.tags = append([]string{o.folder}, o.tags...)
	if parent.said["disabled"] == commented && o.said["disabled"] == "" {
		o.said["disabled"] = commented
	}
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
