package newsroom

import (
	"bytes"
	"fmt"
	"html"
	"math/rand/v2"
	"strconv"
)

// furniture is what makes the pages of a real site heavy and is on all of them: style sheets and state for scripts within
// the page, icons, menus of everything, cards that link to more. None of it belongs to an article.
type furniture struct{ head, foot []byte }

// Shares of the furniture's bytes; the cards take the rest.
const (
	styleShare = 0.20
	stateShare = 0.35
	iconShare  = 0.10
	menuShare  = 0.10
)

// furnish makes about size bytes of furniture for an outlet, the same ones for the same seed.
func furnish(o *outlet, words document, size int, seed uint64) furniture {
	dice := rand.New(rand.NewPCG(seed, uint64(len(o.host))))
	share := func(of float64) int { return int(of * float64(size)) }
	var head, foot bytes.Buffer

	head.WriteString("<style>\n")
	for head.Len() < share(styleShare) {
		fmt.Fprintf(&head, ".%s-%s > .%s{margin:%dpx %dpx;padding:0 %dpx;color:#%06x;font-size:%dpx;line-height:1.%d}\n",
			token(dice), token(dice), token(dice), dice.IntN(40), dice.IntN(40), dice.IntN(24), dice.IntN(1<<24), 11+dice.IntN(20), dice.IntN(9))
	}
	head.WriteString("</style>\n")

	links, _ := o.teasers(&article{slug: o.dir, serve: []string{"page"}})
	for _, a := range o.articles {
		links = append(links, link{a.versions[0].title, a.url, a.section})
	}
	end := share(menuShare)
	foot.WriteString("<nav class=\"all-sections\"><ul>\n")
	for nav := words.List("nav"); foot.Len() < end; {
		fmt.Fprintf(&foot, "<li class=\"item %s\"><a href=\"/%s/%s\" data-track=\"%x\">%s</a></li>\n",
			token(dice), token(dice), token(dice), dice.Uint64(), html.EscapeString(nav[dice.IntN(len(nav))]))
	}
	foot.WriteString("</ul></nav>\n<aside class=\"more-from\">\n")
	for end += size - share(styleShare+stateShare+iconShare+menuShare); foot.Len() < end; {
		l := links[dice.IntN(len(links))]
		fmt.Fprintf(&foot, "<div class=\"card card-%s\" data-id=\"%x\"><a href=\"%s?from=%s\"><img loading=\"lazy\" src=\"%s\" alt=\"\"><span class=\"card-title\">%s</span></a> <span>%s</span></div>\n",
			token(dice), dice.Uint64(), l.URL, token(dice), asset(o.host, token(dice)+".webp"), html.EscapeString(l.Title), html.EscapeString(l.Section))
	}
	foot.WriteString("</aside>\n<svg style=\"display:none\">\n")
	for end += share(iconShare); foot.Len() < end; {
		fmt.Fprintf(&foot, "<symbol id=\"%s\" viewBox=\"0 0 24 24\"><path d=\"M%d %d", token(dice), dice.IntN(24), dice.IntN(24))
		for range 12 {
			fmt.Fprintf(&foot, "l%d.%d-%d.%d", dice.IntN(9), dice.IntN(99), dice.IntN(9), dice.IntN(99))
		}
		foot.WriteString("z\"/></symbol>\n")
	}
	foot.WriteString("</svg>\n<script>window.__STATE__=[")
	for end += share(stateShare); foot.Len() < end; {
		l := links[dice.IntN(len(links))]
		fmt.Fprintf(&foot, `{"id":"%x","slot":"%s","w":%d,"h":%d,"url":%s,"title":%s,"ab":[%t,%t]},`, dice.Uint64(), token(dice), dice.IntN(1200), dice.IntN(800),
			strconv.QuoteToASCII(l.URL), strconv.QuoteToASCII(l.Title), dice.IntN(2) == 0, dice.IntN(2) == 0)
	}
	foot.WriteString("{}]</script>\n")
	return furniture{head.Bytes(), foot.Bytes()}
}

// around puts the furniture into a page.
func (f furniture) around(page []byte) []byte {
	if f.foot == nil {
		return page
	}
	page = bytes.Replace(page, []byte("</head>"), append(bytes.Clone(f.head), "</head>"...), 1)
	return bytes.Replace(page, []byte("</body>"), append(bytes.Clone(f.foot), "</body>"...), 1)
}

// token is a name as build tools make them.
func token(dice *rand.Rand) string {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	name := make([]byte, 3+dice.IntN(6))
	for i := range name {
		name[i] = letters[dice.IntN(len(letters))]
	}
	return string(name)
}
