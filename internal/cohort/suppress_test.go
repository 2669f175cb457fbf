package cohort

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// known is what a sheet says: sums of cells, each as a mask of the cells people[row][step].
func known(s Sheet, cell func(r, k int) uint64) (masks []uint64) {
	steps := len(s.Total)
	for k := range steps {
		var total uint64
		for r, row := range s.Rows {
			var mask uint64
			for later := k; later < steps; later++ {
				mask |= cell(r, later)
			}
			if total |= mask; !row[k].Hidden {
				masks = append(masks, mask)
			}
		}
		if !s.Total[k].Hidden {
			masks = append(masks, total)
		}
	}
	return masks
}

const prime = 1_000_003

// basis is a space of sums, in echelon form over a prime field.
type basis struct {
	rows [][]int64
	lead []int
}

func vector(mask uint64, n int) []int64 {
	v := make([]int64, n)
	for i := range v {
		v[i] = int64(mask >> i & 1)
	}
	return v
}

// reduce takes from v what the basis can make.
func (b *basis) reduce(v []int64) []int64 {
	for i, row := range b.rows {
		if f := v[b.lead[i]]; f != 0 {
			for j := range v {
				v[j] = ((v[j]-f*row[j])%prime + prime) % prime
			}
		}
	}
	return v
}

func (b *basis) add(v []int64) {
	v = b.reduce(v)
	for j, x := range v {
		if x != 0 {
			inverse := power(x, prime-2)
			for i := range v {
				v[i] = v[i] * inverse % prime
			}
			b.rows, b.lead = append(b.rows, v), append(b.lead, j)
			return
		}
	}
}

func power(x, n int64) int64 {
	out := int64(1)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			out = out * x % prime
		}
		x = x * x % prime
	}
	return out
}

// derives reports whether the sum of the cells of a mask follows from the basis.
func (b *basis) derives(mask uint64, n int) bool {
	for _, x := range b.reduce(vector(mask, n)) {
		if x != 0 {
			return false
		}
	}
	return true
}

// safe fails for every set of people, small but not empty, whose number follows from
// what is known.
func safe(t *testing.T, masks []uint64, counts []int64, floor int64) {
	t.Helper()
	var b basis
	for _, m := range masks {
		b.add(vector(m, len(counts)))
	}
	for set := uint64(1); set < 1<<len(counts); set++ {
		var n int64
		for i, c := range counts {
			n += c * int64(set>>i&1)
		}
		if n > 0 && n < floor && b.derives(set, len(counts)) {
			t.Fatalf("%d people can be worked out: cells %b of %v", n, set, counts)
		}
	}
}

func randomPeople(r *rand.Rand, rows, steps int, floor int64) [][]int64 {
	people := make([][]int64, rows)
	for i := range people {
		people[i] = make([]int64, steps)
		for k := range people[i] {
			people[i][k] = []int64{0, r.Int64N(floor), r.Int64N(3 * floor), r.Int64N(20 * floor)}[r.IntN(4)]
		}
	}
	return people
}

func flat(people [][]int64) (out []int64) {
	for _, row := range people {
		out = append(out, row...)
	}
	return out
}

func TestNothingSmallCanBeWorkedOut(t *testing.T) {
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 1))
		rows, steps := 1+r.IntN(4), 1+r.IntN(4)
		people := randomPeople(r, rows, steps, Floor)
		s := Suppress(people)
		safe(t, known(s, func(row, k int) uint64 { return 1 << (row*steps + k) }), flat(people), Floor)
	}
}

// TestSheetsTogether looks at two sheets about the same people, by different groups.
func TestSheetsTogether(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 2))
		const sexes, ages, steps = 2, 3, 2
		cube := randomPeople(r, sexes*ages, steps, Floor) // row = sex*ages + age
		bySex, byAge := make([][]int64, sexes), make([][]int64, ages)
		for row, counts := range cube {
			bySex[row/ages], byAge[row%ages] = added(bySex[row/ages], counts), added(byAge[row%ages], counts)
		}
		of := func(in func(row int) int) func(group, k int) uint64 {
			return func(group, k int) (mask uint64) {
				for row := range cube {
					if in(row) == group {
						mask |= 1 << (row*steps + k)
					}
				}
				return mask
			}
		}
		masks := append(known(Suppress(bySex), of(func(row int) int { return row / ages })), known(Suppress(byAge), of(func(row int) int { return row % ages }))...)
		safe(t, masks, flat(cube), Floor)
	}
}

func added(to, counts []int64) []int64 {
	if to == nil {
		to = make([]int64, len(counts))
	}
	for k, n := range counts {
		to[k] += n
	}
	return to
}

// TestNoSmallCountIsTheOnlyPossible goes through all tables of two groups and two
// steps that add up to what is shown: no small cell has the same number in all.
func TestNoSmallCountIsTheOnlyPossible(t *testing.T) {
	const floor, most = 3, 6
	for code := range most * most * most * most {
		cells := [4]int64{int64(code % most), int64(code / most % most), int64(code / most / most % most), int64(code / most / most / most)}
		s := suppress([][]int64{cells[:2], cells[2:]}, floor)
		var low, high [4]int64
		for i := range low {
			low[i] = 1 << 40
		}
		candidates(s, 4*most, func(like [4]int64) {
			for i, n := range like {
				low[i], high[i] = min(low[i], n), max(high[i], n)
			}
		})
		for i, n := range cells {
			if n > 0 && n < floor && low[i] == high[i] {
				t.Errorf("%v: what is shown, %+v, leaves only %d for cell %d", cells, s, n, i)
			}
		}
	}
}

// candidates yields the tables of two groups and two steps that a sheet may be of, with
// at most so many in a cell. What is not bound by a sum is tried only up to that.
func candidates(s Sheet, most int64, yield func([4]int64)) {
	fits := func(c Cell, n int64) bool { return c.Hidden || c.N == n }
	for b := range most + 1 {
		if !fits(s.Rows[0][1], b) {
			continue
		}
		for d := range most + 1 {
			if !fits(s.Rows[1][1], d) || !fits(s.Total[1], b+d) {
				continue
			}
			for a := range most + 1 {
				if !fits(s.Rows[0][0], a+b) {
					continue
				}
				for c := range most + 1 {
					if fits(s.Rows[1][0], c+d) && fits(s.Total[0], a+b+c+d) {
						yield([4]int64{a, b, c, d})
					}
				}
			}
		}
	}
}

func TestWhatIsLargeIsShown(t *testing.T) {
	people := [][]int64{{100, 50, 30}, {40, 0, 60}}
	s := Suppress(people)
	if got, want := fmt.Sprint(s), "{[{280 false} {140 false} {90 false}] [[{180 false} {80 false} {30 false}] [{100 false} {60 false} {60 false}]]}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	small := Suppress([][]int64{{5, 3}, {0, 2}})
	for _, c := range append(small.Total, flatCells(small.Rows)...) {
		if !c.Hidden {
			t.Errorf("of ten people %+v is shown", small)
		}
	}
	if none := Suppress([][]int64{{0, 0}, {0, 0}}); none.Total[0] != (Cell{}) || none.Rows[1][1] != (Cell{}) {
		t.Errorf("of nobody: %+v", none)
	}
}

func flatCells(rows [][]Cell) (out []Cell) {
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}
