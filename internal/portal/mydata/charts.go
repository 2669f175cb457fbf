package mydata

import (
	"slices"
	"time"

	"tributary/internal/errs"
	"tributary/internal/mydata"
	"tributary/internal/portal/web"
)

// chartsAPage is how many small charts a page has.
const chartsAPage = 12

type charts struct {
	Quantities     []mydata.Quantity
	Since          time.Time // zero: nothing is left out
	Page, Pages    int
	Before, Behind int // numbers of the pages beside; 0: none
}

func (p *Pages) charts(c *web.Call) error {
	number, err := countOf(c.Query("page"))
	if err != nil {
		return err
	}
	all, since, err := p.Data.Measured(c.Ctx(), c.Participant())
	if err != nil {
		return err
	}
	d := charts{Since: since, Page: max(int(number), 1), Pages: max((len(all)+chartsAPage-1)/chartsAPage, 1)}
	if d.Page > d.Pages {
		return errs.New(errs.NotFound, "there is no such page")
	}
	d.Quantities = all[(d.Page-1)*chartsAPage : min(d.Page*chartsAPage, len(all))]
	if d.Before = d.Page - 1; d.Page < d.Pages {
		d.Behind = d.Page + 1
	}
	return p.Show(c, web.View{Name: "data-charts", Title: "Charts", Style: style, Data: d})
}

// chartPage is a quantity, drawn and as a table.
type chartPage struct {
	Quantity mydata.Quantity
	Picture  mydata.Picture
	Rows     []row
	Ranged   bool // there is a usual range
	Unusual  bool // a value is outside of it
	Cut      bool // there may be older values
}

// row are the values of one Observation, by series.
type row struct {
	ID     string
	When   mydata.When
	Values []*mydata.Point
	Source mydata.Source
	at     time.Time
}

func (p *Pages) chart(c *web.Call) error {
	q, err := p.Data.Quantity(c.Ctx(), c.Participant(), c.Path("id"))
	if err != nil {
		return err
	}
	d := chartPage{Quantity: q, Picture: mydata.Chart(q), Rows: rowsOf(q)}
	d.Ranged, d.Cut = len(d.Picture.Bands) > 0, len(d.Rows) >= mydata.ManyPoints
	d.Unusual = slices.ContainsFunc(d.Rows, row.unusual)
	return p.Show(c, web.View{Name: "data-chart", Title: "Chart", Style: style, Data: d})
}

// rowsOf are the values as a table, the newest first.
func rowsOf(q mydata.Quantity) (rows []row) {
	by := map[string]int{}
	for i, s := range q.Series {
		for j := range s.Points {
			point := &s.Points[j]
			n, ok := by[point.ID]
			if !ok {
				n = len(rows)
				by[point.ID] = n
				rows = append(rows, row{ID: point.ID, When: point.When, Values: make([]*mydata.Point, len(q.Series)), Source: point.Source, at: point.At})
			}
			rows[n].Values[i] = point
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return b.at.Compare(a.at) })
	return rows
}

func (r row) unusual() bool {
	return slices.ContainsFunc(r.Values, func(p *mydata.Point) bool { return p != nil && p.Level.Unusual() })
}
