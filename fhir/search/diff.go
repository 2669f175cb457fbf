package search

// Diff says how the rows of one version of a resource become those of the
// next: which are to be added and which dropped. What stays is in neither.
func Diff(old, new Entries) (add, drop Entries) {
	add.Tokens, drop.Tokens = diff(old.Tokens, new.Tokens)
	add.References, drop.References = diff(old.References, new.References)
	add.Strings, drop.Strings = diff(old.Strings, new.Strings)
	add.Dates, drop.Dates = diff(old.Dates, new.Dates)
	add.Quantities, drop.Quantities = diff(old.Quantities, new.Quantities)
	add.URIs, drop.URIs = diff(old.URIs, new.URIs)
	add.Composites, drop.Composites = diff(old.Composites, new.Composites)
	add.Courses, drop.Courses = diff(old.Courses, new.Courses)
	return add, drop
}

func diff[T comparable](old, new []T) (add, drop []T) {
	return without(new, old), without(old, new)
}

// without is what stands in a and not in b.
func without[T comparable](a, b []T) []T {
	if len(b) == 0 {
		return a
	}
	in := make(map[T]struct{}, len(b))
	for _, row := range b {
		in[row] = struct{}{}
	}
	var out []T
	for _, row := range a {
		if _, ok := in[row]; !ok {
			out = append(out, row)
		}
	}
	return out
}

// Len is the number of rows.
func (e *Entries) Len() int {
	return len(e.Tokens) + len(e.References) + len(e.Strings) + len(e.Dates) +
		len(e.Quantities) + len(e.URIs) + len(e.Composites) + len(e.Courses)
}
