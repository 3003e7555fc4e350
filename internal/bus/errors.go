package bus

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/spywire/spywire/internal/fault"
	"github.com/spywire/spywire/internal/story"
)

// Error codes of the JetStream API that mean something to the bus.
const (
	codeNoResources = jetstream.ErrorCode(10023) // the account or the server is at its limit
	codeNoStorage   = jetstream.ErrorCode(10047) // MaxBytes cannot be reserved
	codeTooLarge    = jetstream.ErrorCode(10054) // larger than the stream's largest message
	codeWrongLast   = jetstream.ErrorCode(10071) // expected-last-subject-sequence does not hold: somebody was there before
	codeNotStored   = jetstream.ErrorCode(10077) // full; on streams with a limit per subject "there already" says the same
	codeWrongLastR  = jetstream.ErrorCode(10164) // codeWrongLast of a replicated stream
)

func code(err error) jetstream.ErrorCode {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.ErrorCode
	}
	var js jetstream.JetStreamError
	if errors.As(err, &js) && js.APIError() != nil {
		return js.APIError().ErrorCode
	}
	return 0
}

// MayCome reports whether an error of Connect or Bind is about what another has to bring, a server, its JetStream or
// the streams, and not about what this process was given: a wrong URL, unreadable or refused credentials.
func MayCome(err error) bool {
	for _, absent := range []error{
		nats.ErrNoServers, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrConnectionClosed, nats.ErrDisconnected, nats.ErrStaleConnection,
		jetstream.ErrJetStreamNotEnabled, jetstream.ErrJetStreamNotEnabledForAccount, ErrNotApplied,
		context.DeadlineExceeded, io.EOF,
	} {
		if errors.Is(err, absent) {
			return true
		}
	}
	var network *net.OpError // a name that is not known yet is one too
	return errors.As(err, &network)
}

// IsConflict reports whether somebody else wrote a state first: read it again.
func IsConflict(err error) bool {
	c := code(err)
	return c == codeWrongLast || c == codeWrongLastR
}

// errLagging is why a record is not put on a stream that would take it, and drop another that nobody has read.
var errLagging = errors.New("the next stage lags: its stream is nearly full of what it has not read")

// isFull reports whether a stream refuses for want of room, which waiting may heal.
func isFull(err error) bool {
	c := code(err)
	return errors.Is(err, errLagging) || c == codeNotStored || c == codeNoResources
}

// permanent turns what no retry will heal into a settled outcome.
func permanent(err error) error {
	if errors.Is(err, nats.ErrMaxPayload) || code(err) == codeTooLarge {
		return fault.Drop(story.TooLarge, err)
	}
	return err
}
