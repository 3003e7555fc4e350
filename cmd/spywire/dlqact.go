package main

import (
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
		Use:   "replay SEQ… | --all [--stage STAGE]",
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
		Use:   "drop SEQ… | --all [--stage STAGE]",
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
	var all bool
	var stage string
	cmd.Flags().BoolVar(&all, "all", false, "every dead letter there is now")
	stageFlag(cmd, &stage, "with --all, only what this `stage` gave up")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		seqs, err := sequences(given)
		if err != nil {
			return err
		}
		only, err := stageNamed(stage)
		switch {
		case err != nil:
			return err
		case all && len(seqs) > 0:
			return usageError{errors.New("name dead letters or say --all, not both")}
		case !all && len(seqs) == 0:
			return usageError{errors.New("which dead letters? Name their numbers, or say --all")}
		case !all && stage != "":
			return usageError{errors.New("--stage goes with --all")}
		}
		return c.withLetters(cmd.Context(), func(b *bus.Bus) error {
			if all {
				// First all numbers, then the first act: what is replayed may die again, without end.
				err := b.DeadLetters(cmd.Context(), only, func(d bus.DeadLetter) bool { seqs = append(seqs, d.Seq); return true })
				if err != nil {
					return err
				}
			}
			return act.each(cmd, b, seqs, all)
		})
	}
	return cmd
}

// each does it to every letter and says so. A failure does not keep it from the others. With all, a letter that
// somebody else has taken meanwhile is none.
func (act letterAct) each(cmd *cobra.Command, b *bus.Bus, seqs []uint64, all bool) error {
	done, failed := 0, 0
	for _, seq := range seqs {
		d, err := b.DeadLetter(cmd.Context(), seq)
		if err == nil {
			err = act.on(cmd.Context(), b, seq)
		}
		switch {
		case err == nil:
			done++
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%d %s: %s\n", seq, act.did, whatItWas(d)); err != nil {
				return err
			}
		case cmd.Context().Err() != nil:
			return fmt.Errorf("stopped: %d %s, %d left: %w", done, act.did, len(seqs)-done-failed, err)
		case all && errors.Is(err, bus.ErrNoDeadLetter):
		default:
			failed++
			fmt.Fprintf(cmd.ErrOrStderr(), "spywire: %v\n", letterError(err))
		}
	}
	if all || len(seqs) > 1 {
		fmt.Fprintf(cmd.OutOrStdout(), "%s %s.\n", countLetters(done), act.did)
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
