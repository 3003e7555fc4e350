package main

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/spywire/spywire/internal/bus"
	"github.com/spywire/spywire/internal/story"
)

// letterRow is a dead letter without its message.
type letterRow struct {
	Seq        uint64      `json:"seq"`
	Died       time.Time   `json:"died"`
	Stage      story.Stage `json:"stage"`
	Reason     string      `json:"reason"`
	Deliveries uint64      `json:"deliveries"`
	Subject    string      `json:"subject"`
	Stream     string      `json:"stream"`
	StreamSeq  uint64      `json:"stream_seq"`
	Consumer   string      `json:"consumer"`
	ID         string      `json:"id,omitempty"`
	URL        string      `json:"url,omitempty"`
	Bytes      int         `json:"bytes"`
}

// fullLetter is a dead letter with its message.
type fullLetter struct {
	letterRow
	Headers map[string][]string `json:"headers"`
	Payload []byte              `json:"payload"`
}

func rowOf(d bus.DeadLetter) letterRow {
	m := d.Message
	return letterRow{
		Seq: d.Seq, Died: d.Died, Stage: d.Stage, Reason: d.Reason, Deliveries: d.Deliveries, Subject: m.Subject, Stream: m.Stream,
		StreamSeq: m.Seq, Consumer: d.Consumer, ID: m.Header.Get(bus.HeaderSubject), URL: m.Header.Get(bus.HeaderURL), Bytes: d.Size,
	}
}

// printLetters shows the last limit of the letters one by one, 0 for all, and counts all of them.
func printLetters(w io.Writer, rows []letterRow, limit int) error {
	shown := rows
	if limit > 0 && len(rows) > limit {
		shown = rows[len(rows)-limit:]
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(rows) > 0 {
		fmt.Fprintln(table, "SEQ\tDIED\tSTAGE\tDELIVERIES\tSUBJECT, URL, REASON")
	}
	if older := len(rows) - len(shown); older > 0 {
		fmt.Fprintf(table, "…\t\t\t\t%d older ones; --limit 0 shows all\n", older)
	}
	for _, r := range shown {
		times := "-" // it was taken out of a host's queue
		if r.Deliveries > 0 {
			times = fmt.Sprint(r.Deliveries)
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", r.Seq, died(r.Died), oneLine(string(r.Stage)), times, oneLine(r.Subject))
		for _, more := range []string{r.URL, r.Reason} {
			if more != "" {
				fmt.Fprintf(table, "\t\t\t\t%s\n", oneLine(more))
			}
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	stages, reasons := map[string]int{}, map[string]int{}
	for _, r := range rows {
		stages[string(r.Stage)]++
		reasons[oneLine(string(r.Stage)+": "+r.Reason)]++
	}
	if _, err := fmt.Fprintln(w, strings.TrimSuffix(countLetters(len(rows))+": "+counted(stages), ": ")+"."); err != nil {
		return err
	}
	return printReasons(w, reasons, len(rows))
}

// shownReasons is how many reasons are counted one by one.
const shownReasons = 8

// printReasons counts what many letters died of, the most frequent first.
func printReasons(w io.Writer, reasons map[string]int, letters int) error {
	if letters <= fewLetters || len(reasons) == letters {
		return nil
	}
	order := slices.SortedFunc(maps.Keys(reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(reasons[b], reasons[a]), strings.Compare(a, b))
	})
	for i, reason := range order {
		if i == shownReasons {
			_, err := fmt.Fprintf(w, "%8s and %d reasons more\n", "", len(order)-i)
			return err
		}
		if _, err := fmt.Fprintf(w, "%8d %s\n", reasons[reason], reason); err != nil {
			return err
		}
	}
	return nil
}

// counted are numbers by name, in a line.
func counted(by map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%s %d", oneLine(name), by[name]))
	}
	return strings.Join(parts, ", ")
}

func printLetter(w io.Writer, d bus.DeadLetter) error {
	r := rowOf(d)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "dead letter\t%d\n", r.Seq)
	fmt.Fprintf(table, "died\t%s\n", died(r.Died))
	fmt.Fprintf(table, "stage\t%s\n", oneLine(string(r.Stage)))
	fmt.Fprintf(table, "why\t%s\n", cmp.Or(oneLine(r.Reason), "nobody said"))
	fmt.Fprintf(table, "from\t%s\n", oneLine(r.Subject))
	fmt.Fprintf(table, "\tmessage %d of %s\n", r.StreamSeq, oneLine(r.Stream))
	if r.Deliveries > 0 {
		fmt.Fprintf(table, "\tdelivery %d to %s\n", r.Deliveries, oneLine(r.Consumer))
	}
	if r.URL != "" {
		fmt.Fprintf(table, "url\t%s\n", oneLine(r.URL))
	}
	headers := d.Message.Header
	for i, name := range slices.Sorted(maps.Keys(headers)) {
		title := ""
		if i == 0 {
			title = "headers"
		}
		fmt.Fprintf(table, "%s\t%s: %s\n", title, oneLine(name), oneLine(strings.Join(headers[name], ", ")))
	}
	size := fmt.Sprintf("%d bytes", d.Size)
	if kept := len(d.Message.Data); kept < d.Size {
		size += fmt.Sprintf(", of which %d were kept", kept)
	}
	fmt.Fprintf(table, "payload\t%s\n", size)
	if err := table.Flush(); err != nil {
		return err
	}
	return printPayload(w, d.Message)
}

// shownText is how much of a text that is no JSON is shown, in bytes.
const shownText = 4 << 10

// isText reports whether bytes are for reading: valid, and without more control characters than stray ones.
func isText(data []byte) bool {
	if !utf8.Valid(data) {
		return false
	}
	odd := 0
	for _, c := range data {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' {
			odd++
		}
	}
	return odd*20 <= len(data)
}

// shownBytes is how much of a payload that is no text is dumped.
const shownBytes = 256

// printPayload shows a payload as far as a person can read it.
func printPayload(w io.Writer, m bus.Message) error {
	if len(m.Data) == 0 {
		return nil
	}
	data, rest := m.Data, ""
	if strings.HasPrefix(m.Subject, "spywire.page.") {
		if head, body, ok := bytes.Cut(m.Data, []byte("\n")); ok && json.Valid(head) {
			data, rest = head, fmt.Sprintf("and a body of %d bytes\n", len(body))
		}
	}
	var indented bytes.Buffer
	var text string
	switch {
	case json.Indent(&indented, data, "", "  ") == nil:
		text = harmless(indented.String())
	case isText(data):
		if len(data) > shownText {
			data, rest = []byte(strings.ToValidUTF8(string(data[:shownText]), "")), fmt.Sprintf("… --raw writes all %d bytes\n", len(m.Data))
		}
		text = harmless(string(data))
	default:
		text = strings.TrimSuffix(hex.Dump(data[:min(len(data), shownBytes)]), "\n")
		if len(data) > shownBytes {
			rest = fmt.Sprintf("… --raw writes all %d bytes\n", len(m.Data))
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n%s", text, rest)
	return err
}

// whatItWas names a letter's message in a line.
func whatItWas(d bus.DeadLetter) string {
	if url := d.Message.Header.Get(bus.HeaderURL); url != "" {
		return oneLine(d.Message.Subject + "  " + url)
	}
	return oneLine(d.Message.Subject)
}

func countLetters(n int) string {
	switch n {
	case 0:
		return "No dead letters"
	case 1:
		return "1 dead letter"
	}
	return fmt.Sprintf("%d dead letters", n)
}

func died(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(time.DateTime)
}

func oneLine(s string) string { return strings.Join(strings.Fields(harmless(s)), " ") }
