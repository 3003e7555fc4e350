package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/spywire/spywire/internal/fault"
)

type outcome string

func TestOf(t *testing.T) {
	drop := fault.Dropf(outcome("no_text"), "page %d: %w", 7, io.EOF)
	wait := fault.RetryAfter(time.Minute, errors.New("busy"))
	for _, c := range []struct {
		err  error
		want fault.Verdict
	}{
		{nil, fault.Verdict{Action: fault.Done}},
		{errors.New("odd"), fault.Verdict{Action: fault.Retry}},
		{fmt.Errorf("feed x: %w", drop), fault.Verdict{Action: fault.Settle, Outcome: "no_text"}},
		{fmt.Errorf("feed x: %w", wait), fault.Verdict{Action: fault.Retry, After: time.Minute}},
		{fault.RetryAfter(time.Second, drop), fault.Verdict{Action: fault.Retry, After: time.Second}},
		{errors.Join(errors.New("close"), drop), fault.Verdict{Action: fault.Settle, Outcome: "no_text"}},
	} {
		if got := fault.Of(c.err); got != c.want {
			t.Errorf("Of(%v) = %+v, want %+v", c.err, got, c.want)
		}
	}
	if drop.Error() != "page 7: EOF" || !errors.Is(drop, io.EOF) {
		t.Errorf("Drop keeps the words and the chain: %v", drop)
	}
}
