package parser

import (
	"bytes"
	"strings"
)

// role is what the names of an element (class, id, role, itemprop) say it is for. Names are a hint: a region
// named like furniture that holds the page's prose is prose all the same; see masks.
type role uint8

const (
	plain    role = iota
	furnish       // navigation, sharing, advertisement, meta data: kept only when it is most of the page
	strange       // comments, related stories, cookie notices: kept only when it is nearly all of the page
	caption       // of pictures and videos
	byline        // who and when
	hidden        // not shown
	lead          // standfirst
	bodyText      // named as the article's text
	kicker        // rubric or topic above a headline, often within it
)

// roleWords is which token of a name says what. Tokens are the pieces of a class or id between "-", "_", spaces
// and changes to upper case.
var roleWords = []struct {
	role  role
	words string
}{
	{furnish, `nav navbar navigation menu submenu breadcrumb breadcrumbs crumbs crumb pagination pager sidebar rail widget widgets
		share shares sharing sharebar social socials sociallinks addthis addtoany sharedaddy shareaholic sharethis follow followus
		ad ads adv advert adverts advertisement advertising adsense advertorial adslot adunit banner banners sponsor sponsored promo promos
		promotion promobox outbrain taboola mgid dfp newsletter newsletters subscribe subscription signup login register footer masthead
		topbar toolbar copyright disclaimer colophon tags tag taglist keywords topics rating ratings vote votes print printer tools
		toc skip skiplink feedback survey poll quiz donate donation donations app appstore download ticker weather stockticker telegram
		whatsapp facebook twitter youtube cta infobox factbox teaser teasers inforiver bannerka reklama werbung anzeige publicidad pubblicita publicite`},
	{strange, `comment comments commentlist disqus discussion respond reply replies cookie cookies consent gdpr onetrust didomi modal
		popup overlay lightbox related relateds recommended recommendation recommendations recommend recirc recirculation readmore
		trending popular mostread mostpopular similar suggested suggestions youmaylike alsolike readnext upnext nextarticle latestnews
		toread seealso relacionadas relacionados verwandt`},
	{caption, `caption captions figcaption imagecaption photocaption credit credits imagecredit photocredit slideshow carousel gallery lightgallery
		bildunterschrift didascalia legende legenda`},
	{byline, `byline bylines author authors bio authorbio authorbox contributor contributors dateline timestamp pubdate dateblock postmeta
		entrymeta metadata readtime readingtime articlemeta publish published updated autor autore auteur`},
	{lead, `standfirst summary lead lede dek deck subtitle subheadline subhead intro introduction perex excerpt chapo sottotitolo bajada entradilla
		teasertext vorspann ingress abstract description sommario catenaccio`},
	{kicker, `kicker kickers overline roofline topline dachzeile spitzmarke eyebrow pretitle supertitle prehead overtitle antetitulo volanta surtitre
		occhiello antititulo cintillo chapeu nadtitul nadtytul tagline`},
	{bodyText, `body content text story article post entry articlebody storybody articletext articlecontent bodytext maincontent postcontent
		prose richtext copy fulltext detail artikel articulo cuerpo texto corpo testo`},
}

// whole are class names that mean something only as a whole.
var whole = map[string]role{
	"hidden": hidden, "is-hidden": hidden, "visually-hidden": hidden, "visuallyhidden": hidden, "sr-only": hidden,
	"screen-reader-text": hidden, "screen-reader": hidden, "d-none": hidden, "u-hidden": hidden, "print-only": hidden, "noprint": furnish,
	"hide": hidden, "wp-caption-text": caption, "more-link": furnish, "meta": furnish, "post-meta": byline, "entry-meta": byline,
	"article-meta": byline, "entry-footer": furnish, "entry-tags": furnish, "read-more": strange, "also-read": strange,
	"see-also": strange, "most-read": strange, "up-next": strange, "read-next": strange, "jp-relatedposts": strange, "about-author": byline,
	"entry-content": bodyText, "post-content": bodyText, "td-post-content": bodyText,
}

// names looks up what a class attribute says, once per distinct name of a page.
type names struct {
	words map[string]role
	parts map[string]verdict
	lists map[string]role // of attributes with several names, as a whole
}

// verdict is the role of one name, and how many words of the text kind it has.
type verdict struct {
	role  role
	texts int
}

func newNames() *names {
	return &names{words: roleTable, parts: make(map[string]verdict, 128), lists: make(map[string]role, 64)}
}

var roleTable = func() map[string]role {
	t := make(map[string]role, 400)
	for _, list := range roleWords {
		for _, w := range strings.Fields(list.words) {
			t[w] = list.role
		}
	}
	return t
}()

// of is the role that a class or id attribute names. Furniture words outweigh text words: "article-share" is
// no article.
func (n *names) of(attr []byte) role {
	if bytes.IndexByte(attr, ' ') < 0 {
		return n.list(attr)
	}
	r, known := n.lists[string(attr)]
	if !known {
		r = n.list(attr)
		n.lists[string(attr)] = r
	}
	return r
}

// list is the role that a list of names says.
func (n *names) list(attr []byte) (best role) {
	texts := 0
	for i := 0; i < len(attr); {
		start := skipSpace(attr, i)
		for i = start; i < len(attr) && !isSpace(attr[i]); i++ {
		}
		if start == i {
			break
		}
		v, known := n.parts[string(attr[start:i])]
		if !known {
			name := string(attr[start:i])
			if !strings.ContainsAny(name, ":[") { // a utility class: "md:hidden" says how, not what
				v.role, v.texts = n.single(name)
			}
			n.parts[name] = v
		}
		if v.role == bodyText {
			texts = max(texts, v.texts)
		} else if precedence[v.role] > precedence[best] {
			best = v.role
		}
	}
	if best == plain && texts > 0 {
		best = bodyText
	}
	return best
}

var precedence = [...]int{plain: 0, lead: 1, furnish: 3, byline: 4, caption: 5, hidden: 6, strange: 7, bodyText: 0, kicker: 2}

// single is the role of one name, and how many words of the text kind it has.
func (n *names) single(name string) (role, int) {
	if r, ok := whole[strings.ToLower(name)]; ok {
		return r, 2
	}
	best, texts, about := plain, 0, false
	for rest := name; rest != ""; {
		var token string
		token, rest = nextToken(rest)
		switch token {
		case "has", "no", "not", "with", "without", "is", "page", "wrapper", "container", "wrap", "open", "type", "format", "status", "elementor":
			about = true // "has-sidebar" tells of a layout, "page-wrapper" holds everything
		}
		r := n.words[token]
		if r == bodyText {
			texts++
		} else if precedence[r] > precedence[best] {
			best = r
		}
	}
	if about && best != strange && best != caption {
		best = plain
	}
	if best == plain && texts >= 2 {
		return bodyText, texts
	}
	return best, texts
}

// nextToken is the first piece of a name in lower case, and what comes after it; empty where two signs meet.
func nextToken(name string) (token, rest string) {
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '-' || c == '_' || c == '.' || c == '/':
			return strings.ToLower(name[:i]), name[i+1:]
		case c >= 'A' && c <= 'Z' && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z':
			return strings.ToLower(name[:i]), name[i:]
		}
	}
	return strings.ToLower(name), ""
}
