package staff

import (
	"context"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
	"tributary/internal/store"
)

// Approvals are what people of research are approved for. Each call is audited.
type Approvals interface {
	List(ctx context.Context, staff access.Actor) ([]store.Approval, error)
	Approve(ctx context.Context, staff access.Actor, a store.Approval) error
	// End ends a person's approvals of a Group at once.
	End(ctx context.Context, staff access.Actor, researcher, group string) error
}

// approved is an approval and whether it holds.
type approved struct {
	store.Approval
	Holds bool
	Until time.Time // the first of its ends
}

func (p *Pages) researchersView(c *web.Call) (web.View, error) {
	all, err := p.Approvals.List(c.Ctx(), c.Staff())
	var rows []approved
	for _, a := range all {
		row := approved{Approval: a, Until: earliest(a.Ends, a.Agreed, a.Trained)}
		row.Holds = a.Revoked.IsZero() && row.Until.After(p.Now())
		rows = append(rows, row)
	}
	return page("researchers", "People of research", rows), err
}

func earliest(times ...time.Time) time.Time {
	first := times[0]
	for _, t := range times[1:] {
		if t.Before(first) {
			first = t
		}
	}
	return first
}

func (p *Pages) researchers(c *web.Call) error {
	v, err := p.researchersView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Pages) approve(c *web.Call) error {
	v, err := p.researchersView(c)
	if err != nil {
		return err
	}
	a, err := p.approval(c)
	if err == nil {
		err = p.Approvals.Approve(c.Ctx(), c.Staff(), a)
	}
	if errs.Is(err, errs.Invalid) {
		err = web.Refused(err, "researcher")
	}
	if err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/staff/researchers")
}

// approval reads the form: the approval is for the study's cohort. A day counts to
// its end.
func (p *Pages) approval(c *web.Call) (store.Approval, error) {
	var f form.Faults
	a := store.Approval{Researcher: c.Value("researcher"), Project: strings.Join(strings.Fields(c.Value("project")), " "), Group: p.Study.Cohort}
	f.Unless(a.Researcher != "", "researcher", "Write the person’s account at their institution.")
	f.Unless(a.Project != "", "project", "Write what the project is.")
	for field, at := range map[string]*time.Time{"ends": &a.Ends, "agreed": &a.Agreed, "trained": &a.Trained} {
		day, err := time.Parse(time.DateOnly, c.Value(field))
		*at = day.AddDate(0, 0, 1)
		f.Unless(err == nil && at.After(p.Now()), field, "Write a day to come as year-month-day, such as 2030-12-31.")
	}
	return a, f.Err()
}

func (p *Pages) endApproval(c *web.Call) error {
	if err := p.Approvals.End(c.Ctx(), c.Staff(), c.Value("researcher"), c.Value("group")); err != nil {
		return err
	}
	return c.GoTo("/staff/researchers")
}
