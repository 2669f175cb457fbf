package mydata

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var day = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// billionths are the finest that anybody measures.
func billionths(v float64) float64 { return math.Round(v*1e9) / 1e9 }

// seriesOf draws values as they may come: of any size, at any times, alone or alike.
func seriesOf(t *rapid.T) Quantity {
	values := rapid.OneOf(rapid.Map(rapid.Float64Range(0, 200), billionths), rapid.Map(rapid.Float64Range(-1e9, 1e9), billionths), rapid.Map(rapid.IntRange(-1000, 1000), func(n int) float64 { return float64(n) / 1e9 }), rapid.Just(0.0), rapid.Just(42.0))
	days := rapid.IntRange(-30000, 30000)
	var q Quantity
	for range rapid.IntRange(1, 3).Draw(t, "series") {
		var s Series
		low, high := values.Draw(t, "low"), values.Draw(t, "high")
		low, high = min(low, high), max(low, high)
		for range rapid.IntRange(1, 20).Draw(t, "points") {
			p := Point{Value: values.Draw(t, "value"), At: day.AddDate(0, 0, days.Draw(t, "day"))}
			if rapid.Bool().Draw(t, "from") {
				p.Low = &low
			}
			if rapid.Bool().Draw(t, "to") {
				p.High = &high
			}
			s.Points = append(s.Points, p)
		}
		q.Series = append(q.Series, s)
	}
	return q
}

// Whatever the values are, points, bands and ticks are inside of the picture, higher
// values higher up, later ones further right, and each tick has its own number.
func TestPicturesHoldWhatTheyShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := seriesOf(t)
		for name, p := range map[string]Picture{"chart": Chart(q), "spark": Spark(q)} {
			inside := func(x, y float64) bool {
				return x >= 0 && y >= 0 && x <= float64(p.Width) && y <= float64(p.Height) && !math.IsNaN(x+y)
			}
			dots := 0
			for i, s := range q.Series {
				for j := range s.Points {
					d := p.Dots[dots]
					dots++
					if !inside(d.X, d.Y) || d.Series != i {
						t.Fatalf("%s: %+v of %+v", name, d, s.Points[j])
					}
				}
				if n := len(strings.Fields(p.Lines[i].Points)); n != len(s.Points) {
					t.Fatalf("%s: a line of %d of %d points", name, n, len(s.Points))
				}
			}
			for _, b := range p.Bands {
				if !inside(b.X, b.Y) || !inside(b.X+b.Width, b.Y+b.Height) || b.Height < 0 {
					t.Fatalf("%s: the band %+v", name, b)
				}
			}
			ordered(t, q, p)
		}
		ticks(t, Chart(q))
	})
}

func ordered(t *rapid.T, q Quantity, p Picture) {
	n := 0
	var points []Point
	for _, s := range q.Series {
		points = append(points, s.Points...)
	}
	for i := 1; i < len(points); i++ {
		a, b, from, to := points[i-1], points[i], p.Dots[n], p.Dots[n+1]
		if a.Value < b.Value && from.Y < to.Y || a.At.Before(b.At) && from.X > to.X {
			t.Fatalf("%+v stands at %+v, %+v at %+v", a, from, b, to)
		}
		n++
	}
}

func ticks(t *rapid.T, p Picture) {
	if len(p.Values) < 2 || len(p.Values) > 12 {
		t.Fatalf("%d ticks: %+v", len(p.Values), p.Values)
	}
	for i, v := range p.Values {
		if v.Y < 0 || v.Y > float64(p.Height) || v.Decimals < 0 || v.Decimals > 20 {
			t.Fatalf("the tick %+v", v)
		}
		if i > 0 && (v.Value <= p.Values[i-1].Value || v.Y >= p.Values[i-1].Y || plainly{}.Number(v.Value, v.Decimals) == plainly{}.Number(p.Values[i-1].Value, p.Values[i-1].Decimals)) {
			t.Fatalf("%+v after %+v", v, p.Values[i-1])
		}
	}
	if len(p.Times) != 3 || p.Times[0].When.Time.After(p.Times[2].When.Time) {
		t.Fatalf("the times %+v", p.Times)
	}
}

// The axis of values that are never negative does not begin below zero.
func TestAxesBeginAtZero(t *testing.T) {
	p := Chart(Quantity{Series: []Series{{Points: []Point{{Value: 0, At: day}, {Value: 10, At: day.AddDate(0, 0, 1)}}}}})
	if p.Values[0].Value != 0 {
		t.Errorf("it begins at %v", p.Values[0].Value)
	}
}

// The band is where the range of the newest value is; an open end goes to the edge.
func TestBand(t *testing.T) {
	low, high := 70.0, 99.0
	one := func(p Point) Picture {
		p.At, p.Value = day, 80
		return Chart(Quantity{Series: []Series{{Points: []Point{p}}}})
	}
	if p := one(Point{}); len(p.Bands) != 0 {
		t.Errorf("a band without a range: %+v", p.Bands)
	}
	both, under, over := one(Point{Low: &low, High: &high}).Bands[0], one(Point{High: &high}).Bands[0], one(Point{Low: &low}).Bands[0]
	if both.Height <= 0 || under.Y+under.Height != 216 || over.Y != 12 {
		t.Errorf("%+v, %+v, %+v", both, under, over)
	}
}
