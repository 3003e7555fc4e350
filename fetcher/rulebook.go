package fetcher

import "sync"

// rulebook keeps what hosts said in robots.txt for as long as a Visitor lives; one asks, the others wait for it.
type rulebook struct {
	mu   sync.Mutex
	host map[string]*entry
}

type entry struct {
	once   sync.Once
	answer robotsAnswer
}

func newRulebook() *rulebook { return &rulebook{host: map[string]*entry{}} }

func (b *rulebook) of(host string, ask func() robotsAnswer) robotsAnswer {
	b.mu.Lock()
	e := b.host[host]
	if e == nil {
		e = &entry{}
		b.host[host] = e
	}
	b.mu.Unlock()
	e.once.Do(func() { e.answer = ask() })
	return e.answer
}
