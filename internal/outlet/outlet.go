// Package outlet turns the names and domains of news outlets into the outlet: who publishes under them, in
// which country, of what kind, and in whose family of owners. The table is one file, outlets.tsv; a new outlet
// is one line in it.
package outlet

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed outlets.tsv
var table string

// Outlet is one line of the table.
type Outlet struct {
	Name    string   // the canonical name, unique in the table
	Domains []string // registrable domains, or hosts where an outlet shares one with others
	Country string   // ISO 3166 alpha-2, upper case
	Lang    string   // ISO 639-1
	Kind    string   // newspaper, agency, broadcaster, state_media, …
	Family  string   // owner family: outlets of one family are not independent of each other
	Aliases []Alias
}

// Alias is another name of an outlet. A Weak one is short or an everyday word: it counts only in quotation
// marks or next to a phrase that credits somebody.
type Alias struct {
	Text string
	Weak bool
}

// Agency reports whether the outlet is a news agency, whose texts others print.
func (o Outlet) Agency() bool { return o.Kind == "agency" }

// Table is the outlets by name and by domain.
type Table struct {
	outlets []Outlet
	domains map[string]int
}

// Load reads the table that is built in.
func Load() (*Table, error) { return parse(table) }

func parse(data string) (*Table, error) {
	t := &Table{domains: make(map[string]int)}
	names := make(map[string]bool)
	for n, line := range strings.Split(strings.TrimSuffix(data, "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cols := strings.Split(line, "\t")
		if len(cols) != 7 || cols[0] == "" {
			return nil, fmt.Errorf("outlets.tsv:%d: want 7 columns beginning with a name, have %d", n+1, len(cols))
		}
		o := Outlet{Name: cols[0], Country: cols[2], Lang: cols[3], Kind: cols[4], Family: cols[5]}
		if names[o.Name] {
			return nil, fmt.Errorf("outlets.tsv:%d: %s is there twice", n+1, o.Name)
		}
		names[o.Name] = true
		for _, d := range split(cols[1], ",") {
			if other, taken := t.domains[d]; taken {
				return nil, fmt.Errorf("outlets.tsv:%d: domain %s belongs to %s already", n+1, d, t.outlets[other].Name)
			}
			t.domains[d] = len(t.outlets)
			o.Domains = append(o.Domains, d)
		}
		for _, a := range split(cols[6], "|") {
			text, weak := strings.CutPrefix(a, "?")
			o.Aliases = append(o.Aliases, Alias{text, weak})
		}
		t.outlets = append(t.outlets, o)
	}
	return t, nil
}

func split(s, sep string) []string {
	return slices.DeleteFunc(strings.Split(s, sep), func(p string) bool { return p == "" })
}

// All are the outlets in the order of the table. It must not be changed.
func (t *Table) All() []Outlet { return t.outlets }

// ByDomain is the outlet that publishes at a host name: the longest listed domain that the host is or lies
// under. Case, a trailing dot and a port do not matter.
func (t *Table) ByDomain(host string) (Outlet, bool) {
	host = strings.ToLower(host)
	if i := strings.IndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	host = strings.TrimSuffix(host, ".")
	for host != "" {
		if i, ok := t.domains[host]; ok {
			return t.outlets[i], true
		}
		_, rest, more := strings.Cut(host, ".")
		if !more {
			break
		}
		host = rest
	}
	return Outlet{}, false
}
