package store_test

import (
	"slices"
	"testing"

	"tributary/internal/store"
)

// What is distinct stays in its order, of few entries as of many.
func TestDistinct(t *testing.T) {
	for _, n := range []int{0, 1, 5, 32, 33, 500} {
		once := make([]int, n)
		for i := range once {
			once[i] = n - i
		}
		if got := store.Distinct(slices.Clone(once)); !slices.Equal(got, once) {
			t.Errorf("%d distinct entries become %v", n, got)
		}
		if got := store.Distinct(slices.Concat(once, once)); !slices.Equal(got, once) {
			t.Errorf("%d entries, twice each, become %v", n, got)
		}
	}
}
