package cohort

import "slices"

// Floor is the least count, beside zero, that is shown.
const Floor = 21

// Cell is a count as it may be shown.
type Cell struct {
	N      int64
	Hidden bool
}

// Sheet is a table of counts as it may be shown. Column k counts who came at least
// as far as step k.
type Sheet struct {
	Total []Cell
	Rows  [][]Cell
}

// Suppress makes a sheet of people[row][step]: how many of each group came exactly
// as far as each step. Nothing between 1 and 20 is shown or can be worked out from
// what is shown, by adding and subtracting, together with other sheets about the same
// people.
//
// Steps are merged until each total is zero or large; a sheet may merge more of them.
// Within the steps that are left, groups that are small are merged with each other, or
// with the smallest large one. A count is shown if it is a sum of such blocks. What
// can be worked out of blocks is a sum of blocks, and none is small. The totals of
// finer steps reveal no more: with them too, only sums of whole columns follow.
func Suppress(people [][]int64) Sheet { return suppress(people, Floor) }

func suppress(people [][]int64, floor int64) Sheet {
	totals := columns(people)
	fine := merged(totals, floor)
	if fine == nil {
		return hidden(people, totals)
	}
	best := layout{shown: -1}
	for _, bounds := range coarser(fine) {
		if l := arrange(people, bounds, floor); l.shown > best.shown {
			best = l
		}
	}
	return Sheet{Total: cumulative(totals, fine), Rows: best.rows}
}

// columns are the totals of each step.
func columns(people [][]int64) []int64 {
	var out []int64
	for _, row := range people {
		for len(out) < len(row) {
			out = append(out, 0)
		}
		for k, n := range row {
			out[k] += n
		}
	}
	return out
}

// merged are the steps at which a segment of steps begins, so that the sum of each
// segment is zero or at least the floor; nil when even all together is less.
func merged(totals []int64, floor int64) []int {
	var bounds []int
	var sum int64
	for k := len(totals) - 1; k >= 0; k-- {
		sum += totals[k]
		if sum == 0 || sum >= floor {
			bounds, sum = append(bounds, k), 0
		}
	}
	slices.Reverse(bounds)
	if sum == 0 {
		return bounds
	}
	// What is left at the beginning is small: it goes with the first segment that has anybody.
	for len(bounds) > 0 && sum < floor {
		end := len(totals)
		if len(bounds) > 1 {
			end = bounds[1]
		}
		for k := bounds[0]; k < end; k++ {
			sum += totals[k]
		}
		bounds = bounds[1:]
	}
	if sum < floor {
		return nil
	}
	return append([]int{0}, bounds...)
}

// coarser lists the choices of the bounds, all of which have the first: the finest
// come first.
func coarser(bounds []int) [][]int {
	if len(bounds) == 0 {
		return [][]int{nil}
	}
	rest := bounds[1:]
	var out [][]int
	for drop := range 1 << len(rest) {
		choice := []int{bounds[0]}
		for i, b := range rest {
			if drop&(1<<i) == 0 {
				choice = append(choice, b)
			}
		}
		out = append(out, choice)
	}
	return out
}

// layout is one way to show the rows, and how much it shows.
type layout struct {
	rows  [][]Cell
	shown int
}

// arrange shows the rows at the bounds, as far as they are blocks of their own.
func arrange(people [][]int64, bounds []int, floor int64) layout {
	l := layout{rows: make([][]Cell, len(people))}
	steps := len(columns(people))
	for r := range people {
		l.rows[r] = make([]Cell, steps)
		for k := range l.rows[r] {
			l.rows[r][k].Hidden = true
		}
	}
	sums, whole := make([]int64, len(people)), slices.Repeat([]bool{true}, len(people))
	for i := len(bounds) - 1; i >= 0; i-- {
		end := steps
		if i < len(bounds)-1 {
			end = bounds[i+1]
		}
		part := segment(people, bounds[i], end)
		alone := singles(part, floor)
		for r := range people {
			whole[r] = whole[r] && alone[r]
			if sums[r] += part[r]; whole[r] {
				l.rows[r][bounds[i]] = Cell{N: sums[r]}
				l.shown += worth(sums[r])
			}
		}
	}
	for _, row := range l.rows {
		nobodyFurther(row)
	}
	return l
}

// nobodyFurther shows that nobody came further than a step to which nobody came.
func nobodyFurther(row []Cell) {
	for k := 1; k < len(row); k++ {
		if row[k-1] == (Cell{}) {
			row[k] = Cell{}
		}
	}
}

// worth is how much a shown count tells: zeros stand only where nothing else does.
func worth(n int64) int {
	if n == 0 {
		return 1
	}
	return 1000
}

// segment sums the steps [from, to) of each row.
func segment(people [][]int64, from, to int) []int64 {
	out := make([]int64, len(people))
	for r, row := range people {
		for k := from; k < min(to, len(row)); k++ {
			out[r] += row[k]
		}
	}
	return out
}

// singles says which rows are a block of their own: the small ones are merged, with
// the smallest of the others until they are not small together.
func singles(part []int64, floor int64) []bool {
	alone := make([]bool, len(part))
	var small int64
	for r, n := range part {
		if alone[r] = n == 0 || n >= floor; !alone[r] {
			small += n
		}
	}
	for small > 0 && small < floor {
		next := -1
		for r, n := range part {
			if alone[r] && n > 0 && (next < 0 || n < part[next]) {
				next = r
			}
		}
		if next < 0 {
			break // cannot be: the segment's total is large
		}
		alone[next], small = false, small+part[next]
	}
	return alone
}

// cumulative shows the totals at the bounds.
func cumulative(totals []int64, bounds []int) []Cell {
	out := make([]Cell, len(totals))
	var sum int64
	for k := len(totals) - 1; k >= 0; k-- {
		sum += totals[k]
		out[k] = Cell{N: sum}
		if !slices.Contains(bounds, k) {
			out[k] = Cell{Hidden: true}
		}
	}
	nobodyFurther(out)
	return out
}

// hidden shows nothing of people who are few altogether, but where there are none.
func hidden(people [][]int64, totals []int64) Sheet {
	s := Sheet{Total: slices.Repeat([]Cell{{Hidden: true}}, len(totals)), Rows: make([][]Cell, len(people))}
	for r := range people {
		s.Rows[r] = slices.Clone(s.Total)
	}
	return s
}
