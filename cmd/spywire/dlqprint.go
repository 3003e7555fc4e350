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

func printLetters(w io.Writer, rows []letterRow) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(rows) > 0 {
		fmt.Fprintln(table, "SEQ\tDIED\tSTAGE\tDELIVERIES\tSUBJECT, URL, REASON")
	}
	counts := map[story.Stage]int{}
	for _, r := range rows {
		counts[r.Stage]++
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
	var parts []string
	for _, stage := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", oneLine(string(stage)), counts[stage]))
	}
	_, err := fmt.Fprintln(w, strings.TrimSuffix(countLetters(len(rows))+": "+strings.Join(parts, ", "), ": ")+".")
	return err
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
	case utf8.Valid(data):
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
