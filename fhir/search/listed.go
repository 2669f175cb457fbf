package search

import (
	"slices"
	"strings"
)

// conditionParams are the conditions that are no search parameters of a type
// (R4, sections 3.1.1.4.20 and 3.1.3).
var conditionParams map[string]func(p *parser, modifier, value string) ([]Clause, *QueryError)

func init() {
	conditionParams = map[string]func(p *parser, modifier, value string) ([]Clause, *QueryError){"_filter": filter, "_list": listed}
}

// Shapes tells whether a parameter shapes the answer and is no condition.
func Shapes(name string) bool {
	name, _, _ = strings.Cut(name, ":")
	_, ok := resultParams[name]
	return ok
}

// listed reads _list: what the entries of a List refer to. The lists that R4 names
// by function, such as $current-allergies, need a judgement that nobody records here.
func listed(p *parser, modifier, value string) ([]Clause, *QueryError) {
	lists, _ := p.registry.typ("List")
	item := lists.byCode["item"]
	id := lists.byCode[ID]
	c := Clause{Param: id}
	for _, one := range cut(value, ',') {
		one = strings.TrimPrefix(plainText(one), "List/")
		switch {
		case modifier != "":
			return nil, unsupported("_list has no modifiers", nil)
		case strings.HasPrefix(one, "$"):
			return nil, unsupported("lists by function ("+printableList(one)+") are not kept; name a List by its id", nil)
		case !isID(one):
			return nil, invalid("the id of a List is expected")
		case p.typ.name != "" && !slices.Contains(item.Targets, p.typ.name):
			return nil, invalid("no List has such entries")
		}
		value := IDValue{one}
		if fault := p.spend(value); fault != nil {
			return nil, fault
		}
		c.AnyOf = append(c.AnyOf, value)
	}
	return []Clause{{Param: item.Rows(), Chain: &Chain{Reverse: true, Query: Query{Type: "List", Where: []Clause{c}}}}}, nil
}

// functional are the lists that R4 names (section 2.4, Current Resource Lists).
var functional = []string{"$current-problems", "$current-medications", "$current-allergies", "$current-drug-allergies"}

func printableList(name string) string {
	if slices.Contains(functional, name) {
		return name
	}
	return "those with a $"
}
