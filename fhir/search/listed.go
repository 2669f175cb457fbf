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

// listed reads _list: what the entries of a List refer to, but for those that are
// flagged as deleted from it. The lists that R4 names by function, such as
// $current-allergies, need a judgement that nobody records here.
func listed(p *parser, modifier, value string) ([]Clause, *QueryError) {
	if modifier != "" {
		return nil, unsupported("_list has no modifiers", nil)
	}
	lists, _ := p.registry.typ("List")
	item := lists.byCode["item"]
	if p.typ.name != "" && !slices.Contains(item.Targets, p.typ.name) {
		return nil, invalid("no List has such entries")
	}
	whole := Clause{Param: lists.byCode[ID]}
	var any [][]Clause
	for _, one := range cut(value, ',') {
		list, fault := p.list(one)
		if fault != nil {
			return nil, fault
		}
		removed, fault := p.removed(list)
		switch {
		case fault != nil:
			return nil, fault
		case removed == nil:
			whole.AnyOf = append(whole.AnyOf, list)
		default:
			any = append(any, []Clause{in(item, Clause{Param: whole.Param, AnyOf: []Value{list}}), *removed})
		}
	}
	switch {
	case any == nil:
		return []Clause{in(item, whole)}, nil
	case whole.AnyOf != nil:
		any = append(any, []Clause{in(item, whole)})
	}
	if len(any) == 1 {
		return any[0], nil
	}
	return []Clause{{Any: any}}, nil
}

// in says that an entry of one of the Lists refers to the resource.
func in(item *Param, lists Clause) Clause {
	return Clause{Param: item.Rows(), Chain: &Chain{Reverse: true, Query: Query{Type: "List", Where: []Clause{lists}}}}
}

// list is the id of a List.
func (p *parser) list(text string) (IDValue, *QueryError) {
	id := strings.TrimPrefix(plainText(text), "List/")
	switch {
	case strings.HasPrefix(id, "$"):
		return IDValue{}, unsupported("lists by function ("+printableList(id)+") are not kept; name a List by its id", nil)
	case !isID(id):
		return IDValue{}, invalid("the id of a List is expected")
	}
	return IDValue{id}, p.spend(IDValue{id})
}

// removed excludes what is flagged as deleted from the List; nil when nothing is.
func (p *parser) removed(list IDValue) (*Clause, *QueryError) {
	if p.options.Removed == nil || p.typ.name == "" {
		return nil, nil
	}
	ids := p.options.Removed(list.ID, p.typ.name)
	if len(ids) == 0 {
		return nil, nil
	}
	c := Clause{Param: p.typ.byCode[ID], Not: true}
	for _, id := range ids {
		if fault := p.spend(IDValue{id}); fault != nil {
			return nil, fault
		}
		c.AnyOf = append(c.AnyOf, IDValue{id})
	}
	return &c, nil
}

// functional are the lists that R4 names (section 2.4, Current Resource Lists).
var functional = []string{"$current-problems", "$current-medications", "$current-allergies", "$current-drug-allergies"}

func printableList(name string) string {
	if slices.Contains(functional, name) {
		return name
	}
	return "those with a $"
}
