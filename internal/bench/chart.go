package bench

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
)

// barClass are the colours of the servers.
var barClass = map[string]string{"PostgreSQL": "", "SQLite": " sqlite", peerName: " peer"}

// RatesChart draws the rate of each server, each workload on a scale of its own.
func (r *Report) RatesChart() template.HTML {
	const width, left, right, row, gap = 960, 210, 250, 22, 16
	most := map[string]float64{}
	for _, m := range r.Workloads {
		most[m.Workload] = max(most[m.Workload], m.Rate)
	}
	var b strings.Builder
	y, last := 4.0, ""
	for _, m := range r.Workloads {
		if m.Workload != last {
			if last != "" {
				y += gap
			}
			fmt.Fprintf(&b, `<text x="0" y="%.0f" font-weight="700">%s</text>`, y+15, template.HTMLEscapeString(m.Workload))
			last = m.Workload
		}
		long := (width - left - right) * m.Rate / max(most[m.Workload], 1e-9)
		fmt.Fprintf(&b, `<text class="soft num" x="%d" y="%.0f">%s</text>`, left-10, y+15, template.HTMLEscapeString(m.Server))
		fmt.Fprintf(&b, `<rect class="bar%s" x="%d" y="%.0f" width="%.1f" height="%d" rx="2"/>`, barClass[m.Server], left, y+2, long, row-5)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.0f">%s %s</text>`, left+long+8, y+15, digits(m.Rate), m.Unit)
		fmt.Fprintf(&b, `<text class="soft num" x="%d" y="%.0f">p99 %s ms</text>`, width, y+15, digits(m.P99))
		y += row
	}
	return svg(width, y+4, "rates of the workloads by server", b.String())
}

func svg(width, height float64, title, body string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">%s</svg>`, width, height, title, body))
}

// Chart is a drawing with its title.
type Chart struct {
	Title string
	SVG   template.HTML
}

// GrowthCharts draws the curves of each server.
func (r *Report) GrowthCharts() (charts []Chart) {
	var servers []string
	for _, g := range r.Growth {
		if !slices.Contains(servers, g.Server) {
			servers = append(servers, g.Server)
		}
	}
	for _, server := range servers {
		var rows []Growth
		for _, g := range r.Growth {
			if g.Server == server {
				rows = append(rows, g)
			}
		}
		charts = append(charts, Chart{server, curves(rows)})
	}
	return charts
}

// plane maps the number of a size and a ratio, on a logarithmic scale, to points.
type plane struct{ least, most float64 }

const planeWidth, planeHeight, planeLeft, planeRight, planeTop, planeBottom = 460.0, 300.0, 40.0, 150.0, 10.0, 26.0

func (p plane) x(i int) float64 {
	return planeLeft + float64(i)*(planeWidth-planeLeft-planeRight)/float64(len(sizes)-1)
}

func (p plane) y(ratio float64) float64 {
	share := (math.Log(ratio) - math.Log(p.least)) / (math.Log(p.most) - math.Log(p.least))
	return planeHeight - planeBottom - share*(planeHeight-planeTop-planeBottom)
}

// ticks are the ratios that have a line.
var ticks = []float64{0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}

func curves(rows []Growth) template.HTML {
	p := plane{0.7, 2.5}
	for _, g := range rows {
		for i := range g.Cost {
			p.least, p.most = min(p.least, g.grown(i)*0.9), max(p.most, g.grown(i)*1.1)
		}
	}
	p.least = max(p.least, 0.1)
	var b strings.Builder
	p.grid(&b)
	over := []Growth{}
	for _, g := range rows {
		if !g.Whole() && g.grown(len(g.Cost)-1) > sizes[len(g.Cost)-1].most {
			over = append(over, g)
			continue
		}
		if !g.Whole() {
			p.line(&b, g, `stroke="#c3cfd3" stroke-width="1"`)
		}
	}
	p.labelled(&b, over)
	for _, g := range rows {
		if g.Whole() {
			p.line(&b, g, `stroke="#0b6e69" stroke-width="3.5" stroke-linejoin="round"`)
		}
	}
	return svg(planeWidth, planeHeight, "cost of searches by size of the data", b.String())
}

func (p plane) grid(b *strings.Builder) {
	for _, t := range ticks {
		if t < p.least || t > p.most {
			continue
		}
		fmt.Fprintf(b, `<line x1="%.0f" x2="%.0f" y1="%.1f" y2="%.1f" stroke="#dbe3e6"/>`, planeLeft, planeWidth-planeRight, p.y(t), p.y(t))
		fmt.Fprintf(b, `<text class="soft num" x="%.0f" y="%.1f">%g ×</text>`, planeLeft-6, p.y(t)+4, t)
	}
	for i, size := range sizes {
		fmt.Fprintf(b, `<text class="soft" text-anchor="middle" x="%.0f" y="%.0f">%d ×</text>`, p.x(i), planeHeight-6, size.factor)
		if size.most > 0 {
			fmt.Fprintf(b, `<line x1="%.0f" x2="%.0f" y1="%.1f" y2="%.1f" stroke="#b3261e" stroke-width="2"/>`, p.x(i)-12, p.x(i)+12, p.y(size.most), p.y(size.most))
		}
	}
}

func (p plane) line(b *strings.Builder, g Growth, style string) {
	points := make([]string, len(g.Cost))
	for i := range g.Cost {
		points[i] = fmt.Sprintf("%.1f,%.1f", p.x(i), p.y(max(g.grown(i), p.least)))
	}
	fmt.Fprintf(b, `<polyline fill="none" points="%s" %s/>`, strings.Join(points, " "), style)
}

// labelled draws the curves that grow too much, their names beside them, apart
// from each other.
func (p plane) labelled(b *strings.Builder, over []Growth) {
	slices.SortFunc(over, func(a, b Growth) int {
		return int(math.Copysign(1, b.grown(len(b.Cost)-1)-a.grown(len(a.Cost)-1)))
	})
	y := 0.0
	for _, g := range over {
		p.line(b, g, `stroke="#b3261e" stroke-width="1.5"`)
		y = max(y+13, p.y(g.grown(len(g.Cost)-1))+4)
		_, param, _ := strings.Cut(g.Shape, ".")
		fmt.Fprintf(b, `<text x="%.0f" y="%.1f" style="font-size:10.5px">%s %s ×</text>`, planeWidth-planeRight+6, y, template.HTMLEscapeString(param), digits(g.grown(len(g.Cost)-1)))
	}
}
