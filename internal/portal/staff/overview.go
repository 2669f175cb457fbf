package staff

import (
	"tributary/internal/cohort"
	"tributary/internal/portal/web"
)

// overviewPage is what waits, and the funnel with its charts.
type overviewPage struct {
	Funnel  cohort.Funnel
	Steps   bars
	Waiting int // decisions of a second person
	Work    []worked
	Months  []monthRow // in which anybody joined
	ByMonth bars
	Groups  []groupPage
}

// worked is a list and how many are on it.
type worked struct {
	List  string
	Count int
}

// monthRow is a month, or what was before.
type monthRow struct {
	cohort.Part
	Name string
}

// groupPage is the funnel of a grouping.
type groupPage struct {
	cohort.Breakdown
	Chart bars
}

func (p *Pages) overview(c *web.Call) error {
	v := p.In(c, page("cohort", "Everybody", nil))
	funnel, err := p.Cohort.Funnel(c.Ctx(), c.Staff())
	if err != nil {
		return err
	}
	d := overviewPage{Funnel: funnel}
	waiting, err := p.Cohort.Waiting(c.Ctx(), c.Staff())
	if err != nil {
		return err
	}
	d.Waiting = len(waiting)
	if d.Work, err = p.lists(c); err != nil {
		return err
	}
	d.draw(v)
	v.Data = d
	return p.Show(c, v)
}

// draw makes the charts, in the page's language.
func (d *overviewPage) draw(v web.View) {
	var steps []rowOf
	for k, title := range d.Funnel.Steps {
		steps = append(steps, rowOf{title.In(v.Lang), []cohort.Cell{d.Funnel.Total[k]}})
	}
	d.Steps = chart(v, "", steps)
	for _, g := range d.Funnel.Groups {
		var rows []rowOf
		for _, r := range g.Rows {
			if nobody(r.Counts) {
				continue
			}
			label := r.Title.In(v.Lang)
			if r.NotTold {
				label = v.T("Not told")
			}
			rows = append(rows, rowOf{label, r.Counts})
		}
		d.Groups = append(d.Groups, groupPage{g, chart(v, g.Title.In(v.Lang), rows)})
	}
	var rows []rowOf
	for _, m := range d.Funnel.Months.Rows {
		if nobody(m.Counts) {
			continue
		}
		row := monthRow{m, m.Month.Format("2006-01")}
		if m.NotTold {
			row.Name = v.T("before")
		}
		d.Months, rows = append(d.Months, row), append(rows, rowOf{row.Name, m.Counts})
	}
	d.ByMonth = chart(v, "", rows)
}

// nobody reports whether there is nobody in a row: it needs no bar.
func nobody(counts []cohort.Cell) bool { return counts[0] == cohort.Cell{} }
