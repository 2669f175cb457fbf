package survey

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tributary/internal/form"
)

// Form is what was sent from a page.
type Form struct {
	Values url.Values
	Files  map[string][]Upload // by field
	Remove string              // the instance of a group that is to go: its field and "~n"
}

// complained is what is wrong with an answer.
type complained struct {
	item *Item
	at   []int
	text string
}

// reading is a form on its way into answers.
type reading struct {
	Locale
	in      Form
	out     Form    // with its instances renumbered: none is empty
	base    Answers // what the page showed
	answers Answers // what was read
	wrong   []complained
	unread  map[*Item]bool // units of which something could not be read
}

// read reads a form for the items of some sections. What cannot be read is noted,
// and the unit that it is in counts as not sent.
func (q *Questionnaire) read(l Locale, f Form, base Answers, items []*Item) *reading {
	r := &reading{Locale: l, in: f, out: Form{Values: url.Values{}, Files: map[string][]Upload{}}, base: base, unread: map[*Item]bool{}}
	r.tidy(items, nil, nil)
	r.items(items, nil)
	return r
}

// tidy moves what was sent for the items from one place to another and leaves
// instances out in which nothing was answered. It reports whether there is anything.
func (r *reading) tidy(items []*Item, from, to []int) (any bool) {
	for _, i := range items {
		switch {
		case i.Type == "group" && i.Repeats:
			any = r.tidyRows(i, from, to) || any
			continue
		case i.IsQuestion() && !i.Asked():
			r.answers.set(i, to, r.fixed(i, from))
		case i.Type == "attachment":
			any = r.files(i, from, to) || any
		case i.IsQuestion():
			any = r.move(i, from, to) || any
		}
		any = r.tidy(i.Items, from, to) || any
	}
	return any
}

func (r *reading) tidyRows(i *Item, from, to []int) (any bool) {
	sent, kept := r.rowsSent(i, from), 0
	for n := range sent {
		if r.in.Remove == i.Field(from)+"~"+strconv.Itoa(n) {
			continue
		}
		place := append(slices.Clone(to), kept)
		if r.tidy(i.Items, append(slices.Clone(from), n), place) {
			kept++
			continue
		}
		r.forget(i.Items, place)
	}
	r.answers.setRows(i, to, kept)
	r.out.Values.Set(i.Field(to)+".rows", strconv.Itoa(kept))
	return kept > 0
}

// rowsSent is how many instances the page had; one where it does not say.
func (r *reading) rowsSent(i *Item, at []int) int {
	n, err := strconv.Atoi(r.in.Values.Get(i.Field(at) + ".rows"))
	if err != nil || n < 0 {
		n = 1
	}
	return min(n, i.Most())
}

// forget drops what an empty instance left behind.
func (r *reading) forget(items []*Item, at []int) {
	for _, i := range items {
		if i.Type == "group" && i.Repeats {
			continue // it has no instances
		}
		r.answers.set(i, at, nil)
		for _, part := range append([]string{""}, parts...) {
			r.out.Values.Del(i.Field(at) + part)
		}
		r.forget(i.Items, at)
	}
}

// fixed are the answers to a question that is not asked: what the page had been
// made with, at first its initial values.
func (r *reading) fixed(i *Item, from []int) []Value {
	if values := r.base.Of(i, from); len(values) > 0 || len(from) == 0 {
		return values
	}
	return i.Initial
}

// move takes what was sent for a question along.
func (r *reading) move(i *Item, from, to []int) (any bool) {
	for _, part := range append([]string{""}, parts...) {
		sent := r.in.Values[i.Field(from)+part]
		if len(sent) > maxRepeats {
			sent = sent[:maxRepeats]
		}
		if len(sent) > 0 {
			r.out.Values[i.Field(to)+part] = sent
		}
		any = any || (part == "" || part == ".time") && slices.ContainsFunc(sent, func(s string) bool { return strings.TrimSpace(s) != "" })
	}
	return any
}

// items reads what was sent for the items at a place.
func (r *reading) items(items []*Item, at []int) {
	for _, i := range items {
		switch read := readers[i.Type]; {
		case i.Type == "group" && i.Repeats:
			for n := range r.answers.Rows(i, at) {
				r.items(i.Items, append(slices.Clone(at), n))
			}
			continue
		case read != nil && i.Asked():
			r.answer(i, at, read)
		}
		r.items(i.Items, at)
	}
}

func (r *reading) answer(i *Item, at []int, read reader) {
	var given []Value
	for n, text := range r.out.Values[i.Field(at)] {
		in := typed{text: strings.TrimSpace(text), other: r.part(i, at, ".other", 0), unit: r.part(i, at, ".unit", n), clock: r.part(i, at, ".time", n)}
		if in.text == "" && in.clock == "" {
			continue
		}
		v, complaint := read(i, in, r.Locale)
		if complaint != "" {
			r.complain(i, at, complaint)
			return
		}
		if !slices.ContainsFunc(given, v.same) || !i.Chooses() {
			given = append(given, v)
		}
	}
	if complaint := i.miscounted(given, r.Locale); complaint != "" {
		r.complain(i, at, complaint)
		return
	}
	r.answers.set(i, at, given)
}

// part is what was sent beside the nth answer.
func (r *reading) part(i *Item, at []int, part string, n int) string {
	if sent := r.out.Values[i.Field(at)+part]; n < len(sent) {
		return strings.TrimSpace(sent[n])
	}
	return ""
}

func (r *reading) complain(i *Item, at []int, text string) {
	r.wrong = append(r.wrong, complained{i, slices.Clone(at), text})
	r.unread[i.unit()] = true
}

// miscounted says that there are more answers than can be, or that one of them
// stands alone.
func (i *Item) miscounted(given []Value, l Locale) string {
	if len(given) > i.Most() {
		if !i.Repeats {
			return say(l.Lang, sayOne)
		}
		return say(l.Lang, sayTooMany, i.Most())
	}
	for _, v := range given {
		if o, ok := i.optionOf(v); ok && o.Exclusive && len(given) > 1 {
			return say(l.Lang, sayAlone, o.Label.In(l.Lang))
		}
	}
	return ""
}

// settle brings what was read together with what is kept, and works it out.
func (q *Questionnaire) settle(r *reading, kept Answers, items []*Item, work func(Answers) *Sheet) *Sheet {
	for unit := range r.unread {
		q.take(&r.answers, r.base, unit) // as if it had not been touched
	}
	return work(q.merge(r.base, kept, r.answers, items))
}

// faults are what is wrong with the answers to questions that are asked; with
// complete, also what is missing.
func (q *Questionnaire) faults(r *reading, s *Sheet, items []*Item, complete bool) form.Faults {
	found := map[string]string{}
	for _, c := range r.wrong {
		if s.mayBeAsked(c) {
			found[c.item.Field(c.at)] = c.text
		}
	}
	if complete {
		s.missing(items, nil, r.Locale, found)
	}
	return inOrder(q, found)
}

// mayBeAsked: in an instance that is not kept yet, what is asked is not known.
func (s *Sheet) mayBeAsked(c complained) bool { return c.item.depth > 0 || s.Enabled(c.item, c.at) }

// missing notes what must be answered and is not.
func (s *Sheet) missing(items []*Item, at []int, l Locale, found map[string]string) {
	for _, i := range items {
		if !s.Visible(i, at) {
			continue
		}
		text := s.lacking(i, at, l)
		if _, already := found[i.Field(at)]; text != "" && !already {
			found[i.Field(at)] = text
		}
		if i.Type == "group" && i.Repeats {
			for n := range s.Rows(i, at) {
				s.missing(i.Items, append(slices.Clone(at), n), l, found)
			}
			continue
		}
		s.missing(i.Items, at, l, found)
	}
}

// lacking says what is missing of one item.
func (s *Sheet) lacking(i *Item, at []int, l Locale) string {
	least := i.MinCount
	if i.Required && least == 0 {
		least = 1
	}
	switch {
	case i.Type == "group" && i.Repeats && s.Rows(i, at) < least:
		return say(l.Lang, sayRows, least)
	case !i.Asked() || len(s.Of(i, at)) >= least:
		return ""
	case least == 1 || len(s.Of(i, at)) == 0 && i.Required:
		return say(l.Lang, sayAnswer, i.Text.In(l.Lang))
	case i.Required || len(s.Of(i, at)) > 0:
		return say(l.Lang, sayTooFew, least)
	}
	return ""
}

// inOrder sorts faults as the fields stand on the page.
func inOrder(q *Questionnaire, found map[string]string) form.Faults {
	var faults form.Faults
	for _, i := range q.order {
		var fields []string
		for field := range found {
			if name, _, _ := strings.Cut(field, "~"); name == "q."+i.LinkID {
				fields = append(fields, field)
			}
		}
		slices.Sort(fields)
		for _, field := range fields {
			faults.Add(field, found[field])
		}
	}
	return faults
}
