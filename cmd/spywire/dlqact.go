package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/spywire/spywire/internal/bus"
)

func newDLQReplay(c *cli) *cobra.Command {
	return newDLQAct(c, letterAct{
		did: "replayed",
		on:  func(ctx context.Context, b *bus.Bus, seq uint64) error { return b.ReplayDeadLetter(ctx, seq) },
	}, &cobra.Command{
		Use:   "replay SEQ… | --all [--stage STAGE] [--since AGE] [--reason WORDS]",
		Short: "Give messages back to the stage that gave them up",
		Long: `Put the original bytes back on the original subject, so that the stage sees the message once more, and drop the letter
when NATS has acknowledged that. A request waits in the queue of its host like any other. A message that fails again
becomes a new dead letter; one that does not moves on, and its URL's outcome with it.

--all takes the letters there are now, not those that come of it.`,
		Example: "  spywire dlq replay 17 18\n  spywire dlq replay --all\n  spywire dlq replay --all --stage classifier",
	})
}

func newDLQDrop(c *cli) *cobra.Command {
	return newDLQAct(c, letterAct{
		did: "dropped",
		on:  func(ctx context.Context, b *bus.Bus, seq uint64) error { return b.DropDeadLetter(ctx, seq) },
	}, &cobra.Command{
		Use:   "drop SEQ… | --all [--stage STAGE] [--since AGE] [--reason WORDS]",
		Short: "Forget dead letters",
		Long: `Forget dead letters, without asking. The outcome of their URLs stays dead_letter until a later visit; a letter that may
still be wanted can be kept first with "spywire dlq show SEQ --raw".`,
		Example: "  spywire dlq drop 17 18\n  spywire dlq drop --all --stage parser",
	})
}

// letterAct is what a command does with each letter.
type letterAct struct {
	did string
	on  func(context.Context, *bus.Bus, uint64) error
}

// newDLQAct completes a command that does something with the letters it is given, or with all.
func newDLQAct(c *cli, act letterAct, cmd *cobra.Command) *cobra.Command {
	var all, asJSON bool
	var which letterFlags
	cmd.Flags().BoolVar(&all, "all", false, "every dead letter there is now")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what became of each letter as JSON")
	which.add(cmd, "with --all, only ")
	cmd.ValidArgsFunction = c.completeLetters
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		seqs, err := sequences(given)
		if err != nil {
			return err
		}
		filter, err := which.filter()
		switch {
		case err != nil:
			return err
		case all && len(seqs) > 0:
			return usageError{errors.New("name dead letters or say --all, not both")}
		case !all && len(seqs) == 0:
			return usageError{errors.New("which dead letters? Name their numbers, or say --all")}
		case !all && which.set(cmd) != "":
			return usageError{fmt.Errorf("%s goes with --all", which.set(cmd))}
		}
		return c.withLetters(cmd.Context(), func(b *bus.Bus) error {
			var letters []bus.DeadLetter
			if all {
				// First all letters, then the first act: what is replayed may die again, without end.
				err := b.DeadLetters(cmd.Context(), filter, func(d bus.DeadLetter) bool { letters = append(letters, d); return true })
				if err != nil {
					return err
				}
			}
			for _, seq := range seqs {
				d, err := b.DeadLetter(cmd.Context(), seq)
				if err != nil && !errors.Is(err, bus.ErrNoDeadLetter) {
					return err
				}
				d.Seq = seq // one that is not there is found out again, and said
				letters = append(letters, d)
			}
			return act.each(cmd, b, letters, all, asJSON)
		})
	}
	return cmd
}

// fewLetters are as many as are told one by one; of more, a person wants the sum and what failed.
const fewLetters = 20

// actReport is what was done, as JSON says it.
type actReport struct {
	Done   []letterRow  `json:"done"`
	Failed []actFailure `json:"failed"`
}

type actFailure struct {
	Seq   uint64 `json:"seq"`
	Error string `json:"error"`
}

// each does it to every letter and says so. A failure does not keep it from the others. With all, a letter that
// somebody else has taken meanwhile is none.
func (act letterAct) each(cmd *cobra.Command, b *bus.Bus, letters []bus.DeadLetter, all, asJSON bool) (err error) {
	ctx, failed := cmd.Context(), 0
	report := actReport{[]letterRow{}, []actFailure{}}
	if asJSON {
		defer func() { err = cmp.Or(printJSON(cmd.OutOrStdout(), report), err) }()
	}
	done := map[string]int{}
	sum := func() (n int) {
		for _, count := range done {
			n += count
		}
		return n
	}
	progress := newProgress(cmd.ErrOrStderr(), fmt.Sprintf("of %d %s", len(letters), act.did))
	defer progress.done()
	for _, d := range letters {
		err := act.on(ctx, b, d.Seq)
		switch {
		case err == nil:
			done[string(d.Stage)]++
			report.Done = append(report.Done, rowOf(d))
			progress.add(1)
			if asJSON || len(letters) > fewLetters {
				continue
			}
			progress.clear()
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%d %s: %s\n", d.Seq, act.did, whatItWas(d)); err != nil {
				return err
			}
		case ctx.Err() != nil:
			progress.clear()
			return fmt.Errorf("stopped: %d %s, %d left: %w", sum(), act.did, len(letters)-sum()-failed, err)
		case all && errors.Is(err, bus.ErrNoDeadLetter):
		default:
			failed++
			report.Failed = append(report.Failed, actFailure{d.Seq, err.Error()})
			progress.clear()
			fmt.Fprintf(cmd.ErrOrStderr(), "spywire: %v\n", letterError(err))
		}
	}
	progress.done()
	if !asJSON && (all || len(letters) > 1) {
		stages := ""
		if len(letters) > fewLetters {
			stages = ": " + counted(done)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s %s%s.\n", countLetters(sum()), act.did, stages)
	}
	if failed > 0 {
		return errQuiet
	}
	return nil
}

// letterError says what to do where there is no such letter.
func letterError(err error) error {
	if errors.Is(err, bus.ErrNoDeadLetter) {
		return fmt.Errorf("%w; `spywire dlq list` shows those there are", err)
	}
	return err
}
