package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"
)

// Keys of the metadata by which streams and durables remember what made them.
const (
	metaRevision = "spywire.revision"
	metaBudget   = "spywire.budget"
)

// minStream is the least a stream may be limited to, in bytes: one message of the largest size.
const minStream = 2 << 20

// ErrNotApplied is wrapped by Bind's error when a stream or durable is missing or of an older revision.
var ErrNotApplied = errors.New("the streams are not as this version needs them: run `spywire topology apply`")

// Apply makes the streams and durables that are missing and brings older ones up to this revision. Equal or newer
// ones are left alone, but for an equal one whose budget was set differently.
func (b *Bus) Apply(ctx context.Context) error {
	return b.denials.ask(ctx, b.apply)
}

func (b *Bus) apply(ctx context.Context) error {
	for _, row := range Topology(b.timings) {
		if err := b.applyStream(ctx, row); err != nil {
			return fmt.Errorf("stream %s: %w", row.Name, err)
		}
		for _, r := range row.Readers {
			if err := b.applyReader(ctx, r); err != nil {
				return fmt.Errorf("durable %s: %w", r.Durable, err)
			}
		}
	}
	return nil
}

func (b *Bus) applyStream(ctx context.Context, row Stream) error {
	want := row.config(b.opts.Budget, b.opts.Replicas)
	have, err := b.js.Stream(ctx, row.Name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		_, err = b.js.CreateStream(ctx, want)
	case err != nil:
	case current(have.CachedInfo().Config.Metadata, want.Metadata):
		return nil
	default:
		if err := b.shrinks(ctx, row, have.CachedInfo(), want); err != nil {
			return err
		}
		_, err = b.js.UpdateStream(ctx, want)
	}
	if code(err) == codeNoStorage {
		return fmt.Errorf("%w: the %d MiB of this stream are reserved when it is made, and all streams together want %d MiB%s; lower nats.max_store, or give the server more (max_file_store, or the account's limit)",
			err, mebibytes(want.MaxBytes*int64(want.Replicas)), mebibytes(b.opts.Budget*int64(want.Replicas)), b.storage(ctx))
	}
	return err
}

// storage is what the account may use and uses, in words, as far as the server says.
func (b *Bus) storage(ctx context.Context) string {
	info, err := b.js.AccountInfo(ctx)
	if err != nil {
		return ""
	}
	s := fmt.Sprintf("; this account has reserved %d MiB", mebibytes(int64(info.ReservedStore)))
	if info.Limits.MaxStore > 0 {
		s += fmt.Sprintf(" of %d MiB", mebibytes(info.Limits.MaxStore))
	}
	return s
}

func mebibytes(n int64) int64 { return n >> 20 }

// shrinks is an error where a stream that drops its oldest messages is to become smaller than what its readers have not
// read.
func (b *Bus) shrinks(ctx context.Context, row Stream, have *jetstream.StreamInfo, want jetstream.StreamConfig) error {
	if want.Discard != jetstream.DiscardOld || want.MaxBytes <= 0 || int64(have.State.Bytes) <= want.MaxBytes {
		return nil
	}
	for _, r := range row.Readers {
		info, err := b.consumerInfo(ctx, r.Durable)
		switch {
		case errors.Is(err, jetstream.ErrConsumerNotFound):
			continue
		case err != nil:
			return err
		case info.NumPending > 0 || info.NumAckPending > 0:
			return fmt.Errorf("it holds %d MiB and would be cut to %d MiB, while %s has %d messages to read: let it catch up first, or keep nats.max_store",
				mebibytes(int64(have.State.Bytes)), mebibytes(want.MaxBytes), r.Durable, info.NumPending+uint64(info.NumAckPending))
		}
	}
	return nil
}

func (b *Bus) applyReader(ctx context.Context, r Reader) error {
	want := r.config()
	have, err := b.js.Consumer(ctx, r.Durable.Stream(), r.Durable.Name())
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound):
	case err != nil:
		return err
	case current(have.CachedInfo().Config.Metadata, want.Metadata):
		return nil
	}
	_, err = b.js.CreateOrUpdateConsumer(ctx, r.Durable.Stream(), want)
	return err
}

// Bind verifies that every stream and durable is there in this revision or a newer one. It changes nothing.
func (b *Bus) Bind(ctx context.Context) error {
	for _, row := range Topology(b.timings) {
		s, err := b.js.Stream(ctx, row.Name)
		if err != nil {
			return bindError("stream "+row.Name, err)
		}
		if revision(s.CachedInfo().Config.Metadata) < Revision {
			return fmt.Errorf("stream %s has revision %d, not %d: %w", row.Name, revision(s.CachedInfo().Config.Metadata), Revision, ErrNotApplied)
		}
		for _, r := range row.Readers {
			if _, err := b.js.Consumer(ctx, row.Name, r.Durable.Name()); err != nil {
				return bindError("durable "+string(r.Durable), err)
			}
		}
	}
	return nil
}

func bindError(what string, err error) error {
	if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("%s is missing: %w", what, ErrNotApplied)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func revision(metadata map[string]string) int {
	n, _ := strconv.Atoi(metadata[metaRevision])
	return n
}

func current(have, want map[string]string) bool {
	if h, w := revision(have), revision(want); h != w {
		return h > w
	}
	return have[metaBudget] == want[metaBudget]
}

// config is the row as the server takes it.
func (s Stream) config(budget int64, replicas int) jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name: s.Name, Description: s.Description, Retention: s.Retention, Discard: s.Discard,
		DiscardNewPerSubject: s.PerSubject, MaxMsgsPerSubject: s.MaxPerSubj, MaxAge: s.MaxAge, MaxBytes: -1,
		Duplicates: s.Duplicates, AllowDirect: s.Direct, AllowMsgSchedules: s.Schedules, AllowRollup: s.Schedules || s.Bucket != "",
		DenyDelete: s.Bucket != "", AllowAtomicPublish: s.Batches, Replicas: replicas, Storage: jetstream.FileStorage,
		Metadata: map[string]string{metaRevision: strconv.Itoa(Revision)},
	}
	for _, subject := range s.Subjects {
		c.Subjects = append(c.Subjects, subject.Pattern())
	}
	if s.Share > 0 {
		c.MaxBytes = max(int64(float64(budget)*s.Share), minStream)
		c.Metadata[metaBudget] = strconv.FormatInt(budget, 10)
	}
	if s.Compress {
		c.Compression = jetstream.S2Compression
	}
	return c
}

// config is the durable as the server takes it. MaxDeliver is -1: with a limit the server strands a message that
// was handed back too often, so Consume counts deliveries itself. There is no BackOff: it replaces AckWait after the
// first delivery, and the server adds the difference to the delay of every Nak.
func (r Reader) config() jetstream.ConsumerConfig {
	c := jetstream.ConsumerConfig{
		Name: r.Durable.Name(), Durable: r.Durable.Name(), Description: r.Description, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: r.AckWait, MaxDeliver: -1, MaxAckPending: r.MaxPending, FilterSubjects: r.Filters,
		Metadata: map[string]string{metaRevision: strconv.Itoa(Revision)},
	}
	return c
}
