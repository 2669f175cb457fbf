package mydata

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Picture is where the parts of a chart stand, in pixels from the upper left. Colours and
// fonts are the style sheet's.
type Picture struct {
	Width, Height int
	Left, Right   float64 // of the axes
	Base          float64 // where the words of the level axis stand
	Bands         []Box   // of usual values, by series
	Lines         []Line
	Dots          []Dot
	Values        []Tick // of the upright axis
	Times         []Mark // of the level one
}

// Box is a rectangle.
type Box struct{ X, Y, Width, Height float64 }

// Line joins the points of a series.
type Line struct {
	Series int
	Points string // as in SVG
}

// Dot is a point; Series and Level say how it looks.
type Dot struct {
	X, Y   float64
	Series int
	Level  Level
}

// Tick is a number on the upright axis.
type Tick struct {
	Y        float64
	Value    float64
	Decimals int
}

// Mark is a time on the level axis. Anchor is SVG's text-anchor.
type Mark struct {
	X      float64
	When   When
	Anchor string
}

// frame is the room that a picture leaves round its points, and the scales inside.
type frame struct {
	left, right, top, bottom float64
	from, to                 time.Time
	low, high                float64
}

// Chart draws a quantity for a page; its words stand beside it in a table.
func Chart(q Quantity) Picture {
	p := Picture{Width: 420, Height: 250, Left: 50, Right: 408, Base: 240}
	f := frame{left: p.Left, right: p.Right, top: 12, bottom: 216}
	f.fit(q, true)
	p.Values = f.values()
	p.Times = f.times()
	f.draw(&p, q)
	return p
}

// Spark draws a quantity small, without axes.
func Spark(q Quantity) Picture {
	p := Picture{Width: 240, Height: 64}
	f := frame{left: 6, right: 234, top: 6, bottom: 58}
	f.fit(q, false)
	f.draw(&p, q)
	return p
}

// fit chooses scales that hold all points, and with round ends the bands too.
func (f *frame) fit(q Quantity, round bool) {
	f.low, f.high = math.Inf(1), math.Inf(-1)
	for _, s := range q.Series {
		for _, p := range s.Points {
			if f.from.IsZero() || p.At.Before(f.from) {
				f.from = p.At
			}
			if p.At.After(f.to) {
				f.to = p.At
			}
			for _, v := range []*float64{&p.Value, p.Low, p.High} {
				if v != nil {
					f.low, f.high = min(f.low, *v), max(f.high, *v)
				}
			}
		}
	}
	margin := (f.high - f.low) * 0.08
	if margin == 0 {
		margin = max(math.Abs(f.high)*0.1, 1e-6)
	}
	if f.low >= 0 && f.low < margin {
		f.low = margin
	}
	f.low, f.high = f.low-margin, f.high+margin
	if step := f.step(); round {
		f.low, f.high = math.Floor(f.low/step)*step, math.Ceil(f.high/step)*step
	}
	if !f.to.After(f.from) {
		f.from, f.to = f.from.AddDate(0, 0, -15), f.from.AddDate(0, 0, 15)
	}
}

func (f *frame) x(at time.Time) float64 {
	return pixel(f.left + (f.right-f.left)*float64(at.Sub(f.from))/float64(f.to.Sub(f.from)))
}

func (f *frame) y(v float64) float64 {
	return pixel(f.bottom - (f.bottom-f.top)*(v-f.low)/(f.high-f.low))
}

func pixel(v float64) float64 { return math.Round(min(max(v, -9999), 9999)*10) / 10 }

// step is the distance of ticks: 1, 2 or 5 times a power of ten, for about five of them.
func (f *frame) step() float64 {
	rough := (f.high - f.low) / 5
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= rough {
			return n * power
		}
	}
	return 10 * power
}

func (f *frame) values() (all []Tick) {
	step := f.step()
	places := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	for i := 0; i <= 12; i++ {
		v := math.Ceil(f.low/step-1e-9)*step + float64(i)*step
		if v > f.high+step*1e-9 {
			break
		}
		all = append(all, Tick{f.y(v), v, places})
	}
	return all
}

// times are the first and the last time, and the middle where there is room.
func (f *frame) times() []Mark {
	precision := Day
	if f.to.Sub(f.from) > 2*365*24*time.Hour {
		precision = Month
	}
	return []Mark{
		{f.left, When{f.from, precision}, "start"},
		{pixel((f.left + f.right) / 2), When{f.from.Add(f.to.Sub(f.from) / 2), precision}, "middle"},
		{f.right, When{f.to, precision}, "end"},
	}
}

func (f *frame) draw(p *Picture, q Quantity) {
	for i, s := range q.Series {
		if b, ok := f.band(s); ok {
			p.Bands = append(p.Bands, b)
		}
		var points []string
		for _, at := range s.Points {
			x, y := f.x(at.At), f.y(at.Value)
			p.Dots = append(p.Dots, Dot{x, y, i, at.Level})
			points = append(points, number(x)+","+number(y))
		}
		p.Lines = append(p.Lines, Line{i, strings.Join(points, " ")})
	}
}

// band is the usual range as the newest value has it, over all of the width.
func (f *frame) band(s Series) (Box, bool) {
	last := s.Last()
	if last.Low == nil && last.High == nil {
		return Box{}, false
	}
	top, bottom := f.top, f.bottom
	if last.High != nil {
		top = f.y(*last.High)
	}
	if last.Low != nil {
		bottom = f.y(*last.Low)
	}
	return Box{f.left, top, f.right - f.left, max(pixel(bottom-top), 0)}, true
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
