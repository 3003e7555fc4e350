package parser

import (
	"golang.org/x/net/html/atom"
	"strings"
)

// firstArticle is where the article ends on a page that loads the next one below it: at a further main heading
// with its own time, as the headline has one.
func (k *picker) firstArticle(headline int) int {
	if headline < k.first-1 || !k.timed(headline) {
		return k.last
	}
	solid := 0
	for i := k.first; i < k.last; i++ {
		b := &k.blocks[i]
		if b.level == 1 && b.linked == 0 && b.letters > 8 && i > headline && solid >= 3 && k.timed(i) && k.folded(i) != k.title {
			return i
		}
		if b.solid() && !k.masked(b) {
			solid++
		}
	}
	return k.last
}

// timed reports whether a <time> stands soon after block i.
func (k *picker) timed(i int) bool {
	for _, t := range k.meta.times {
		if t.block > i && t.block <= i+10 {
			return true
		}
	}
	return false
}

// biography drops a paragraph about the author at the end, and what follows it.
func (k *picker) biography() {
	left := 4
	for i := k.last - 1; i > k.first && left > 0; i-- {
		if !k.keep[i] {
			continue
		}
		left--
		folded := k.folded(i)
		for _, name := range k.signed {
			if (strings.Contains(name, " ") || k.folded(i-1) == name) && strings.HasPrefix(folded, name+" ") && len(folded) > len(name)+12 {
				for j := i; j < k.last; j++ {
					k.keep[j] = false
				}
				break
			}
		}
	}
}

// openers drops what follows a line such as "You may also like" up to the next paragraph of prose, and all that
// follows a line such as "Leave a comment" in the second half.
func (k *picker) openers() {
	total := k.proseBetween(k.first, k.last)
	before := 0
	for i := k.first; i < k.last; i++ {
		b := &k.blocks[i]
		if k.masked(b) {
			if b.letters <= 60 && before*4 > total*3 && enders.holds(withoutCount(k.line(i))) {
				for j := i; j < k.last; j++ {
					k.keep[j] = false // its heading alone stands in a box of furniture
				}
				return
			}
			continue
		}
		before += b.prose()
		if b.level > 0 && countsReplies(k.line(i)) && (before*2 > total || k.solidBefore(i) >= 2) {
			for j := i; j < k.last; j++ {
				k.keep[j] = false
			}
			return
		}
		if b.letters > 90 || k.furniture(i) != opener {
			continue
		}
		k.keep[i] = false
		j := i + 1
		for ; j < k.last; j++ {
			next := &k.blocks[j]
			if next.solid() && next.linked*3 < next.letters && next.tag != atom.Li {
				break
			}
			if next.level > 0 && b.level >= next.level && before*10 < total*9 {
				break
			}
			if j > i+1 && before*10 < total*9 && k.resumes(j) {
				break
			}
			if next.letters <= 90 && before*2 > total && enders.holds(withoutCount(k.line(j))) {
				break
			}
			k.keep[j] = false
		}
		line := k.line(i)
		bare := withoutCount(line)
		counted := len(bare) < len(line) && digits(line) > 0 && i > k.first && k.solidBefore(i) >= 2 // a block of comments says how many
		if words, rest := enders.begins(fold(bare)); (before*2 > total || counted) && words > 0 && rest <= 3 {
			for ; j < k.last; j++ {
				k.keep[j] = false
			}
			return
		}
		i = j - 1
	}
}

// replies are what readers leave below a story, as counted in the heading above them.
var replies = wordSet(`comment comments thought thoughts response responses reply replies kommentar kommentare antwort antworten gedanke gedanken комментарий комментария комментариев коментар коментарі коментарів коментара отзыв отзыва отзывов
	commentaire commentaires réponse réponses réflexion réflexions comentario comentarios respuesta respuestas comentário comentários resposta respostas commento commenti risposta risposte reactie reacties reactions
	komentarz komentarze komentarzy odpowiedź odpowiedzi komentář komentáře komentářů yorum cevap σχόλιο σχόλια comentariu comentarii kommentarer kommentti kommenttia hozzászólás komentara komentarjev تعليق تعليقات دیدگاه نظر תגובות टिप्पणी टिप्पणियां`)

// countsReplies reports whether a heading says how many readers have answered: "59 Comments on", "3 thoughts on". "16. Thought" is
// of a list.
func countsReplies(heading string) bool {
	number, rest, _ := strings.Cut(heading, " ")
	word, _, _ := strings.Cut(rest, " ")
	return number != "" && digits(number) == len(number) && replies[fold(word)]
}

// resumes reports whether block i is a sub-heading with which the text goes on after links: a paragraph of its own follows
// in the same container, and the links stood in others.
func (k *picker) resumes(i int) bool {
	b := &k.blocks[i]
	if b.level == 0 || b.linked > 0 || i+1 >= k.last || k.blocks[i-1].linked == 0 || k.blocks[i-1].region == b.region {
		return false
	}
	next := &k.blocks[i+1]
	return next.prose() > 0 && next.stops > 0 && next.linked == 0 && (next.region == b.region || k.regions[next.region].parent == b.region)
}

// solidBefore is how many paragraphs stand before block i.
func (k *picker) solidBefore(i int) int {
	n := 0
	for j := k.first; j < i; j++ {
		if k.keep[j] && k.blocks[j].solid() {
			n++
		}
	}
	return n
}

// agree drops what articleBody does not know, where it knows so much of the text that it must be complete: boxes,
// captions and teasers between the paragraphs.
func (k *picker) agree() {
	if len(k.body.grams) == 0 {
		return
	}
	var total, sure int
	share := make([]float64, k.last)
	for i := k.first; i < k.last; i++ {
		if b := &k.blocks[i]; k.keep[i] && b.level == 0 {
			share[i] = k.known(i)
			total += b.letters
			if share[i] > 0.6 {
				sure += b.letters
			}
		}
	}
	if sure*100 < total*80 {
		return
	}
	// After its last known paragraph the text may go on: articleBody is of an earlier version, or cut.
	end, more := k.last, 0
	for end > k.first && share[end-1] <= 0.6 {
		end--
		if k.keep[end] && k.blocks[end].solid() {
			more++
		}
	}
	if more < 3 {
		end = k.last
	}
	for i := k.first; i < end; i++ {
		if b := &k.blocks[i]; k.keep[i] && b.level == 0 && b.letters >= 20 && share[i] < 0.1 {
			k.keep[i] = false
		}
	}
}

// head drops lines before the first paragraph: section, date, reading time, share buttons. A sub-heading right
// before the paragraph stays only where the headline is known to stand above.
func (k *picker) head() {
	for i := k.first; i < k.last; i++ {
		b := &k.blocks[i]
		if k.masked(b) {
			continue
		}
		if b.solid() || b.prose() > 0 && b.stops > 0 && b.tag == atom.P {
			return
		}
		if k.keep[i] && b.level == 0 && b.flags&strong == 0 && b.tag != atom.Li || b.level == 1 {
			k.keep[i] = b.prose() >= 40 || b.level != 1 && b.letters >= 40 && b.linked == 0
		}
	}
}

// tail drops lines after the last paragraph.
func (k *picker) tail() {
	for i := k.last - 1; i >= k.first; i-- {
		b := &k.blocks[i]
		if !k.keep[i] {
			continue
		}
		if b.level == 0 && (b.solid() || b.stops > 0 && b.letters-b.linked >= 25 || b.tag == atom.Li && b.linked == 0 || b.flags&inCell != 0 && b.linked == 0) {
			return
		}
		if b.linked == 0 && b.letters >= 40 && b.level == 0 {
			return
		}
		k.keep[i] = false
	}
}
