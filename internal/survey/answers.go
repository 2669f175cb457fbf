package survey

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Answers are what was answered: values by item and place, and how many
// instances the groups that repeat have. A place is the number of the instance in
// each repeating group round an item, the outermost first. The zero Answers are
// none.
type Answers struct {
	values map[string][]Value
	rows   map[string]int
}

// key names an item at a place; it is a part of the names of form fields.
func key(i *Item, at []int) string {
	var b strings.Builder
	b.WriteString(i.LinkID)
	for _, n := range at[:i.depth] {
		b.WriteByte('~')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// Field is the name of the form field of an item at a place.
func (i *Item) Field(at []int) string { return "q." + key(i, at) }

// Of returns the answers to a question at a place.
func (a Answers) Of(i *Item, at []int) []Value { return a.values[key(i, at)] }

// Rows returns how many instances a repeating group has at a place.
func (a Answers) Rows(i *Item, at []int) int { return a.rows[key(i, at)] }

// Empty reports whether nothing was answered.
func (a Answers) Empty() bool { return len(a.values) == 0 }

func (a *Answers) set(i *Item, at []int, values []Value) {
	if a.values == nil {
		a.values = map[string][]Value{}
	}
	if a.values[key(i, at)] = values; len(values) == 0 {
		delete(a.values, key(i, at))
	}
}

func (a *Answers) setRows(i *Item, at []int, n int) {
	if a.rows == nil {
		a.rows = map[string]int{}
	}
	if a.rows[key(i, at)] = n; n == 0 {
		delete(a.rows, key(i, at))
	}
}

func (a Answers) clone() Answers {
	return Answers{maps.Clone(a.values), maps.Clone(a.rows)}
}

// groups are the repeating groups round an item, the outermost first.
func (i *Item) groups() []*Item {
	var all []*Item
	for p := i.Parent; p != nil; p = p.Parent {
		if p.Type == "group" && p.Repeats {
			all = append(all, p)
		}
	}
	slices.Reverse(all)
	return all
}

// places lists where an item is, within the place that is given.
func (a Answers) places(i *Item, within []int) [][]int {
	all := [][]int{within}
	for _, g := range i.groups()[len(within):] {
		var next [][]int
		for _, at := range all {
			for n := range a.Rows(g, at) {
				next = append(next, append(slices.Clone(at), n))
			}
		}
		all = next
	}
	return all
}

// near lists where a question is, as seen from an item at a place: in the same
// instances of the groups that both stand in, and in all instances of others.
func (a Answers) near(question, i *Item, at []int) [][]int {
	ours, theirs := i.groups(), question.groups()
	n := 0
	for n < len(ours) && n < len(theirs) && ours[n] == theirs[n] && n < len(at) {
		n++
	}
	return a.places(question, at[:n])
}

// sameUnit compares two sets of answers in one unit (see Item.unit).
func (q *Questionnaire) sameUnit(a, b Answers, unit *Item) bool {
	same := true
	q.inUnit(a, unit, func(k string, values []Value) { same = same && sameValues(values, b.values[k]) })
	q.inUnit(b, unit, func(k string, values []Value) { same = same && sameValues(values, a.values[k]) })
	return same
}

// inUnit visits the answers in a unit.
func (q *Questionnaire) inUnit(a Answers, unit *Item, visit func(key string, values []Value)) {
	if unit.IsQuestion() {
		visit(key(unit, nil), a.values[key(unit, nil)])
		return
	}
	for k, values := range a.values {
		if link, _, _ := strings.Cut(k, "~"); q.byLink[link] != nil && q.byLink[link].unit() == unit {
			visit(k, values)
		}
	}
}

func sameValues(a, b []Value) bool {
	return slices.EqualFunc(a, b, Value.same)
}

// take replaces one unit of a by that of b.
func (q *Questionnaire) take(a *Answers, b Answers, unit *Item) {
	if unit.IsQuestion() {
		a.set(unit, nil, b.Of(unit, nil))
		return
	}
	mine := func(k string) bool {
		link, _, _ := strings.Cut(k, "~")
		return q.byLink[link] != nil && q.byLink[link].unit() == unit
	}
	*a = a.clone()
	maps.DeleteFunc(a.values, func(k string, _ []Value) bool { return mine(k) })
	maps.DeleteFunc(a.rows, func(k string, _ int) bool { return mine(k) })
	if a.values == nil {
		a.values = map[string][]Value{}
	}
	if a.rows == nil {
		a.rows = map[string]int{}
	}
	for k, v := range b.values {
		if mine(k) {
			a.values[k] = v
		}
	}
	for k, n := range b.rows {
		if mine(k) {
			a.rows[k] = n
		}
	}
}

// units are what of some items is kept or replaced as a whole.
func units(items []*Item) []*Item {
	var all []*Item
	for _, i := range items {
		switch {
		case i.IsQuestion(), i.Type == "group" && i.Repeats:
			all = append(all, i)
		}
		if !(i.Type == "group" && i.Repeats) {
			all = append(all, units(i.Items)...)
		}
	}
	return all
}

// merge brings a form together with what is kept. A unit that the form did not
// change, seen from what was on its page (base), stays as it is kept now: somebody
// may have changed it in another window. Units of other sections are not touched.
func (q *Questionnaire) merge(base, kept, posted Answers, items []*Item) Answers {
	merged := kept.clone()
	for _, unit := range units(items) {
		switch {
		case unit.Type == "attachment":
			merged.set(unit, nil, mergeFiles(base.Of(unit, nil), kept.Of(unit, nil), posted.Of(unit, nil)))
		case !q.sameUnit(base, posted, unit):
			q.take(&merged, posted, unit)
		}
	}
	return merged
}

// mergeFiles are the files that are kept, without those that a form took away and
// with those that it brought.
func mergeFiles(base, kept, posted []Value) []Value {
	among := func(all []Value, v Value) bool { return slices.ContainsFunc(all, v.same) }
	merged := slices.DeleteFunc(slices.Clone(kept), func(v Value) bool { return among(base, v) && !among(posted, v) })
	for _, v := range posted {
		if !among(base, v) && !among(merged, v) {
			merged = append(merged, v)
		}
	}
	return merged
}
