package embedded

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
)

// logger passes what the server says on to slog. Its notices are a banner and connection chatter: debug.
type logger struct {
	log    *slog.Logger
	broken atomic.Bool // a stream or a durable cannot be written

	mu    sync.Mutex
	fatal string
}

func (l *logger) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *logger) Warnf(format string, v ...any)   { l.log.Warn(fmt.Sprintf(format, v...)) }

// Errorf says the first thing about a broken store; what follows until it is mended is the same again and again.
func (l *logger) Errorf(format string, v ...any) {
	line := fmt.Sprintf(format, v...)
	if l.broken.Load() || saysBroken(line) && l.broken.Swap(true) {
		l.log.Debug(line)
		return
	}
	l.log.Error(line)
}

func (l *logger) Debugf(string, ...any) {}
func (l *logger) Tracef(string, ...any) {}

// Fatalf keeps the words for the error of Start; the server does not exit with a logger of one's own.
func (l *logger) Fatalf(format string, v ...any) {
	l.mu.Lock()
	l.fatal = fmt.Sprintf(format, v...)
	l.mu.Unlock()
	l.log.Error(fmt.Sprintf(format, v...))
}

func (l *logger) lastFatal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fatal
}
