package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	f.declare(cmd)
	return cmd
}

// declare declares the flags.
func (f *simulateFlags) declare(cmd *cobra.Command) {
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
}

// parse reads the names of faults and mutations.
func (f *simulateFlags) parse() error {
	if err := f.parseFaults(); err != nil || f.mutation == "" {
		return err
	}
	if f.run.Mutation = simulate.MutationNamed(f.mutation); f.run.Mutation == nil {
		return fmt.Errorf("there is no mutation %q", f.mutation)
	}
	return nil
}

func (f *simulateFlags) parseFaults() error {
	for _, name := range f.without {
		if !simulate.IsFault(name) {
			return fmt.Errorf("there is no fault %q", name)
		}
		f.run.Without = append(f.run.Without, simulate.Fault(name))
	}
	return nil
}

func (f *simulateFlags) simulate(cmd *cobra.Command) error {
	f.run.Progress = f.progress(cmd.ErrOrStderr())
	figures, v := simulate.Run(cmd.Context(), f.run)
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	return errors.Join(f.print(cmd.OutOrStdout(), figures, v), broken(v))
}

// progress prints every five seconds how many orders are through.
func (f *simulateFlags) progress(out io.Writer) func(orders int) {
	last := time.Now()
	return func(orders int) {
		if time.Since(last) > 5*time.Second {
			last = time.Now()
			fmt.Fprintf(out, "%d of %d orders\n", orders, f.run.Orders)
		}
	}
}

// print prints how the run went, and v unless it is nil.
func (f *simulateFlags) print(out io.Writer, figures simulate.Figures, v *simulate.Violation) error {
	if f.json {
		return json.NewEncoder(out).Encode(struct {
			Figures   simulate.Figures    `json:"figures"`
			Violation *simulate.Violation `json:"violation"`
		}{figures, v})
	}
	err := figures.Print(out)
	if v != nil && err == nil {
		fmt.Fprintf(out, "\n%s\n", v)
	}
	return err
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
