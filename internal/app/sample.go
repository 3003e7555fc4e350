package app

import (
	"bytes"
	"fmt"
	"log/slog"
	"time"

	"github.com/spywire/spywire/fetcher/feedlist"
	"github.com/spywire/spywire/internal/newsroom"
)

// The sample newsroom lists its stories over sampleReveal, and edits one after sampleRevise, so that a newcomer
// sees the pipeline at work and not only its result.
const (
	sampleReveal = 40 * time.Second
	sampleRevise = 75 * time.Second
)

// startSample serves the sample newsroom on a port of its own until stop is called, and gives the list of its
// feeds. Its host names end in .localhost and have no port: the fetcher must be told where to connect for them.
func startSample(log *slog.Logger) (list feedlist.Source, addr string, stop func() error, err error) {
	room, err := newsroom.New(newsroom.Options{Base: time.Now(), Reveal: sampleReveal, Revise: sampleRevise, Logger: log})
	if err != nil {
		return list, "", nil, err
	}
	var feeds bytes.Buffer
	if err := feedlist.WriteYAML(&feeds, room.Feeds()); err != nil {
		return list, "", nil, err
	}
	if addr, stop, err = room.Start("127.0.0.1:0"); err != nil {
		return list, "", nil, fmt.Errorf("sample newsroom: %w", err)
	}
	return feedlist.Source{Name: "sample.yaml", Data: feeds.Bytes()}, addr, stop, nil
}
