package classifier

import "slices"

// Subtypes are the names of the subtypes of all categories, in alphabetical order.
func (c *Classifier) Subtypes() []string {
	var names []string
	for _, cat := range c.categories {
		for _, s := range cat.subtypes {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Certainties are the certainties of an event, from the least to the most settled.
func Certainties() []string { return slices.Clone(grades) }

// EventOutcomes are how an event may end for its victim.
func EventOutcomes() []string { return []string{"died", "survived", "plot_foiled", "unknown"} }
