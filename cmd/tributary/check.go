package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"tributary/internal/app"
	"tributary/internal/check"
	"tributary/internal/reindex"
)

type checkCommand struct {
	Repair bool `help:"Correct index rows that are missing or too many. Nothing else is changed."`
	R4     bool `help:"Also have google/fhir validate each resource again; about 5,000 a second." name:"r4"`
	Quiet  bool `help:"Print no progress."`
}

// errFaulty makes the exit status 1.
var errFaulty = errors.New("the store has faults")

// Run implements the command check.
func (c checkCommand) Run(e *environment) error {
	return e.offline(func(s *app.Service) error {
		report, err := c.check(e, s)
		if err != nil || !c.Repair || len(report.Incomplete)+len(report.Extra) == 0 {
			return errors.Join(err, verdict(report))
		}
		added, dropped, err := s.Repair(e, report, func(sum reindex.Summary) { c.tell(sum) })
		if err != nil {
			return err
		}
		fmt.Printf("repaired: %d rows added, %d dropped\n", added, dropped)
		again, err := c.check(e, s)
		return errors.Join(err, verdict(again))
	})
}

func (c checkCommand) tell(what any) {
	if !c.Quiet {
		fmt.Fprintln(os.Stderr, what)
	}
}

func (c checkCommand) check(e *environment, s *app.Service) (*check.Report, error) {
	report, err := s.Check(e, c.R4, func(p check.Progress) { c.tell(fmt.Sprintf("%s: %d", p.Part, p.Done)) })
	if err != nil {
		return nil, err
	}
	for _, f := range report.Faults {
		fmt.Println(line(f))
	}
	if report.More {
		fmt.Println("… and more that are not listed")
	}
	fmt.Printf("%d resources, %d earlier versions, %d index rows, %d audit events: %s\n",
		report.Resources, report.Versions, report.Rows, report.Events, counted(report.Counts))
	return report, nil
}

// line is a fault in columns: kind, resource, parameter, what.
func line(f check.Fault) string {
	name := f.Type
	if f.ID != "" {
		name += "/" + f.ID
	}
	if f.Version > 0 {
		name += fmt.Sprintf("/_history/%d", f.Version)
	}
	return strings.Join([]string{string(f.Kind), name, f.Param, f.Detail}, "\t")
}

func counted(counts map[check.Kind]int64) string {
	if len(counts) == 0 {
		return "no faults"
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
	}
	return strings.Join(parts, ", ")
}

func verdict(report *check.Report) error {
	if report == nil || report.Clean() {
		return nil
	}
	return errFaulty
}
