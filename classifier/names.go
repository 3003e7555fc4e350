package classifier

import (
	"fmt"
	"regexp"
	"strings"
)

// agency is one line of lexicon/agencies.tsv.
type agency struct{ canonical, country, id string }

// loadAgencies enters every alias twice: as the concept that the agency counts as, and as its name.
func (c *Classifier) loadAgencies() error {
	return eachRow("lexicon/agencies.tsv", 4, func(col []string) error {
		id, err := c.lexicon.must(col[2])
		if err != nil {
			return err
		}
		for _, alias := range strings.Split(col[3], "|") {
			if err := c.lexicon.index.Add(alias, everyLang, c.lexicon.layers[id], id); err != nil {
				return err
			}
			if err := c.lexicon.index.Add(alias, everyLang, layerAgency, int32(len(c.agencies))); err != nil {
				return err
			}
		}
		c.agencies = append(c.agencies, agency{col[0], col[1], agencyID(col[0])})
		return nil
	})
}

// agencyID is an agency's name as an id: "agency:federal-security-service".
func agencyID(canonical string) string {
	return "agency:" + strings.Trim(nonWord.ReplaceAllString(strings.ToLower(canonical), "-"), "-")
}

var nonWord = regexp.MustCompile(`[^\pL\pN]+`)

// eachRow calls yield for the rows of a table; errors name the file and the line.
func eachRow(name string, columns int, yield func([]string) error) error {
	data, err := lists.ReadFile(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		col := strings.Split(line, "\t")
		if len(col) != columns {
			return fmt.Errorf("%s:%d: want %d columns, have %d", name, n+1, columns, len(col))
		}
		if err := yield(col); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n+1, err)
		}
	}
	return nil
}
