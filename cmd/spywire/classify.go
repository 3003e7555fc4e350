package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/app/config"
	"github.com/spywire/spywire/internal/charset"
	"github.com/spywire/spywire/internal/lang"
	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/internal/weburl"
	"github.com/spywire/spywire/parser"
)

func newClassify(c *cli) *cobra.Command {
	var asJSON, asLines, twice bool
	cmd := &cobra.Command{
		Use:   "classify [FILE|URL…]",
		Short: "Say what a page or an article is about, and show the words that say so",
		Long: `Classify pages or articles and print labels, evidence, events and origins. FILE is a page (HTML, may be gzip), an
article as "spywire parse --json" prints it, or plain text whose first line is the title. "-" is standard input.

With --jsonl every line of the input is {"id","title","text"} and, where known, "lang" (ISO 639, such as "en"), "date" or "published"
(2026-05-04, with a time behind it if known) and "url"; every line of the output is a story with that id. Offsets of evidence are bytes into the title and text of the line.

With --second the endpoint of classifier.second is asked about what is under review, as a running classifier does; why it
changed nothing is said on standard error.

Whom the watchlists of the configuration name ("watchlists", see deploy/watchlist.yaml) is looked out for too: in title or lead
together with words of the beat, or as the victim of what the text tells, a name puts a story on the beat whatever its score.`,
		Example: "  spywire parse --json page.html | spywire classify\n  spywire classify --jsonl < articles.jsonl > stories.jsonl\n  spywire classify --set watchlists=watch.yaml page.html",
		RunE: func(cmd *cobra.Command, given []string) error {
			cfg, err := c.load()
			if err != nil {
				return err
			}
			classify, err := app.NewClassifier(cfg)
			if err != nil {
				return err
			}
			judge := func(a story.Article) story.Story { return classify.Classify(a) }
			if twice {
				stage := app.NewSecond(cfg, classify, nil, nil)
				if stage == nil {
					return usageError{errors.New("--second: nobody to ask; name an endpoint with --set classifier.second.url=URL and classifier.second.model=NAME")}
				}
				judge = func(a story.Article) story.Story {
					s, err := stage.Ask(cmd.Context(), classify.Classify(a))
					if err != nil {
						complain(cmd.ErrOrStderr(), cmp.Or(a.URL, string(a.ID), a.Title), err)
					}
					return s
				}
			}
			if asLines {
				return eachInput(cmd, given, func(name string, in io.Reader) error {
					return eachLine(cmd.Context(), name, in, cmd.OutOrStdout(), cmd.ErrOrStderr(), func(l articleLine) any {
						return judge(l.article())
					})
				})
			}
			if given, err = inputs(cmd.InOrStdin(), given); err != nil {
				return err
			}
			failed := false
			for _, arg := range given {
				article, err := openArticle(cmd.Context(), cfg, cmd.InOrStdin(), arg)
				if err != nil {
					failed = true
					complain(cmd.ErrOrStderr(), arg, err)
					continue
				}
				s := judge(article)
				if asJSON {
					err = printJSON(cmd.OutOrStdout(), s)
				} else {
					err = printStory(cmd.OutOrStdout(), s)
				}
				if err != nil {
					return err
				}
			}
			if failed {
				return errQuiet
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the whole story record as JSON")
	cmd.Flags().BoolVar(&asLines, "jsonl", false, "JSON lines in, JSON lines out")
	cmd.Flags().BoolVar(&twice, "second", false, "ask the second stage about what is under review")
	cmd.MarkFlagsMutuallyExclusive("json", "jsonl")
	return cmd
}

// articleLine is a line of classify --jsonl.
type articleLine struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
	Lang  string `json:"lang"`
	Date  string `json:"date"`
	URL   string `json:"url"`

	Published string `json:"published"` // as an article of "parse --jsonl" calls its date
}

// doubts says what is no date and what is no language: the article is read as if the line had none, and nobody would know why.
func (l articleLine) doubts() error {
	for _, given := range [][2]string{{"date", l.Date}, {"published", l.Published}} {
		if _, ok := day(given[1]); given[1] != "" && !ok && !vague(given[1]) {
			return fmt.Errorf("%q is %q, which is no date, and is left out: want 2026-05-04 or 2026-05-04T12:30:00Z", given[0], given[1])
		}
	}
	if l.Lang != "" && l.language() == "" {
		return fmt.Errorf("\"lang\" is %q, which is no language, and is told by the text: want a code of ISO 639 such as en", l.Lang)
	}
	return nil
}

// language is the tag of the line's language, "" if there is no such language.
func (l articleLine) language() string {
	tag := strings.ReplaceAll(l.Lang, "_", "-")
	base, _, _ := strings.Cut(tag, "-")
	if _, err := language.ParseBase(base); err != nil && !strings.EqualFold(base, "cnr") { // too young for the table
		return ""
	}
	return tag
}

// vague reports whether a date is a month or a year only: no day to count weekdays from, and no fault.
func vague(text string) bool {
	for _, layout := range []string{"2006-01", "2006"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// day reads a date in the forms that --jsonl takes.
func day(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (l articleLine) article() story.Article {
	a := story.Article{
		ID: story.ID(l.ID), URL: l.URL, CanonicalURL: l.URL, Title: l.Title, Text: l.Text, Lang: l.language(),
		TextFrom: story.TextFromPage, PageKind: story.KindArticle, Confidence: 1, Authors: []string{},
	}
	if a.Lang == "" {
		a.Lang, _ = lang.Identify(a.Title + "\n" + a.Text)
	}
	for _, given := range []string{l.Date, l.Published} {
		if t, ok := day(given); ok {
			a.Published = &t
			break
		}
	}
	if host := weburl.Host(l.URL); host != "" {
		a.Source = story.Source{ID: weburl.SourceID(host), Host: host}
	}
	return a
}

// openArticle is the article at a URL or in a file, whatever form the file has.
func openArticle(ctx context.Context, cfg config.Config, in io.Reader, arg string) (story.Article, error) {
	page, err := openPage(ctx, cfg, in, arg, "")
	if err != nil {
		return story.Article{}, err
	}
	if page.URL == "" {
		body, err := plain(page.Body)
		if err != nil {
			return story.Article{}, err
		}
		utf8, _ := charset.Decode(body, "")
		utf8 = bytes.TrimSpace(bytes.ReplaceAll(utf8, []byte("\r\n"), []byte("\n")))
		if len(utf8) == 0 {
			return story.Article{}, errors.New("nothing to classify: it is empty")
		}
		if bytes.HasPrefix(utf8, []byte("{")) {
			var a story.Article
			if err := json.Unmarshal(utf8, &a); err != nil {
				return a, fmt.Errorf("reading an article: %w", err)
			}
			if a.Title == "" && a.Text == "" {
				return a, errors.New("reading an article: the JSON has neither title nor text")
			}
			if a.Lang == "" {
				a.Lang, _ = lang.Identify(a.Title + "\n" + a.Text)
			}
			return a, nil
		}
		if strings.HasPrefix(http.DetectContentType(body), "text/plain") && !bytes.Contains(bytes.ToLower(body[:min(len(body), 4096)]), []byte("<html")) {
			title, text, _ := strings.Cut(string(utf8), "\n")
			return articleLine{ID: string(page.ID), Title: title, Text: strings.TrimSpace(text)}.article(), nil
		}
	}
	return parser.Parse(page)
}
