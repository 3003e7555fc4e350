package outlet

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	table, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(table.All()); n < 500 {
		t.Fatalf("%d outlets, want 500 or more", n)
	}
	for host, want := range map[string]string{
		"www.wsj.com": "The Wall Street Journal", "WSJ.com.": "The Wall Street Journal", "apnews.com:443": "Associated Press",
		"www.reuters.com": "Reuters", "notreuters.com": "", "com": "", "": "", ".": "",
	} {
		o, ok := table.ByDomain(host)
		if o.Name != want || ok != (want != "") {
			t.Errorf("ByDomain(%q) = %q, %v; want %q", host, o.Name, ok, want)
		}
	}
}

func TestRows(t *testing.T) {
	table, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range table.All() {
		if len(o.Country) != 0 && (len(o.Country) != 2 || strings.ToUpper(o.Country) != o.Country) {
			t.Errorf("%s: country %q is not ISO 3166 alpha-2", o.Name, o.Country)
		}
		for _, d := range o.Domains {
			if got, _ := table.ByDomain(d); got.Name != o.Name || strings.ContainsAny(d, "/: ") || strings.ToLower(d) != d {
				t.Errorf("%s: domain %q is not usable", o.Name, d)
			}
		}
		for _, a := range o.Aliases {
			if strings.TrimSpace(a.Text) != a.Text || a.Text == "" {
				t.Errorf("%s: alias %q", o.Name, a.Text)
			}
		}
	}
}

func TestParseFaults(t *testing.T) {
	for in, want := range map[string]string{
		"A\tb\n": "outlets.tsv:1: want 7 columns",
		"A\ta.org\tUS\ten\tx\t\t\nA\tb.org\tUS\ten\tx\t\t\n": "outlets.tsv:2: A is there twice",
		"A\ta.org\tUS\ten\tx\t\t\nB\ta.org\tUS\ten\tx\t\t\n": "domain a.org belongs to A already",
	} {
		if _, err := parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse(%q) = %v, want %q", in, err, want)
		}
	}
}
