package parser

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// TestComposed holds the quick look that spares normalising against the tables: no letter it lets pass may change or join
// with the one before it.
func TestComposed(t *testing.T) {
	passed := 0
	for r := rune(1); r <= 0x10ffff; r++ {
		if r >= 0xd800 && r <= 0xdfff || !isComposed(string(r)) {
			continue
		}
		passed++
		if s := string(r); norm.NFC.String(s) != s || !norm.NFC.PropertiesString(s).BoundaryBefore() {
			t.Errorf("%U is let pass", r)
		}
	}
	if passed < 30000 {
		t.Errorf("only %d letters are let pass", passed)
	}
	if got := clean("Cafe\u0301 и\u0306 \x00か\u3099"); got != "Café й が" {
		t.Errorf("clean: %q", got)
	}
}

func TestSqueeze(t *testing.T) {
	pieces := []string{"a", "b c", " ", "  ", "\t", "\n", "\x01", "\x7f", "é", "\u00a0", "\u200b", "\xff", ""}
	for _, a := range pieces {
		for _, b := range pieces {
			for _, c := range pieces {
				s := a + b + c
				got := squeeze(s)
				if want := squeeze("\u200b" + s); got != want { // the long way round: what is not ASCII is never taken as it is
					t.Errorf("squeeze(%q) = %q, want %q", s, got, want)
				}
				if strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
					t.Errorf("squeeze(%q) = %q", s, got)
				}
			}
		}
	}
}
