package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every command of spywire that a document tells a reader to give is there, with those flags.
func TestCommandsInDocuments(t *testing.T) {
	quoted := regexp.MustCompile("`([^`\n]*)`")
	command := regexp.MustCompile(`^(?:.*\s)?(?:\./)?spywire ([a-z].*)$`)
	seen := 0
	for _, file := range []string{"README.md", "CHANGELOG.md", "ARCHITECTURE.md", "deploy/runbook.md"} {
		text, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		for i, part := range strings.Split(string(text), "```") {
			lines := strings.Split(part, "\n")
			if i%2 == 0 {
				lines = nil
				for _, q := range quoted.FindAllStringSubmatch(part, -1) {
					lines = append(lines, q[1])
				}
			}
			for _, line := range lines {
				m := command.FindStringSubmatch(line)
				if m == nil || line == "spywire parser host/pid" { // a connection's name
					continue
				}
				seen++
				if err := parses(newRoot(), m[1]); err != nil {
					t.Errorf("%s: %s: %v", file, line, err)
				}
			}
		}
	}
	if seen < 60 {
		t.Errorf("%d commands found", seen)
	}
}

// parses says whether there is such a command, and whether it has these flags. What stands behind a comment sign, two spaces or a
// redirection is none of its own, and "list|show" is the first of them.
func parses(root *cobra.Command, line string) error {
	for _, end := range []string{" #", "  ", " | ", " > "} {
		line, _, _ = strings.Cut(line, end)
	}
	words := strings.Fields(line)
	for i := range words {
		words[i], _, _ = strings.Cut(strings.Trim(words[i], `'"…`), "|")
	}
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if cmd.HasSubCommands() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return fmt.Errorf("%s has no command %s", cmd.CommandPath(), rest[0])
	}
	return cmd.ParseFlags(slices.DeleteFunc(rest, func(word string) bool { return word == "--help" }))
}

// What the runbook quotes from logs and from /readyz is what the code says.
func TestLogLinesInRunbook(t *testing.T) {
	text, err := os.ReadFile("../../deploy/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		sources.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	said := sources.String()
	seen := 0
	for _, m := range regexp.MustCompile("`([a-zA-Z][a-zA-Z]* [^`]*)`").FindAllStringSubmatch(string(text), -1) {
		first, _, _ := strings.Cut(m[1], " ")
		switch first {
		case "spywire", "kubectl", "curl", "nats", "SELECT":
			continue
		}
		seen++
		if line, check := strings.CutPrefix(strings.TrimPrefix(m[1], "not "), "ready "); check || strings.HasPrefix(m[1], "ok ") {
			// A check of /readyz goes by its name.
			if name := strings.TrimPrefix(line, "ok "); !strings.Contains(said, `"`+name+`"`) {
				t.Errorf("the runbook quotes %q, and no check is named %s", m[1], name)
			}
		} else if !strings.Contains(said, m[1]) {
			t.Errorf("the runbook quotes %q, which the code does not say", m[1])
		}
	}
	if seen < 6 {
		t.Errorf("%d quotations found", seen)
	}
}
