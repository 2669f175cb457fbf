package match

// similarity is that of Jaro and Winkler: 1 for the same word, 0 for nothing in
// common; a common beginning counts more, because slips are rarer there.
func similarity(a, b string) float64 {
	x, y := clipped(a), clipped(b)
	j := jaro(x, y)
	prefix := 0
	for prefix < min(4, len(x), len(y)) && x[prefix] == y[prefix] {
		prefix++
	}
	return j + float64(prefix)*0.1*(1-j)
}

func clipped(s string) []rune {
	r := []rune(s)
	return r[:min(len(r), 60)]
}

func jaro(x, y []rune) float64 {
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	window := max(len(x), len(y))/2 - 1
	taken := make([]bool, len(y))
	var fromX []rune
	for i, r := range x {
		for k := max(0, i-window); k < min(len(y), i+window+1); k++ {
			if !taken[k] && y[k] == r {
				taken[k] = true
				fromX = append(fromX, r)
				break
			}
		}
	}
	if len(fromX) == 0 {
		return 0
	}
	moved, k := 0, 0
	for i, r := range y {
		if !taken[i] {
			continue
		}
		if fromX[k] != r {
			moved++
		}
		k++
	}
	m := float64(len(fromX))
	return (m/float64(len(x)) + m/float64(len(y)) + (m-float64(moved)/2)/m) / 3
}
