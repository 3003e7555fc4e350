package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"
)

// denials tell whoever waits for an answer that there will be none: a server drops what its user may not ask, and says so
// beside the request only.
type denials struct {
	mu      sync.Mutex
	waiting map[*context.CancelCauseFunc]bool
}

// tell ends every question under way, if err is a denial.
func (d *denials) tell(err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for cancel := range d.waiting {
		(*cancel)(err)
	}
}

// ask calls f, whose requests end as soon as NATS denies one; the error then says which.
func (d *denials) ask(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	d.mu.Lock()
	if d.waiting == nil {
		d.waiting = map[*context.CancelCauseFunc]bool{}
	}
	d.waiting[&cancel] = true
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		delete(d.waiting, &cancel)
		d.mu.Unlock()
		cancel(nil)
	}()
	err := f(ctx)
	if denial := context.Cause(ctx); err != nil && errors.Is(denial, nats.ErrPermissionViolation) {
		return deniedError(denial)
	}
	return err
}

// deniedError says what to do about a denial.
func deniedError(denial error) error {
	return fmt.Errorf("this user may not: %w; give it that permission, or be another with nats.creds", denial)
}
