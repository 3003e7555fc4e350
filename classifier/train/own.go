package train

import (
	"embed"
	"fmt"
	"strings"
)

// own holds stories written for training, in the style that lists and rules miss: terse and oblique, and traps.
//
//go:embed own/*.txtar
var own embed.FS

// ownStories reads them.
func ownStories() ([]Item, error) {
	files, err := own.ReadDir("own")
	if err != nil {
		return nil, fmt.Errorf("own stories: %w", err)
	}
	var all []Item
	for _, f := range files {
		data, err := own.ReadFile("own/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("own stories: %w", err)
		}
		items, err := ParseCases(f.Name(), "en", string(data))
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

// ParseCases reads stories in a file that people can read: after "-- name/right --" a title, "-" for none, then
// the text. Right is op, death, both or none, and "background" or "opinion" behind it. A name that begins with two
// letters and a digit, as ru7, is of that language, any other of the file's.
func ParseCases(file, lang, data string) ([]Item, error) {
	var all []Item
	for n, line := range strings.Split(data, "\n") {
		head, isHead := strings.CutPrefix(line, "-- ")
		head, closed := strings.CutSuffix(head, " --")
		if !isHead || !closed {
			if len(all) > 0 {
				all[len(all)-1].Text += line + "\n"
			}
			continue
		}
		name, right, _ := strings.Cut(head, "/")
		right, kind, _ := strings.Cut(right, " ")
		labels, known := map[string][]string{
			"op": {"intelligence_operation"}, "death": {"defector_death"}, "both": {"defector_death", "intelligence_operation"}, "none": {},
		}[right]
		if !known {
			return nil, fmt.Errorf("%s:%d: %q is neither op, death, both nor none", file, n+1, right)
		}
		i := Item{ID: file + "/" + name, Group: file + "/" + name, Lang: lang, Labels: labels, Kind: kind}
		if len(name) > 2 && name[2] >= '0' && name[2] <= '9' && name[0] >= 'a' {
			i.Lang = name[:2]
		}
		if kind == "" {
			i.Kind = "positive"
			if len(labels) == 0 {
				i.Kind = "hard_negative"
			}
		}
		all = append(all, i)
	}
	for k := range all {
		title, text, _ := strings.Cut(all[k].Text, "\n")
		if title == "-" {
			title = ""
		}
		all[k].Title, all[k].Text = title, strings.TrimSpace(text)
		if all[k].Text == "" {
			return nil, fmt.Errorf("%s: %s has no text", file, all[k].ID)
		}
	}
	return all, nil
}
