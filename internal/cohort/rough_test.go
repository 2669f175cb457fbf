package cohort_test

import (
	"fmt"
	"slices"
	"testing"

	"tributary/internal/cohort"
)

// TestAttackDifferencing: two searches, with somebody and without, do not tell whether
// that one is among those found; nor does asking again, or for few. The line: chance in
// rough.go.
func TestAttackDifferencing(t *testing.T) {
	key, people := []byte("a secret"), []string{}
	for n := range 200 {
		people = append(people, fmt.Sprint("p", n))
	}
	told, alike := 0, 0
	for n := range people[1:] {
		base := slices.Delete(slices.Clone(people), n, n+1)
		without := slices.Delete(slices.Clone(base), n, n+1)
		with, less := cohort.Rough(key, base), cohort.Rough(key, without)
		switch {
		case with.N == less.N:
			alike++
		case with.N < less.N: // a count that fell would tell
			told++
		}
		turned := slices.Clone(without)
		slices.Reverse(turned)
		if again := cohort.Rough(key, turned); again != less {
			t.Fatalf("the same people are counted %v and %v", less, again)
		}
		if off := less.N - 198; off < -16 || off > 16 {
			t.Errorf("198 are told as %d", less.N)
		}
	}
	if told < 20 || alike > 180 {
		t.Errorf("of 200 pairs %d are alike, %d grow without the one", alike, told)
	}
	for _, few := range [][]string{nil, people[:1], people[:20]} {
		if c := cohort.Rough(key, few); c != (cohort.Cell{Hidden: true}) {
			t.Errorf("%d are told as %+v", len(few), c)
		}
	}
	if c := cohort.Rough(key, people[:21]); c.Hidden || c.N%10 != 0 || c.N < 30 {
		t.Errorf("21 are told as %+v", c)
	}
}
