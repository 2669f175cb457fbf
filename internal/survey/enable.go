package survey

import "fmt"

// operators decide a condition from the answers to its question.
var operators = map[string]func(e Enable, given []Answer) bool{
	"exists": func(e Enable, given []Answer) bool {
		return e.AnswerBoolean != nil && (len(given) > 0) == *e.AnswerBoolean
	},
	"=":  func(e Enable, given []Answer) bool { return e.anyEqual(given) },
	"!=": func(e Enable, given []Answer) bool { return len(given) > 0 && !e.anyEqual(given) },
}

// enabled decides whether the item is asked: any of its conditions, or all,
// as enableBehavior says. The items that it depends on stand before it.
func (i *Item) enabled(answers Answers) bool {
	if len(i.EnableWhen) == 0 {
		return true
	}
	all := i.EnableBehavior != "any"
	for _, e := range i.EnableWhen {
		if operators[e.Operator](e, answers[e.Question]) != all {
			return !all
		}
	}
	return all
}

func (e Enable) anyEqual(given []Answer) bool {
	for _, a := range given {
		if a.key() == e.Key() {
			return true
		}
	}
	return false
}

// Key is the answer of the condition, as a form would send it.
func (e Enable) Key() string {
	switch {
	case e.AnswerCoding != nil:
		return e.AnswerCoding.Code
	case e.AnswerString != nil:
		return *e.AnswerString
	case e.AnswerInteger != nil:
		return fmt.Sprint(*e.AnswerInteger)
	case e.AnswerBoolean != nil:
		return fmt.Sprint(*e.AnswerBoolean)
	}
	return ""
}

// key is an answer as a form sends it.
func (a Answer) key() string {
	for _, v := range a {
		if c, ok := v.(*Coding); ok {
			return c.Code
		}
		return fmt.Sprint(v)
	}
	return ""
}
