package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/spywire/spywire/internal/app"
	"github.com/spywire/spywire/internal/bus"
)

// live is the terminal of a running instance: a line per stage at the bottom that keeps itself up to date, and
// above it, scrolling, every story as it is found and what the log has to say. It owns no input: Ctrl-C stays a
// signal, so that a terminal and a pod stop the same way.
type live struct {
	program *tea.Program
	stopped sync.WaitGroup
}

// startLive draws on out until stop is called.
func startLive(out io.Writer) *live {
	l := &live{program: tea.NewProgram(&liveModel{}, tea.WithOutput(out), tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithFPS(10))}
	l.stopped.Go(func() { _, _ = l.program.Run() })
	return l
}

func (l *live) stop() {
	l.program.Quit()
	l.stopped.Wait()
}

// Write puts log lines above the stage lines, so that live can be a logger's output.
func (l *live) Write(line []byte) (int, error) {
	l.program.Println(strings.TrimRight(string(line), "\n"))
	return len(line), nil
}

// story prints a story that was just found.
func (l *live) story(m bus.Message) {
	if s, err := bus.DecodeStory(m); err == nil {
		l.program.Println(storyCard(s, true))
	}
}

// follow refreshes the stage lines from status every second until ctx ends.
func (l *live) follow(ctx context.Context, status func() app.Status) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		l.program.Send(status())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

type liveModel struct {
	status app.Status
	width  int
}

func (m *liveModel) Init() tea.Cmd { return nil }

func (m *liveModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case app.Status:
		m.status = msg
	case tea.WindowSizeMsg:
		m.width = msg.Width
	}
	return m, nil
}

func (m *liveModel) View() tea.View {
	var b strings.Builder
	for _, line := range m.status.Lines() {
		fmt.Fprintf(&b, "%s\n", ink(true).dim(clip(line, m.width)))
	}
	return tea.NewView(b.String())
}

// clip cuts a line to the terminal's width, so that it never wraps.
func clip(line string, width int) string {
	if runes := []rune(line); width > 1 && len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return line
}
