package main

import (
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// column is one of a table. A column that can shrink gives way where the terminal is too narrow, down to least.
type column struct {
	title string
	least int  // 0 never shrinks
	url   bool // shortened in the middle, where addresses say least
	right bool // figures
}

// cell is a text and how it is written.
type cell struct {
	text string
	pen  func(string) string // nil for plainly
}

// width is how many columns the reader's terminal has; 0 where nobody looks, and lines are as long as they are.
func width(w any) int {
	f, ok := w.(*os.File)
	if !ok || !isTerminal(w) {
		return 0
	}
	columns, _, err := term.GetSize(f.Fd())
	if err != nil {
		return 0
	}
	return columns
}

const gutter = 2 // between columns

// writeTable writes rows under their titles, no wider than most columns of the terminal; 0 is no limit.
func writeTable(w io.Writer, most int, titles func(string) string, columns []column, rows [][]cell) error {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = ansi.StringWidth(c.title)
		for _, row := range rows {
			widths[i] = max(widths[i], ansi.StringWidth(row[i].text))
		}
	}
	squeeze(widths, columns, most)
	head := make([]cell, len(columns))
	for i, c := range columns {
		head[i] = cell{c.title, titles}
	}
	var b strings.Builder
	for _, row := range append([][]cell{head}, rows...) {
		var line strings.Builder
		for i, c := range row {
			text := fitted(c.text, widths[i], columns[i].url)
			pad := strings.Repeat(" ", widths[i]-ansi.StringWidth(text))
			if c.pen != nil {
				text = c.pen(text)
			}
			if columns[i].right {
				text = pad + text
			} else if i < len(row)-1 {
				text += pad
			}
			if i > 0 {
				line.WriteString(strings.Repeat(" ", gutter))
			}
			line.WriteString(text)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// squeeze takes from the widest column that can shrink until all fit.
func squeeze(widths []int, columns []column, most int) {
	for most > 0 {
		total, widest := gutter*(len(widths)-1), -1
		for i, w := range widths {
			total += w
			if columns[i].least > 0 && w > columns[i].least && (widest < 0 || w-columns[i].least > widths[widest]-columns[widest].least) {
				widest = i
			}
		}
		if total <= most || widest < 0 {
			return
		}
		widths[widest]--
	}
}

func fitted(s string, most int, url bool) string {
	if ansi.StringWidth(s) <= most {
		return s
	}
	if url && most > 8 {
		tail := most / 3
		return ansi.Truncate(s, most-tail, "…") + ansi.TruncateLeft(s, ansi.StringWidth(s)-tail, "")
	}
	return ansi.Truncate(s, most, "…")
}

// wrapped is a text broken into lines of the terminal's width, all of them indented.
func wrapped(s string, most int, indent string) string {
	if most > 0 {
		s = ansi.Wrap(s, max(most-ansi.StringWidth(indent), 20), "")
	}
	return indent + strings.ReplaceAll(s, "\n", "\n"+indent) + "\n"
}
