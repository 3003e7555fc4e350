package parser

import "strings"

// Furniture that stands within articles as plain paragraphs, folded (lower case, no punctuation). A line is
// furniture when it begins with one of these and is short; it is never looked for inside a paragraph.

// openers begin a list of other stories, a form or a block of comments: what follows is furniture until prose
// goes on.
var openers = phraseList(`you may also like|you might also like|you might like|you may like|also read|also on|read also|read more|read next|readmore|related|related articles|related stories|related news|related posts|related content|related topics|related links|related coverage|related reading|see also|more on this|more on this story|more on this topic|more from|more news|more stories|more like this|most read|most popular|trending|trending now|recommended|recommended for you|recommended reading|recommended stories|editors picks|editor s picks|dont miss|latest news|latest stories|top stories|up next|further reading|what to read next|what to read|in other news|keep reading|continue reading|read the full story|popular posts|recent posts|similar articles|share this|share this article|share this story|share this post|share on|like this|tags|filed under|topics|comments|leave a comment|leave a reply|post a comment|add a comment|join the conversation|join the discussion|about the author|sign up|subscribe to|subscribe now|newsletter|get our newsletter|follow us|now watching|watch now|now playing|watch|
	читайте также|читать также|читайте еще|читайте ещё|читайте|по теме|материалы по теме|другие новости|подписывайтесь|смотрите также|смотрите|еще по теме|ещё по теме|новости по теме|похожие новости|комментарии|добавить комментарий|оставить комментарий|поделиться|теги|самое читаемое|популярное|последние новости|рекомендуем|главное сейчас|
	читайте також|читати також|дивіться також|за темою|матеріали за темою|інші новини|новини за темою|підписуйтесь|підписуйтеся|коментарі|залишити коментар|поділитися|також читайте|популярне|останні новини|
	lesen sie auch|lesen sie mehr|lesen sie hier|lesen sie dazu|auch interessant|das könnte sie auch interessieren|das könnte dich auch interessieren|das könnte sie interessieren|mehr zum thema|mehr zu|mehr dazu|mehr aus|weitere artikel|weiterlesen|weitere nachrichten|meistgelesen|empfohlen|zum thema|zur startseite|kommentare|kommentar schreiben|jetzt kommentieren|newsletter|themen|schlagworte|teilen|artikel teilen|hier geht es|siehe auch|passend zum thema|empfehlungen der redaktion|empfohlener redaktioneller inhalt|externer inhalt|
	lire aussi|à lire aussi|a lire aussi|lire également|à lire également|à lire|voir aussi|sur le même sujet|sur le meme sujet|vous aimerez aussi|dans la même rubrique|articles liés|articles similaires|les plus lus|commentaires|laisser un commentaire|partager|recommandé pour vous|abonnez vous|newsletter|regarder aussi|
	te puede interesar|te puede interesar también|también te puede interesar|le puede interesar|lea también|lee también|leer también|lea además|lee más|leer más|ver más|más información|noticias relacionadas|artículos relacionados|relacionado|relacionados|más noticias|lo más leído|lo más visto|comentarios|deja un comentario|deja tu comentario|comparte|compartir|suscríbete|te recomendamos|mira también|además|
	leggi anche|leggi altro|leggi tutto|potrebbe interessarti|potrebbe interessarti anche|ti potrebbe interessare|ti potrebbe interessare anche|articoli correlati|correlati|altre notizie|i più letti|commenti|lascia un commento|condividi|iscriviti|vedi anche|guarda anche|
	leia também|leia mais|veja também|saiba mais|relacionadas|notícias relacionadas|mais lidas|comentários|deixe um comentário|compartilhe|partilhar|
	czytaj także|czytaj też|czytaj również|czytaj więcej|zobacz także|zobacz też|zobacz również|przeczytaj także|przeczytaj też|przeczytaj również|polecamy|powiązane|podobne artykuły|najczęściej czytane|komentarze|dodaj komentarz|udostępnij|
	čtěte také|čtěte též|přečtěte si také|přečtěte si|mohlo by vás zajímat|související|související články|další články|nejčtenější|komentáře|diskuse|sdílet|čítajte aj|prečítajte si aj|prečítajte si tiež|mohlo by vás zaujímať|súvisiace|súvisiace články|
	citește și|citeşte şi|citiți și|vezi și|articole similare|comentarii|lasă un comentariu|distribuie|te ar putea interesa|pročitajte još|pročitajte i|pročitaj i|povezane vijesti|povezane vesti|preporučujemo|najčitanije|komentari|прочетете още|вижте още|още по темата|свързани новини|коментари|сподели|прочитајте још|прочитајте и|поврзани вести|preberite še|preberite tudi|sorodne novice|
	ilginizi çekebilir|bunlar da ilginizi çekebilir|ayrıca okuyun|bunu da okuyun|ilgili haberler|ilgili haber|benzer haberler|diğer haberler|son dakika haberleri|yorumlar|yorum yap|paylaş|çok okunanlar|
	olvasta már|olvassa el|kapcsolódó|kapcsolódó cikkek|ajánljuk|ezt is olvassa el|ez is érdekelheti|hozzászólások|lue myös|lue lisää|katso myös|läs också|läs även|läs mer|les også|les mer|læs også|læs mere|lees ook|lees meer|bekijk ook|reacties|meer over dit onderwerp|meest gelezen|loe ka|loe lisaks|lasi arī|lasiet arī|skaitykite taip pat|taip pat skaitykite|διαβάστε επίσης|διαβάστε ακόμα|δείτε επίσης|σχετικά άρθρα|σχόλια|
	קראו גם|קרא גם|עוד בנושא|כתבות נוספות|תגובות|اقرأ أيضا|اقرأ أيضًا|اقرأ ايضا|اقرأ المزيد|مواضيع ذات صلة|أخبار ذات صلة|شاهد أيضا|قد يهمك|قد يهمك أيضا|تعليقات|اترك تعليقا|شارك|بیشتر بخوانید|همچنین بخوانید|مطالب مرتبط|اخبار مرتبط|یہ بھی پڑھیں|مزید پڑھیں|यह भी पढ़ें|ये भी पढ़ें|इसे भी पढ़ें|और पढ़ें|संबंधित खबरें|
	相关阅读|相关新闻|延伸阅读|相關新聞|延伸閱讀|推荐阅读|更多新闻|热门文章|猜你喜欢|你可能也喜欢|评论|留言|分享到|関連記事|あわせて読みたい|こちらもおすすめ|おすすめ記事|コメント|관련기사|관련 기사|추천 기사|많이 본 뉴스|댓글|xem thêm|đọc thêm|tin liên quan|bài liên quan|bình luận|baca juga|lihat juga|simak juga|artikel terkait|berita terkait|komentar|soma pia|soma zaidi|habari zinazohusiana|
	этикети|етикети|свързани статии|ετικέτες|διαβάστε ακόμη|περισσότερα|الوسوم|كلمات مفتاحية|التعليقات|ذات صلة|موضوعات ذات صلة|المزيد من الأخبار|برچسب‌ها|برچسب ها|کلیدواژه‌ها|کلمات کلیدی|نظرات|نظر شما|دیدگاه‌ها|دیدگاه ها|ارسال نظر|تگ‌ها|תגיות|עוד כתבות|אולי יעניין אותך|אולי יעניין אתכם|标签|關鍵字|关键词|網友評論|网友评论|热门评论|相关文章|相關文章|タグ|キーワード|コメントする|おすすめの記事|人気記事|태그|키워드|댓글쓰기|댓글 쓰기|연관기사|많이 본 기사|टैग|टिप्पणियां|टिप्पणियाँ|टिप्पणी|टिप्पणी करें|कमेंट|कमेंट करें|और खबरें|सम्बंधित खबरें|संबंधित समाचार|каментары|коментари|ความคิดเห็น|
	oxuyun|həmçinin oxuyun|bənzər xəbərlər|ასევე წაიკითხეთ|կարդացեք նաև|read also on|чытайце таксама`)

// lines are complete by themselves: nothing after them is affected.
var singles = phraseList(`article content|back to video|advertisement|advertisements|ad|ads|sponsored|sponsored content|story continues below advertisement|story continues below|article continues below advertisement|article continues after ad|scroll to continue|scroll to continue with content|continue reading below|continues below|skip advertisement|skip ad|loading|loading video|click here|click to share|print|print this article|email|email this article|copy link|link copied|save|listen|listen to this article|listen to article|image source|image caption|getty images|photo|file photo|back to top|top|share|tweet|facebook|twitter|whatsapp|telegram|home|published|updated|last updated|posted|min read|minute read|minutes read|reading time|all rights reserved|copyright|this video is not available|video|play video|view gallery|gallery|open image in gallery|view comments|show comments|0 comments|no comments|comments off|add as preferred source|make us preferred|add us on google|
	anzeige|werbung|artikel anhören|artikel drucken|drucken|bildquelle|foto|link kopieren|merken|vorlesen|hören|nach oben|реклама|фото|печать|слушать|источник фото|на главную|поделиться|реклама|фото з відкритих джерел|publicité|publicite|imprimer|écouter|publicidad|publicidade|imprimir|escuchar|pubblicità|stampa|ascolta|reklama|drukuj|reklam|hirdetés|mainos|annons|annonse|annonce|advertentie|reklaam|διαφήμιση|إعلان|فرسٽ|تبلیغات|广告|廣告|広告|광고|quảng cáo|iklan|pagbasa`)

// enders are the openers after which no article goes on.
var enders = phraseList(`comments|leave a comment|leave a reply|post a comment|add a comment|join the conversation|join the discussion|about the author|recent posts|you may also like|you might also like|similar articles|
	комментарии|добавить комментарий|оставить комментарий|похожие новости|коментарі|залишити коментар|kommentare|kommentar schreiben|jetzt kommentieren|zur startseite|commentaires|laisser un commentaire|vous aimerez aussi|articles similaires|comentarios|deja un comentario|deja tu comentario|
	commenti|lascia un commento|comentários|deixe um comentário|komentarze|dodaj komentarz|komentáře|diskuse|comentarii|lasă un comentariu|komentari|коментари|каментары|التعليقات|نظرات|نظر شما|دیدگاه‌ها|دیدگاه ها|ارسال نظر|网友评论|網友評論|コメントする|댓글쓰기|टिप्पणियां|टिप्पणियाँ|टिप्पणी|टिप्पणी करें|कमेंट|कमेंट करें|ความคิดเห็น|yorumlar|yorum yap|hozzászólások|reacties|σχόλια|תגובות|تعليقات|اترك تعليقا|评论|留言|コメント|댓글|bình luận`)

// phrases are folded; heads are their first words, which tell nearly all lines from them at one look.
type phrases struct{ all, heads map[string]bool }

func phraseList(list string) phrases {
	set := phrases{map[string]bool{}, map[string]bool{}}
	for _, p := range strings.Split(list, "|") {
		if p = fold(p); p != "" {
			set.all[p] = true
			head, _, _ := strings.Cut(p, " ")
			set.heads[head] = true
		}
	}
	return set
}

// longestPhrase is the most words of a line's beginning that are looked up.
const longestPhrase = 6

// begins reports how many words of the folded line form its longest entry in the set, and how many words follow; 0 and 0
// if it begins with none.
func (set phrases) begins(folded string) (words, rest int) {
	if head, _, _ := strings.Cut(folded, " "); !set.heads[head] {
		return 0, 0
	}
	ends := 0
	for i := 0; i <= len(folded); i++ {
		if i < len(folded) && folded[i] != ' ' {
			continue
		}
		ends++
		if ends <= longestPhrase && set.all[folded[:i]] {
			words = ends
		}
	}
	return words, ends - words
}

// holds reports whether a line as printed is one of the phrases.
func (set phrases) holds(line string) bool { return len(line) < 120 && set.all[fold(line)] }

// furnitureKind says what a short line is, if its words give it away.
type furnitureKind uint8

const (
	unknownKind furnitureKind = iota
	notFurniture
	single // by itself
	opener // and what follows
)

// longestFurniture is the most bytes of a line that is looked at.
const longestFurniture = 320

// mayBegin reports whether furniture may find anything in a line too long for a notice.
func mayBegin(line string) bool {
	head, _, _ := strings.Cut(fold(line[:min(len(line), 60)]), " ")
	return openers.heads[head] || singles.heads[head] || !strings.Contains(line, ",") && !endsSentence(line)
}

// furniture looks at a line of text as printed and folded. linked says that the line is mostly a link, which may name
// something after a colon, as "Read also: other headline" does.
func furniture(line, folded string, linked bool) furnitureKind {
	if len(line) > longestFurniture {
		return notFurniture
	}
	if isNotice(line, folded) || !strings.Contains(line, ",") && !endsSentence(line) && isShareBar(folded) {
		return single
	}
	if bare := withoutCount(line); len(bare) < len(line) {
		line, folded = bare, fold(bare)
	}
	head, _, _ := strings.Cut(folded, " ")
	if !openers.heads[head] && !singles.heads[head] {
		return notFurniture
	}
	if words, rest := openers.begins(folded); words > 0 {
		colon := strings.IndexAny(line, ":：»>|→")
		switch {
		case rest == 0:
			return opener
		case colon > 0 && len(fold(line[:colon])) <= len(folded) && phraseBefore(openers, line[:colon]):
			return single // "Read also: the headline of another story"
		case linked && words >= 2:
			return single
		case words >= 3 && rest <= 3 && !endsSentence(line):
			return opener
		}
	}
	if words, rest := singles.begins(folded); words > 0 {
		if rest == 0 || words >= 2 && rest <= 2 && !endsSentence(line) {
			return single
		}
	}
	return notFurniture
}

func phraseBefore(set phrases, head string) bool {
	words, rest := set.begins(fold(head))
	return words > 0 && rest <= 3
}

func endsSentence(line string) bool {
	line = strings.TrimRight(line, " \"'”’»)]“」』")
	for _, stop := range []string{".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।"} {
		if strings.HasSuffix(line, stop) {
			return true
		}
	}
	return false
}
