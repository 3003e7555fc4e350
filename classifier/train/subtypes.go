package train

import (
	"slices"
	"strings"
)

// Subtype is how often a subtype is in the gold of stories, how often it was listed, and how often both. A story may have
// several, and the gold of one that is off the beat has names for what it is instead; those count nowhere.
type Subtype struct {
	Name   string `json:"name"`
	Gold   int    `json:"gold"`
	Listed int    `json:"listed"`
	Both   int    `json:"both"`
}

// subtypes counts every subtype that was listed at least once, and "all" of them; nil where nothing was.
func subtypes(items []judgedItem) []Subtype {
	by := map[string]*Subtype{}
	for _, j := range items {
		for _, name := range j.got.Subtypes {
			if by[name] == nil {
				by[name] = &Subtype{Name: name}
			}
		}
	}
	for _, j := range items {
		for _, name := range j.got.Subtypes {
			by[name].Listed++
		}
		var gold []string
		for _, name := range j.item.Subtypes {
			if name = ofGold(name); by[name] != nil && len(j.item.Labels) > 0 && !slices.Contains(gold, name) {
				gold = append(gold, name)
				by[name].Gold++
				if slices.Contains(j.got.Subtypes, name) {
					by[name].Both++
				}
			}
		}
	}
	var all []Subtype
	sum := Subtype{Name: "all"}
	for _, name := range sortedKeys(by) {
		s := *by[name]
		all = append(all, s)
		sum.Gold, sum.Listed, sum.Both = sum.Gold+s.Gold, sum.Listed+s.Listed, sum.Both+s.Both
	}
	if len(all) > 0 {
		all = append(all, sum)
	}
	return all
}

// ofGold is the name that the categories have for a subtype of the gold set, which is finer for the affairs of an agency.
func ofGold(name string) string {
	switch {
	case name == "influence_op":
		return "influence_operation"
	case name == "leak_classified":
		return "leak"
	case name == "surveillance_sigint":
		return "surveillance"
	case strings.HasPrefix(name, "agency_") && name != "agency_assassination":
		return "agency_affairs"
	}
	return name
}
