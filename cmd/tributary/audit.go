package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"tributary/internal/app"
	"tributary/internal/audit"
)

type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Verify the audit trail: no row or seal was changed, removed, moved or added. A server may run beside it."`
	Head   auditHeadCommand   `cmd:"" help:"Print the newest seal of each chain, to be kept elsewhere."`
	Prune  auditPruneCommand  `cmd:"" help:"Remove old audit rows for good; their seals stay."`
}

type auditVerifyCommand struct {
	Since string `help:"Believe what was sealed before this day (YYYY-MM-DD)." placeholder:"DAY"`
	Heads string `help:"File with the heads that were kept; each must still be there." type:"existingfile"`
}

// errBroken makes the exit status 1.
var errBroken = errors.New("the audit trail is broken")

// Run implements the command audit verify.
func (c auditVerifyCommand) Run(e *environment) error {
	since, err := day(c.Since)
	if err != nil {
		return err
	}
	heads, err := c.kept()
	if err != nil {
		return err
	}
	return e.offline(func(s *app.Service) error {
		report, err := s.VerifyAudit(e, since, heads)
		if err != nil {
			return err
		}
		fmt.Printf("%d chains, %d seals, %d rows verified, %d removed as too old, %d not sealed yet\n",
			report.Chains, report.Seals, report.Rows, report.Gone, report.Unsealed)
		if report.Break != nil {
			fmt.Println(report.Break)
			return errBroken
		}
		return nil
	})
}

func (c auditVerifyCommand) kept() ([]audit.Head, error) {
	if c.Heads == "" {
		return nil, nil
	}
	f, err := os.Open(c.Heads)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return audit.ReadHeads(f)
}

type auditHeadCommand struct {
	Since string `help:"Only chains that were sealed since this day (YYYY-MM-DD)." placeholder:"DAY"`
}

// Run implements the command audit head.
func (c auditHeadCommand) Run(e *environment) error {
	since, err := day(c.Since)
	if err != nil {
		return err
	}
	return e.offline(func(s *app.Service) error {
		return s.AuditHeads(e, since, func(h audit.Head, at time.Time) error {
			_, err := fmt.Println(h, at.Format(time.RFC3339))
			return err
		})
	})
}

type auditPruneCommand struct {
	Before string `help:"Remove what was sealed before this day (YYYY-MM-DD)." required:"" placeholder:"DAY"`
}

// Run implements the command audit prune.
func (c auditPruneCommand) Run(e *environment) error {
	before, err := day(c.Before)
	if err != nil {
		return err
	}
	return e.offline(func(s *app.Service) error {
		gone, err := s.PruneAudit(e, before)
		fmt.Printf("%d rows were removed\n", gone)
		return err
	})
}

// day is the beginning of a day, UTC; the zero time without one.
func day(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, fmt.Errorf("%q is no day: write it year-month-day", text)
	}
	return at, nil
}
