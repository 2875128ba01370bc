package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"linlipay/simulate"
)

// simulateFlags are the flags of the simulation.
type simulateFlags struct {
	run       simulate.Options
	without   []string
	mutation  string
	mutations bool
	json      bool
}

func simulateCommand() *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Run whole days in virtual time and hold everybody's books against each other",
		Long: "Run whole days of a property company in virtual time: residents, cashiers, several processes that " +
			"crash, institutions with every fault. In the end the " +
			"institutions' own books, the orders, the bills and the ledger must agree. The same seed is the same " +
			"run. With --mutations it breaks the product on purpose, in one " +
			"way after the other, and fails unless every defect is found.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			defer debug.SetGCPercent(debug.SetGCPercent(1000)) // a world is short-lived: collecting seldom is faster
			if !cmd.Flags().Changed("seed") {
				f.run.Seed = rand.Uint64N(1_000_000_000)
			}
			if err := f.parse(); err != nil {
				return err
			}
			if f.mutations {
				return f.try(cmd)
			}
			return f.simulate(cmd)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.run.Orders, "orders", 10_000, "how many orders; with --world, how many in that world")
	flags.Uint64Var(&f.run.Seed, "seed", 0, "what decides everything; random when it is not given")
	flags.IntVar(&f.run.World, "world", -1, "run only this world of the run")
	flags.IntVar(&f.run.Workers, "workers", 0, "worlds at the same time; 0 is one per processor")
	flags.StringSliceVar(&f.without, "without", nil, "faults to leave out")
	flags.StringVar(&f.mutation, "mutation", "", "a defect to run with")
	flags.BoolVar(&f.mutations, "mutations", false, "switch every known defect on, one after the other, and see "+
		"that it is found")
	flags.BoolVar(&f.json, "json", false, "print the outcome as JSON")
	return cmd
}

// parse reads the names of faults and mutations.
func (f *simulateFlags) parse() error {
	for _, name := range f.without {
		if !simulate.IsFault(name) {
			return fmt.Errorf("there is no fault %q", name)
		}
		f.run.Without = append(f.run.Without, simulate.Fault(name))
	}
	if f.mutation == "" {
		return nil
	}
	if f.run.Mutation = simulate.MutationNamed(f.mutation); f.run.Mutation == nil {
		return fmt.Errorf("there is no mutation %q", f.mutation)
	}
	return nil
}

func (f *simulateFlags) simulate(cmd *cobra.Command) error {
	last := time.Now()
	f.run.Progress = func(orders int) {
		if time.Since(last) > 5*time.Second {
			last = time.Now()
			fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d orders\n", orders, f.run.Orders)
		}
	}
	figures, v := simulate.Run(cmd.Context(), f.run)
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if f.json {
		err := json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
			Figures   simulate.Figures    `json:"figures"`
			Violation *simulate.Violation `json:"violation"`
		}{figures, v})
		return errors.Join(err, broken(v))
	}
	if err := figures.Print(cmd.OutOrStdout()); err != nil {
		return err
	}
	if v != nil {
		fmt.Fprintf(cmd.OutOrStdout(), "\n%s\n", v)
	}
	return broken(v)
}

func broken(v *simulate.Violation) error {
	if v == nil {
		return nil
	}
	return fmt.Errorf("a promise was broken with seed %d: %s", v.Seed, v.Check)
}

// try runs the mutations.
func (f *simulateFlags) try(cmd *cobra.Command) error {
	trials := simulate.Try(cmd.Context(), f.run.Seed, simulate.Mutations(), func(t simulate.Trial) {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: caught %t after %d orders: %s %s\n", t.Name, t.Caught, t.After, t.Check,
			t.What)
	})
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if f.json {
		if err := json.NewEncoder(cmd.OutOrStdout()).Encode(trials); err != nil {
			return err
		}
	}
	missed, err := simulate.Missed(cmd.OutOrStdout(), trials, !f.json)
	if err == nil && len(missed) > 0 {
		err = fmt.Errorf("not caught: %s", strings.Join(missed, ", "))
	}
	return err
}
