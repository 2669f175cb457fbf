package center

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	study "tributary/config/program"
	"tributary/internal/form"
	"tributary/internal/portal/web"
	"tributary/internal/visit"
)

// weekdays are the days of the week as forms and Schedules name them.
var weekdays = []struct{ ID, Title string }{{"mon", "Monday"}, {"tue", "Tuesday"}, {"wed", "Wednesday"}, {"thu", "Thursday"}, {"fri", "Friday"}, {"sat", "Saturday"}, {"sun", "Sunday"}}

// The form holds this many spans of hours a day, and one line more than there are
// closed days.
const fewestSpans, mostLines = 2, 60

// hoursPage is the center's calendar.
type hoursPage struct {
	visit.Plan
	Site   study.Site
	Week   []weekRow
	Shut   []closedRow
	Beyond []row
}

type weekRow struct {
	ID, Title string
	Spans     []span
}

// span is the fields of one span of hours, and what they held.
type span struct {
	N                  int
	FromField, ToField string
}

type closedRow struct{ N string }

func (p *Pages) hoursView(c *web.Call) (web.View, error) {
	site, err := p.site(c)
	if err != nil {
		return web.View{}, err
	}
	plan, err := p.Visits.Plan(c.Ctx(), c.Staff())
	if err != nil {
		return web.View{}, err
	}
	d := hoursPage{Plan: plan, Site: site}
	v := web.View{Name: "hours", Title: "Hours of the center", Style: style, Form: typedHours(plan)}
	for _, day := range weekdays {
		w := weekRow{ID: day.ID, Title: day.Title}
		for n := range max(fewestSpans, len(spansOf(plan.Hours, day.ID))) {
			w.Spans = append(w.Spans, span{n, fmt.Sprintf("%s-from-%d", day.ID, n), fmt.Sprintf("%s-to-%d", day.ID, n)})
		}
		d.Week = append(d.Week, w)
	}
	for n := range min(len(plan.Closed)+1, mostLines) {
		d.Shut = append(d.Shut, closedRow{strconv.Itoa(n)})
	}
	for _, beyond := range plan.Beyond {
		one, err := p.row(c, beyond)
		if err != nil {
			return v, err
		}
		d.Beyond = append(d.Beyond, one)
	}
	v.Data = d
	return v, nil
}

// spansOf are the hours of a day.
func spansOf(hours []study.Hours, day string) []study.Hours {
	return slices.DeleteFunc(slices.Clone(hours), func(h study.Hours) bool { return !slices.Contains(h.Days, day) })
}

// typedHours is the calendar as the form has it.
func typedHours(p visit.Plan) map[string]string {
	typed := map[string]string{"minutes": strconv.Itoa(p.Minutes), "capacity": strconv.Itoa(p.Capacity), "version": strconv.FormatInt(p.Version, 10)}
	for _, day := range weekdays {
		for n, h := range spansOf(p.Hours, day.ID) {
			typed[fmt.Sprintf("%s-from-%d", day.ID, n)], typed[fmt.Sprintf("%s-to-%d", day.ID, n)] = h.From, h.To
		}
	}
	for n, closed := range p.Closed {
		typed[fmt.Sprintf("closed-from-%d", n)], typed[fmt.Sprintf("closed-to-%d", n)], typed[fmt.Sprintf("closed-reason-%d", n)] = closed.From, closed.To, closed.Reason
	}
	return typed
}

func (p *Pages) hours(c *web.Call) error {
	v, err := p.hoursView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// changeHours gives the center another calendar.
func (p *Pages) changeHours(c *web.Call) error {
	v, err := p.hoursView(c)
	if err != nil {
		return err
	}
	o, fields := readHours(c)
	version, _ := strconv.ParseInt(c.Value("version"), 10, 64) // anything else is of no version
	if err := o.Check(); err != nil {
		return p.Mend(c, v, renamed(err, fields))
	}
	if err := p.Visits.ChangePlan(c.Ctx(), c.Staff(), o, max(version, 1)); err != nil {
		return err
	}
	return c.GoTo("/center/hours")
}

// readHours reads the form; fields are the form's names for those of Opening.Check.
func readHours(c *web.Call) (o visit.Opening, fields map[string]string) {
	fields = map[string]string{}
	o.Minutes, _ = strconv.Atoi(c.Value("minutes"))   // Check tells what is no number
	o.Capacity, _ = strconv.Atoi(c.Value("capacity")) // likewise
	for _, day := range weekdays {
		for n := range mostLines {
			from, to := c.Value(fmt.Sprintf("%s-from-%d", day.ID, n)), c.Value(fmt.Sprintf("%s-to-%d", day.ID, n))
			if from+to == "" {
				continue
			}
			fields[fmt.Sprintf("hours-%d", len(o.Hours))] = fmt.Sprintf("%s-from-%d", day.ID, n)
			o.Hours = append(o.Hours, study.Hours{Days: []string{day.ID}, From: from, To: to})
		}
	}
	for n := range mostLines {
		closed := visit.Closure{From: c.Value(fmt.Sprintf("closed-from-%d", n)), To: c.Value(fmt.Sprintf("closed-to-%d", n)), Reason: c.Value(fmt.Sprintf("closed-reason-%d", n))}
		if closed.From+closed.To+closed.Reason == "" {
			continue
		}
		if closed.To == "" {
			closed.To = closed.From
		}
		fields[fmt.Sprintf("closed-%d", len(o.Closed))] = fmt.Sprintf("closed-from-%d", n)
		o.Closed = append(o.Closed, closed)
	}
	return o, fields
}

// renamed are faults at the fields of the form.
func renamed(err error, fields map[string]string) error {
	var faults form.Faults
	if !errors.As(err, &faults) {
		return err
	}
	out := slices.Clone(faults)
	for i, f := range out {
		if name := fields[f.Field]; name != "" {
			out[i].Field = name
		}
	}
	return out
}
