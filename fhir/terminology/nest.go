package terminology

// nest puts the entries of each system below those that stand over them in it. An
// entry with several parents is put below the first that is there.
func (w *walk) nest(entries []Entry) []Entry {
	at := make(map[*Concept]int, len(entries))
	for i := range entries {
		if c := entries[i].concept; c != nil {
			at[c] = i
		}
	}
	below := make([][]int, len(entries))
	var roots []int
	for i := range entries {
		if over, ok := w.over(&entries[i], at); ok {
			below[over] = append(below[over], i)
		} else {
			roots = append(roots, i)
		}
	}
	placed := make([]bool, len(entries))
	tree := hang(entries, below, roots, placed, 0)
	for i := range entries {
		if !placed[i] { // codes that stand over each other in a circle
			tree = append(tree, entries[i])
		}
	}
	return tree
}

// over is the entry of the nearest code above.
func (w *walk) over(e *Entry, at map[*Concept]int) (over int, ok bool) {
	if e.concept == nil {
		return 0, false
	}
	for _, s := range w.loaded {
		if s.URL != e.System || int(e.concept.at) >= len(s.concepts) || &s.concepts[e.concept.at] != e.concept {
			continue
		}
		s.climb(e.concept, func(c *Concept) bool {
			over, ok = at[c]
			return !ok
		})
	}
	return over, ok
}

// maxNesting bounds how deep an answer nests: what is further down stands beside.
const maxNesting = 60

func hang(entries []Entry, below [][]int, list []int, placed []bool, depth int) []Entry {
	out := make([]Entry, 0, len(list))
	for _, i := range list {
		placed[i] = true
		e := entries[i]
		children := hang(entries, below, below[i], placed, depth+1)
		if depth < maxNesting {
			e.Contains = children
			children = nil
		}
		out = append(append(out, e), children...)
	}
	return out
}
