package postgres

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/spywire/spywire/internal/story"
	"github.com/spywire/spywire/sink"
)

// Update implements sink.Store.
func (s *Store) Update(ctx context.Context, ids []story.ID, change sink.Planner) error {
	if s.reads {
		return fmt.Errorf("write store %s: it was opened for reading", s.name)
	}
	return s.health.Watch(ctx, change, func(change sink.Planner) error { return s.transact(ctx, ids, change) })
}

// transact is Update.
func (s *Store) transact(ctx context.Context, ids []story.ID, change sink.Planner) error {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return explain("write store "+s.name, err)
	}
	defer rollback(ctx, tx)
	states, err := load(ctx, tx, ids)
	if err != nil {
		return explain("read store "+s.name, err)
	}
	changes, err := change(states)
	if err != nil {
		return err
	}
	if err := save(ctx, tx, changes); err != nil {
		return explain("write store "+s.name, err)
	}
	return explain("commit to store "+s.name, tx.Commit(ctx))
}

// rollback ends a transaction that was not committed, within a moment: what cannot be told to end loses its connection.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = tx.Rollback(ctx) // after Commit it always fails
}

const (
	// lockClass is the first half of our advisory locks' keys ("spyw" in ASCII): they are the whole database's.
	lockClass = 0x73707977
	// lockSlots is how many locks stand for all ids, so many that two batches without an id in common hardly ever wait for one
	// another (of 2^14, two batches of 200 ids nearly always share one). A batch holds as many at once as it has ids at most.
	lockSlots = 1 << 31
)

// slots are the locks of ids, in the one order in which every writer takes them.
func slots(ids []story.ID) []int32 {
	all := make([]int32, 0, len(ids))
	for _, id := range ids {
		h := fnv.New32a()
		_, _ = h.Write([]byte(id)) // a hash takes everything
		all = append(all, int32(h.Sum32()%lockSlots))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// guard is what every writing transaction begins with: a commit is on the disk when it returns, whatever the server's
// default; a writer that stands still with locks in its hands loses them, and who waits for it says so. All of it ends
// with the transaction.
const guard = `SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
	ELSE current_setting('synchronous_commit') END, true), set_config('lock_timeout', '20s', true),
	set_config('idle_in_transaction_session_timeout', '30s', true), ` + byIndex

// byIndex keeps a transaction that knows its keys from reading whole tables, as the server does with several workers where it has
// no statistics yet, as in a new store that was never analyzed. Compiling takes longer than running.
const byIndex = `set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
	set_config('max_parallel_workers_per_gather', '0', true)`

// byKeys keeps one that looks for rows by the keys of others from reading whole indexes.
const byKeys = byIndex + `, set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`

// save writes every row, the stories first: versions and labels refer to them. Each table is one statement over arrays,
// and all of them go to the server at once.
func save(ctx context.Context, tx pgx.Tx, c sink.Changes) error {
	b := &pgx.Batch{}
	if len(c.Erase) > 0 {
		b.Queue(`DELETE FROM stories WHERE id = ANY ($1::text[])`, texted(c.Erase)) // the other tables refer to it
	}
	queueDrops(b, c)
	queueStories(b, c.Stories)
	queueVersions(b, c.Versions)
	queueLedger(b, c.Ledger)
	queueEvents(b, c.Events)
	if b.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, b).Close()
}
