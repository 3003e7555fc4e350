package classifier

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spywire/spywire/classifier/match"
	"github.com/spywire/spywire/internal/story"
)

// The names that sections bear in addresses, in the languages of the lists.
var (
	opinionSections = sections("opinion opinions op-ed oped editorial editorials commentary commentisfree comment columns columnists column viewpoint " +
		"kommentar kommentare meinung meinungen kolumne kolumnen debatte tribune tribunes idees chroniques chronique editos edito opinión tribuna columna columnas " +
		"opinione opinioni editoriali commenti mneniya mnenie mnenija kolumna kolumny kolonki opinie komentarze komentar komentari felietony dumka dumky blogi blogs blog " +
		"yazarlar yorum yorumlar kose-yazilari gorus nazory komentare velemeny debatt ledare kronika paakirjoitus kolumnit mielipide opiniao arvamus viedokli nuomones rai maqalat")
	backgroundSections = sections("history historia histoire geschichte istoriya istoria tarih geskiedenis on-this-day onthisday explainers explainer timeline " +
		"timelines factbox longread longreads long-read long-reads obzory podcast podcasts hintergrund zeitgeschichte")
)

func sections(names string) map[string]bool {
	all := make(map[string]bool)
	for _, name := range strings.Fields(names) {
		all[name] = true
	}
	return all
}

// separators set a label off from the title proper: "Opinion | …", "… – what we know", "【社説】…".
const separators = ":|—–-/·«»「」【】[]()：、"

// tagged reports whether a concept stands in the title as a label does: at its edge, set off from the rest.
func (c *Classifier) tagged(d *document, id concept) bool {
	t := &d.parts[0]
	for _, h := range t.hits {
		if !means(h) || h.ID != id {
			continue
		}
		before, after := strings.TrimSpace(t.Before(h.First)), strings.TrimSpace(t.Between(h.Last-1))
		opens, closes := h.First == 0, h.Last == len(t.Tokens)
		set := func(s string) bool {
			r, _ := utf8.DecodeRuneInString(s)
			return s != "" && strings.ContainsRune(separators, r)
		}
		if opens && (closes || set(after)) || closes && set(before) || id == c.cue.explainer && (opens || set(before)) {
			return true
		}
	}
	return false
}

// signed reports whether an author is named by a concept: "Editorial Board".
func (c *Classifier) signed(a *story.Article, id concept) bool {
	return slices.ContainsFunc(a.Authors, func(author string) bool {
		t := c.lexicon.folder.Cut(author)
		return slices.ContainsFunc(c.lexicon.index.Find(t, c.lexicon.mask(a.Lang, "", author), nil), func(h match.Hit) bool { return means(h) && h.ID == id })
	})
}

// inSection reports whether a directory of the article's address has one of the names.
func inSection(a *story.Article, names map[string]bool) bool {
	for _, url := range []string{a.URL, a.CanonicalURL} {
		_, path, _ := strings.Cut(url, "://")
		parts := strings.Split(path, "/")
		if len(parts) > 2 && slices.ContainsFunc(parts[1:len(parts)-1], func(p string) bool { return names[p] }) {
			return true
		}
	}
	return false
}
