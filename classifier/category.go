package classifier

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// feature is a condition with a weight in thousandths of a logit.
type feature struct {
	condition
	weight int
}

// subtype is listed when one of its conditions holds.
type subtype struct {
	name string
	any  []condition
}

// category is one file of categories/.
type category struct {
	name      string
	about     string // what belongs to it, for those who read and do not count
	bias      int    // thousandths of a logit
	threshold float64
	review    float64
	features  []feature
	subtypes  []subtype
	watched   watching
}

func loadCategories(concepts map[string]concept) ([]category, error) {
	files, err := lists.ReadDir("categories")
	if err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	var all []category
	for _, f := range files {
		name := "categories/" + f.Name()
		data, err := lists.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c, err := parseCategory(name, data, concepts)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// parseCategory reads one category; every fault names the file and the line.
func parseCategory(name string, data []byte, concepts map[string]concept) (category, error) {
	p := &categoryParser{concepts: concepts, groups: make(map[string]set)}
	err := eachKeyOf(name, data, p.key)
	if err == nil && (p.out.name == "" || len(p.out.features) == 0 || p.out.threshold <= p.out.review || p.out.review <= 0) {
		err = fmt.Errorf("%s:1: want category, threshold > review > 0 and features", name)
	}
	return p.out, err
}

type categoryParser struct {
	concepts map[string]concept
	groups   map[string]set
	out      category
}

func (p *categoryParser) key(key, value *yaml.Node) (err error) {
	switch key.Value {
	case "category":
		p.out.name = value.Value
	case "about":
		p.out.about = strings.TrimSpace(value.Value)
	case "bias":
		p.out.bias, err = milli(value.Value)
	case "threshold":
		p.out.threshold, err = strconv.ParseFloat(value.Value, 64)
	case "review":
		p.out.review, err = strconv.ParseFloat(value.Value, 64)
	case "groups":
		return pairs(value, func(name string, v *yaml.Node) error {
			s, err := p.alternatives(v.Value)
			p.groups[name] = s
			return err
		})
	case "sentence", "neighbours", "lead":
		where := scopes[key.Value]
		return pairs(value, func(source string, v *yaml.Node) error {
			c, err := p.condition(source, where)
			if err != nil {
				return err
			}
			w, err := milli(v.Value)
			p.out.features = append(p.out.features, feature{c, w})
			return err
		})
	case "watched":
		return p.watched(value)
	case "subtypes":
		return pairs(value, func(name string, v *yaml.Node) error {
			s := subtype{name: name}
			err := eachItem(v, func(source string) error {
				c, err := p.condition(source, inNeighbours)
				s.any = append(s.any, c)
				return err
			})
			p.out.subtypes = append(p.out.subtypes, s)
			return err
		})
	default:
		return fmt.Errorf("unknown key %s", key.Value)
	}
	return err
}

// watched reads what lifts a story of somebody on the watchlist.
func (p *categoryParser) watched(value *yaml.Node) error {
	to := map[string]*[]condition{"persons": &p.out.watched.persons, "organisations": &p.out.watched.organisations, "review": &p.out.watched.review}
	return pairs(value, func(name string, v *yaml.Node) error {
		if name == "victims" {
			return v.Decode(&p.out.watched.victims)
		}
		list, known := to[name]
		if !known {
			return fmt.Errorf("unknown key %s", name)
		}
		return eachItem(v, func(source string) error {
			scope := inNeighbours
			if name == "review" {
				scope = inSentence
			}
			c, err := p.condition(source, scope)
			if err == nil && c.bans != (set{}) {
				err = fmt.Errorf("%q: nothing overrides the watchlist, so its conditions have no bans", source)
			}
			*list = append(*list, c)
			return err
		})
	})
}

// milli reads a decimal number as thousandths, exactly.
func milli(s string) (int, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", s)
	}
	if f < 0 {
		return -int(-f*1000 + .5), nil
	}
	return int(f*1000 + .5), nil
}

// condition reads "A|B + C - D": groups of alternatives that must all be met, and bans.
func (p *categoryParser) condition(source string, where scope) (condition, error) {
	c := condition{source: source, scope: where}
	for i, part := range strings.Split(source, " - ") {
		for j, group := range strings.Split(part, " + ") {
			s, err := p.alternatives(group)
			if err != nil {
				return c, err
			}
			if i > 0 {
				if j > 0 {
					return c, fmt.Errorf("%q: bans stand at the end", source)
				}
				c.bans.join(&s)
			} else {
				c.groups = append(c.groups, s)
			}
		}
	}
	return c, nil
}

func (p *categoryParser) alternatives(source string) (set, error) {
	var s set
	for _, name := range strings.Split(source, "|") {
		name = strings.TrimSpace(name)
		if g, ok := p.groups[name]; ok {
			s.join(&g)
		} else if c, ok := p.concepts[name]; ok {
			s.add(c)
		} else {
			return s, fmt.Errorf("%q is neither a group nor a concept", name)
		}
	}
	return s, nil
}
