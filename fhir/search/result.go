package search

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// cursorParam names the place where a page begins; only the server makes it.
const cursorParam = "_cursor"

// resultParams shape the answer (R4, section 3.1.1.5).
var resultParams map[string]func(p *parser, modifier, value string) *QueryError

func init() {
	resultParams = map[string]func(p *parser, modifier, value string) *QueryError{
		"_count": count, "_sort": sortBy, "_total": total, "_summary": summary, "_elements": elements,
		"_include": include, "_revinclude": revinclude, "_type": types, cursorParam: cursor,
		"_format": content, "_pretty": content,
	}
}

func cursor(p *parser, _, value string) *QueryError {
	p.out.Cursor = value
	return nil
}

// content is the business of content negotiation.
func content(*parser, string, string) *QueryError { return nil }

func count(p *parser, _, value string) *QueryError {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return invalid("a whole number of 0 or more is expected")
	}
	p.out.Query.Count = min(int(n), p.options.MaxCount)
	return nil
}

// choice returns the fault of a value that is not among the valid ones.
func choice(value string, valid ...string) *QueryError {
	if slices.Contains(valid, value) {
		return nil
	}
	return &QueryError{Reason: "the value is none of those that this parameter has", Valid: valid}
}

var totals = map[string]Total{"none": TotalNone, "estimate": TotalEstimate, "accurate": TotalAccurate}

func total(p *parser, _, value string) *QueryError {
	p.out.Query.Total = totals[value]
	return choice(value, "none", "estimate", "accurate")
}

func summary(p *parser, _, value string) *QueryError {
	p.out.Summary = value
	if value == "count" {
		p.out.Query.Count, p.out.Query.Total = 0, TotalAccurate
	}
	return choice(value, "true", "text", "data", "count", "false")
}

func elements(p *parser, _, value string) *QueryError {
	for name := range strings.SplitSeq(value, ",") {
		if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.") != "" {
			return invalid("names of elements, separated by commas, are expected")
		}
		p.out.Elements = append(p.out.Elements, name)
	}
	return nil
}

// types restricts a search over all types.
func types(p *parser, _, value string) *QueryError {
	if p.typ.name != "" {
		return unsupported("only a search over all types has this parameter", nil)
	}
	for name := range strings.SplitSeq(value, ",") {
		if _, ok := p.registry.types[name]; !ok {
			return invalid("names of resource types, separated by commas, are expected")
		}
		p.out.Types = append(p.out.Types, name)
	}
	return nil
}

func sortBy(p *parser, _, value string) *QueryError {
	codes := strings.Split(value, ",")
	if len(codes) > maxSort {
		return invalid("too many sort keys: " + strconv.Itoa(maxSort) + " at most")
	}
	for _, code := range codes {
		code, descending := strings.CutPrefix(code, "-")
		param, fault := p.sortedBy(code)
		if fault != nil {
			return fault
		}
		p.out.Query.Sort = append(p.out.Query.Sort, Sort{param, descending})
	}
	return nil
}

// sortedBy is the parameter of a sort key: of a reference itself, which may be a
// narrower one, else the one whose rows are sorted by.
func (p *parser) sortedBy(code string) (*Param, *QueryError) {
	param, ok := p.typ.byCode[code]
	switch {
	case ok && param.Kind == Composite:
		return nil, unsupported("a composite has no order; sort by one of its parts", p.typ.sortable())
	case !ok || param.Pending || !param.Sortable():
		return nil, unsupported("the results cannot be sorted by that", p.typ.sortable())
	case param.Kind == Reference:
		return param, nil
	}
	return param.Rows(), nil
}

func (t *typeParams) sortable() []string {
	var codes []string
	for _, p := range t.sorted {
		if p.Sortable() {
			codes = append(codes, p.Code)
		}
	}
	return codes
}

func include(p *parser, modifier, value string) *QueryError {
	return p.include(Include{}, modifier, value)
}

func revinclude(p *parser, modifier, value string) *QueryError {
	return p.include(Include{Reverse: true}, modifier, value)
}

// include reads Type:parameter or Type:parameter:TargetType.
func (p *parser) include(i Include, modifier, value string) *QueryError {
	if i.Iterate = modifier == "iterate" || modifier == "recurse"; !i.Iterate && modifier != "" {
		return unsupported("the modifier is not supported", []string{"iterate"})
	}
	if value == "*" && i.Reverse && p.typ.name != "" {
		return p.everyReference(i)
	}
	steps := strings.Split(value, ":")
	if value == "*" && p.typ.name != "" {
		steps = []string{p.typ.name, "*"}
	}
	t, ok := p.registry.types[steps[0]]
	if !ok || len(steps) < 2 || len(steps) > 3 {
		return invalid("Type:parameter or Type:parameter:TargetType is expected")
	}
	if i.Type = t.name; len(steps) == 3 {
		i.Target = steps[2]
	}
	if steps[1] != "*" {
		if fault := i.by(t, steps[1]); fault != nil {
			return fault
		}
	}
	if p.out.Includes = append(p.out.Includes, i); len(p.out.Includes) > maxIncludes {
		return invalid("too many includes: " + strconv.Itoa(maxIncludes) + " at most; Type:* follows all references of a type")
	}
	return nil
}

// everyReference is _revinclude=*: of each type that can refer to the one that is searched,
// but for AuditEvents, which are searched on their own.
func (p *parser) everyReference(i Include) *QueryError {
	for _, name := range slices.Sorted(maps.Keys(p.registry.types)) {
		if t := p.registry.types[name]; name != "" && name != "AuditEvent" && t.refersTo(p.typ.name) {
			i.Type, i.Target = name, p.typ.name
			p.out.Includes = append(p.out.Includes, i)
		}
	}
	return nil
}

func (t *typeParams) refersTo(typ string) bool {
	return slices.ContainsFunc(t.sorted, func(p *Param) bool {
		return p.Kind == Reference && !p.Pending && p.Code != Compartment && slices.Contains(p.Targets, typ)
	})
}

// by names the parameter that is followed.
func (i *Include) by(t *typeParams, code string) *QueryError {
	param, ok := t.byCode[code]
	if !ok || param.Pending || param.Kind != Reference || code == Compartment {
		return &QueryError{Reason: "the type has no such reference parameter", Valid: t.references()}
	}
	if i.Param = param; i.Target == "" && len(param.Targets) == 1 {
		i.Target = param.Targets[0]
	}
	if i.Target != "" && !slices.Contains(param.Targets, i.Target) {
		return &QueryError{Reason: "the parameter does not refer to that type", Valid: param.Targets}
	}
	return nil
}

func (t *typeParams) references() []string {
	var codes []string
	for _, p := range t.sorted {
		if p.Kind == Reference {
			codes = append(codes, p.Code)
		}
	}
	return codes
}
