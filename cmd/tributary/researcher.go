package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"tributary/internal/app"
	"tributary/internal/store"
)

type researcherCommand struct {
	Approve researcherApproveCommand `cmd:"" help:"Let a person of research export a Group."`
	List    researcherListCommand    `cmd:"" help:"List approvals, the newest first."`
	End     researcherEndCommand     `cmd:"" help:"End a person's approvals of a Group at once."`
}

type researcherApproveCommand struct {
	Account string    `arg:"" help:"Account of the person, as they are known when they sign in."`
	Project string    `help:"What the project is, in a line." required:""`
	Group   string    `help:"Id of the Group." default:"cohort"`
	Ends    time.Time `help:"End of the project, such as 2030-12-31." required:"" format:"2006-01-02"`
	Agreed  time.Time `help:"Until when the agreement holds." required:"" format:"2006-01-02"`
	Trained time.Time `help:"Until when the training holds." required:"" format:"2006-01-02"`
}

// Run implements the command researcher approve.
func (c researcherApproveCommand) Run(e *environment) error {
	return e.offline(func(s *app.Service) error {
		return s.Approve(e, store.Approval{Researcher: c.Account, Group: c.Group, Project: c.Project, Ends: c.Ends, Agreed: c.Agreed, Trained: c.Trained})
	})
}

type researcherListCommand struct{}

// Run implements the command researcher list.
func (c researcherListCommand) Run(e *environment) error {
	return e.offline(func(s *app.Service) error {
		all, err := s.Approvals(e)
		if err != nil {
			return err
		}
		out := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
		fmt.Fprintln(out, "ACCOUNT\tGROUP\tPROJECT\tENDS\tAGREED\tTRAINED\tTAKEN BACK")
		for _, a := range all {
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.Researcher, a.Group, a.Project, dayOf(a.Ends), dayOf(a.Agreed), dayOf(a.Trained), dayOf(a.Revoked))
		}
		return out.Flush()
	})
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

type researcherEndCommand struct {
	Account string `arg:"" help:"Account of the person."`
	Group   string `help:"Id of the Group." default:"cohort"`
}

// Run implements the command researcher end.
func (c researcherEndCommand) Run(e *environment) error {
	return e.offline(func(s *app.Service) error { return s.Disapprove(e, c.Account, c.Group) })
}
