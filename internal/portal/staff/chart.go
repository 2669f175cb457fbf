package staff

import (
	"tributary/internal/cohort"
	"tributary/internal/portal/web"
)

// bars is a chart of counts that are parts of each other: a group of rows, each with a
// bar for every step, the later over the earlier ones. All is in the units of the
// drawing; the page scales it.
type bars struct {
	Title         string // what the drawing tells, for whoever does not see it
	Width, Height int
	Rows          []barRow
}

type barRow struct {
	Label  string
	Y      int // of the label's foot
	Bars   []bar
	Number string // beside the first bar
	Hidden bool   // nothing of it is shown
	NumX   int
}

type bar struct{ Y, Width, Height, Step int }

// Sizes of a chart.
const (
	chartWidth = 310
	labelSpace = 20
	barHeight  = 20
	rowSpace   = 14
	numberRoom = 62
)

// rowOf is what a row of a chart is made of.
type rowOf struct {
	label string
	cells []cohort.Cell
}

// chart draws rows of nested counts to one scale. A hidden count has no bar.
func chart(v web.View, title string, rows []rowOf) bars {
	c := bars{Title: title, Width: chartWidth}
	scale := largest(rows)
	for i, r := range rows {
		top := i * (labelSpace + barHeight + rowSpace)
		row := barRow{Label: r.label, Y: top + labelSpace - 5, Hidden: true, NumX: 6}
		for step, n := range r.cells {
			if n.Hidden {
				continue
			}
			width := int(n.N * (chartWidth - numberRoom) / scale)
			row.Bars = append(row.Bars, bar{Y: top + labelSpace, Width: width, Height: barHeight, Step: step})
			if row.Hidden = false; row.Number == "" {
				row.Number, row.NumX = cell(v, n), width+6
			}
		}
		c.Rows, c.Height = append(c.Rows, row), top+labelSpace+barHeight+4
	}
	return c
}

func largest(rows []rowOf) int64 {
	most := int64(1)
	for _, r := range rows {
		for _, n := range r.cells {
			most = max(most, n.N)
		}
	}
	return most
}
