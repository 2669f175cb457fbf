package survey

// operators decide a condition from the answers to its question (R4,
// questionnaire-enable-operator). A question without an answer meets none of them
// but exists = false: what was not answered asks for nothing further.
var operators = map[string]func(c Condition, given []Value) bool{
	"exists": func(c Condition, given []Value) bool { return (len(given) > 0) == (c.Answer.Text == "true") },
	"=":      func(c Condition, given []Value) bool { return c.any(given, c.equals) },
	"!=":     func(c Condition, given []Value) bool { return len(given) > 0 && !c.any(given, c.equals) },
	">": func(c Condition, given []Value) bool {
		return c.any(given, func(v Value) bool { return c.order(v, 1) })
	},
	"<": func(c Condition, given []Value) bool {
		return c.any(given, func(v Value) bool { return c.order(v, -1) })
	},
	">=": func(c Condition, given []Value) bool {
		return c.any(given, func(v Value) bool { return c.order(v, 1, 0) })
	},
	"<=": func(c Condition, given []Value) bool {
		return c.any(given, func(v Value) bool { return c.order(v, -1, 0) })
	},
}

func (c Condition) any(given []Value, holds func(Value) bool) bool {
	for _, v := range given {
		if holds(v) {
			return true
		}
	}
	return false
}

// equals compares an answer with the condition's, which may leave the system out.
func (c Condition) equals(v Value) bool {
	if v.Type == "Coding" && c.Answer.Type == "Coding" && c.Answer.Coding.System == "" {
		return v.Coding.Code == c.Answer.Coding.Code
	}
	if order, ok := v.compare(c.Answer); ok {
		return order == 0
	}
	return v.same(c.Answer)
}

func (c Condition) order(v Value, wanted ...int) bool {
	order, ok := v.compare(c.Answer)
	for _, w := range wanted {
		if ok && order == w {
			return true
		}
	}
	return false
}

// Sheet is a questionnaire with answers, worked out: what is asked, what was
// calculated.
type Sheet struct {
	Answers
	q      *Questionnaire
	asked  map[string]bool // by key, as far as it is known
	judged map[string]bool // what enableWhenExpression says
}

// Enabled reports whether an item is asked at a place: what it stands in is, and
// its conditions hold, all of them or any, as enableBehavior says.
func (s *Sheet) Enabled(i *Item, at []int) bool {
	k := key(i, at)
	if asked, known := s.asked[k]; known {
		return asked
	}
	asked := (i.Parent == nil || s.Enabled(i.Parent, at)) && s.holds(i, at)
	s.asked[k] = asked
	return asked
}

func (s *Sheet) holds(i *Item, at []int) bool {
	if i.EnableIf != nil && !s.judged[key(i, at)] {
		return false
	}
	if len(i.When) == 0 {
		return true
	}
	all := !i.Any
	for _, c := range i.When {
		if operators[c.Operator](c, s.given(c.Question, i, at)) != all {
			return !all
		}
	}
	return all
}

// given are the answers to a question as seen from an item; none where it is not asked.
func (s *Sheet) given(question, i *Item, at []int) (values []Value) {
	for _, place := range s.near(question, i, at) {
		if s.Enabled(question, place) {
			values = append(values, s.Of(question, place)...)
		}
	}
	return values
}

// Visible reports whether people see the item at a place.
func (s *Sheet) Visible(i *Item, at []int) bool { return !i.Hidden && s.Enabled(i, at) }
