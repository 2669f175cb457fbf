package survey

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// Expression is a FHIRPath expression of the Structured Data Capture guide. Its
// %resource is the QuestionnaireResponse as it stands, with what is asked and
// answered; its %context is the same, or in a group that repeats that instance.
type Expression struct{ compiled *path.Expr }

func (p *parser) expression(i *Item, e extension) *Expression {
	var x struct{ Language, Expression string }
	if json.Unmarshal(e.members["valueExpression"], &x) != nil || x.Language != "text/fhirpath" {
		p.refuse(i, "%s: an Expression in text/fhirpath is needed", e.URL)
		return nil
	}
	compiled, err := path.Compile(x.Expression)
	if err != nil {
		p.refuse(i, "%s: %v", e.URL, err)
		return nil
	}
	return &Expression{compiled}
}

// expressions are those of an item.
func (i *Item) expressions() []*Expression {
	return slices.DeleteFunc([]*Expression{i.Calculated, i.EnableIf, i.Begins}, func(x *Expression) bool { return x == nil })
}

// tryExpressions refuses those that need what is not there, such as the Patient.
func (p *parser) tryExpressions() {
	s := &Sheet{q: p.q, asked: map[string]bool{}}
	root, err := s.tree()
	if err != nil {
		p.faults = append(p.faults, err)
		return
	}
	for _, i := range p.q.order {
		for _, x := range i.expressions() {
			if _, err := x.compiled.Eval(root, &path.Env{Now: time.Unix(0, 0)}); err != nil {
				p.refuse(i, "the expression %q: %v", x.compiled, err)
			}
		}
	}
}

// rounds bounds how often expressions that build on one another are worked out.
const rounds = 12

// Work works out what is calculated and what is asked at a time: again and again
// until nothing changes, as expressions build on one another in any order.
func (q *Questionnaire) Work(a Answers, now time.Time) *Sheet {
	s := &Sheet{Answers: a.clone(), q: q, asked: map[string]bool{}, judged: map[string]bool{}}
	if !slices.ContainsFunc(q.order, func(i *Item) bool { return i.Calculated != nil || i.EnableIf != nil }) {
		return s
	}
	for range rounds {
		if !s.work(&path.Env{Now: now}) {
			break
		}
	}
	return s
}

// judge works out what expressions say of what is asked, and calculates nothing.
func (s *Sheet) judge(now time.Time) {
	for range rounds {
		root, err := s.tree()
		changed := false
		for _, i := range s.q.order {
			if i.EnableIf == nil || err != nil {
				continue
			}
			for _, at := range s.places(i, nil) {
				holds := i.EnableIf.holds(s.focus(root, i, at), &path.Env{Now: now})
				changed = changed || holds != s.judged[key(i, at)]
				s.judged[key(i, at)] = holds
			}
		}
		clear(s.asked)
		if !changed {
			return
		}
	}
}

// work evaluates every expression once, and reports whether that changed anything.
func (s *Sheet) work(env *path.Env) (changed bool) {
	root, err := s.tree()
	if err != nil {
		return false // what is written here is JSON
	}
	for _, i := range s.q.order {
		for _, at := range s.places(i, nil) {
			if i.EnableIf != nil {
				now := i.EnableIf.holds(s.focus(root, i, at), env)
				changed = changed || now != s.judged[key(i, at)]
				s.judged[key(i, at)] = now
			}
			if i.Calculated != nil {
				now := i.Calculated.value(i, s.focus(root, i, at), env)
				changed = changed || !sameValues(now, s.Of(i, at))
				s.set(i, at, now)
			}
		}
	}
	clear(s.asked)
	return changed
}

// tree is the response as it stands, for expressions.
func (s *Sheet) tree() (tree.Value, error) {
	body, err := json.Marshal(object{"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": s.entries(s.q.Items, nil, working)})
	if err != nil {
		return tree.Value{}, err
	}
	return tree.Parse(body)
}

// focus is where an item's expressions begin: the innermost instance of a repeating
// group that it stands in, else the response.
func (s *Sheet) focus(root tree.Value, i *Item, at []int) tree.Value {
	var way []*Item
	for p := i.Parent; p != nil; p = p.Parent {
		if way != nil || p.Type == "group" && p.Repeats {
			way = append(way, p)
		}
	}
	focus := root
	for _, step := range slices.Backward(way) {
		n := 0
		if step.Type == "group" && step.Repeats {
			n = at[step.depth]
		}
		if focus = nth(focus, step.LinkID, n); !focus.Exists() {
			break
		}
	}
	return focus
}

// nth is the nth entry of an item below a node.
func nth(node tree.Value, link string, n int) tree.Value {
	below := node.Get("item")
	if answers := node.Get("answer"); answers.Exists() {
		below = answers.First().Get("item")
	}
	for entry := range below.Elements() {
		if entry.Get("linkId").Text() == link {
			if n == 0 {
				return entry
			}
			n--
		}
	}
	return tree.Value{}
}

// holds tells what a condition says; one that fails does not hold.
func (x *Expression) holds(focus tree.Value, env *path.Env) bool {
	if !focus.Exists() {
		return false
	}
	ok, err := x.compiled.True(focus, env)
	return ok && err == nil
}

// value is what an expression gives as an answer to the item: none where it fails,
// or gives what is no such answer.
func (x *Expression) value(i *Item, focus tree.Value, env *path.Env) []Value {
	if !focus.Exists() {
		return nil
	}
	found, err := x.compiled.Eval(focus, env)
	if err != nil || len(found) == 0 {
		return nil
	}
	if v, ok := i.worked(found[0]); ok {
		return []Value{v}
	}
	return nil
}

// worked makes what an expression gave an answer of the item's type.
func (i *Item) worked(found path.Item) (Value, bool) {
	text := found.String()
	switch i.Type {
	case "integer", "decimal":
		return i.workedNumber(text)
	case "quantity":
		return i.workedQuantity(found)
	case "choice":
		return i.workedChoice(found)
	case "boolean":
		return Value{Type: "Boolean", Text: text}, text == "true" || text == "false"
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return Value{Type: "Date", Text: text}, err == nil
	case "dateTime":
		_, err := time.Parse(time.RFC3339, text)
		return Value{Type: "DateTime", Text: text}, err == nil
	case "time":
		_, err := time.Parse(time.TimeOnly, text)
		return Value{Type: "Time", Text: text}, err == nil
	}
	return Value{Type: valueTypes[i.Type][0], Text: text}, strings.TrimSpace(text) != ""
}

// workedNumber rounds to the places that the item has.
func (i *Item) workedNumber(text string) (Value, bool) {
	n, ok := new(big.Rat).SetString(text)
	switch {
	case !ok:
		return Value{}, false
	case i.Type == "integer":
		return Value{Type: "Integer", Text: n.FloatString(0)}, true
	case i.Decimals >= 0:
		return Value{Type: "Decimal", Text: n.FloatString(i.Decimals)}, true
	}
	if text = n.FloatString(8); strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return Value{Type: "Decimal", Text: text}, true
}

// quantityPattern is a quantity as FHIRPath writes it: 70.5 'kg'.
var quantityPattern = regexp.MustCompile(`^(-?[0-9.]+) '([^']*)'$`)

func (i *Item) workedQuantity(found path.Item) (Value, bool) {
	if node, ok := found.Node(); ok && found.Type() == "Quantity" {
		var q Quantity
		err := json.Unmarshal(node.Raw(), &q)
		return Value{Type: "Quantity", Quantity: &q}, err == nil
	}
	if m := quantityPattern.FindStringSubmatch(found.String()); m != nil {
		return Value{Type: "Quantity", Quantity: &Quantity{Value: json.Number(m[1]), Unit: m[2], System: ucumSystem, Code: m[2]}}, true
	}
	n, ok := i.workedNumber(found.String())
	if !ok || len(i.Units) == 0 {
		return Value{}, false
	}
	return quantity(n.Text, i.Units[0]), true
}

func (i *Item) workedChoice(found path.Item) (Value, bool) {
	v := Value{Type: "String", Text: found.String()}
	if node, ok := found.Node(); ok && found.Type() == "Coding" {
		v = Value{Type: "Coding", Coding: &Coding{}}
		if json.Unmarshal(node.Raw(), v.Coding) != nil {
			return v, false
		}
	}
	if o, ok := i.optionOf(v); ok {
		return o.Value, true
	}
	o, ok := i.option(found.String())
	return o.Value, ok
}
