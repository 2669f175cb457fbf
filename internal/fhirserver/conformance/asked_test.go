package conformance

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// question is a query value that must find what the value was taken from, and
// one like it that must not.
type question struct{ right, wrong string }

// questions forms the queries for a value, by the parameter's kind and the
// value's type (R4, section 3.1.1.4). known is false where no way is laid down here.
func questions(p parameter, v value) (all []question, known bool) {
	if p.kind == "composite" {
		return composites(p, v), true
	}
	if strings.HasPrefix(p.id, "Bundle-") && p.kind == "reference" {
		return entry(p, v), true
	}
	form, known := forms[p.kind][v.Type]
	if !known {
		return nil, false
	}
	return form(p, v.Value), true
}

type form func(p parameter, v any) []question

// nothing is for values that R4 gives no way to ask for.
func nothing(parameter, any) []question { return nil }

var forms = map[string]map[string]form{
	"token": {
		"Coding": coding, "CodeableConcept": concept, "Identifier": identifier, "ContactPoint": contact,
		"code": plain, "id": plain, "uri": plain, "string": plain, "canonical": plain,
		"String": plain, "boolean": boolean, "Boolean": boolean, "Extension": extension,
	},
	"reference": {
		"Reference": reference, "canonical": canonical, "uri": plain,
		"Attachment": nothing, // of a choice whose other type is the reference
	},
	"string": {
		"string": words, "markdown": words, "HumanName": name, "Address": address,
	},
	"date": {
		"date": date, "dateTime": date, "instant": date, "Period": period, "Timing": timing,
		"string": nothing, // says when in words
	},
	"number": {
		"decimal": number, "integer": number, "positiveInt": number, "unsignedInt": number, "Range": interval,
	},
	"quantity": {
		"Quantity": quantity, "Age": quantity, "Duration": quantity, "SimpleQuantity": quantity, "Money": money, "Range": interval,
		"SampledData": nothing, // "may not be compared for equality" (3.1.1.4.11)
	},
	"uri": {"uri": plain, "url": plain, "canonical": plain, "oid": plain},
}

var escaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`)

// at is a member's text, escaped for a query; numbers as they are written.
func at(v any, member string) string {
	object, _ := v.(map[string]any)
	return text(object[member])
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return escaper.Replace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

func list(v any, member string) []any {
	object, _ := v.(map[string]any)
	all, _ := object[member].([]any)
	return all
}

const mutation = "-mutated"

func plain(_ parameter, v any) []question { return texts(text(v)) }

func texts(all ...string) (list []question) {
	for _, one := range all {
		if strings.TrimSpace(one) != "" {
			list = append(list, question{one, one + mutation})
		}
	}
	return list
}

// words are matched from their beginning, so that a wrong one differs there.
func words(_ parameter, v any) []question { return beginnings(text(v)) }

func beginnings(all ...string) (list []question) {
	for _, q := range texts(all...) {
		list = append(list, question{q.right, "mutated" + q.right})
	}
	return list
}

func boolean(_ parameter, v any) []question {
	if b, ok := v.(bool); ok {
		return []question{{fmt.Sprint(b), fmt.Sprint(!b)}}
	}
	return nil
}

// token asks for a code with, without, and only by its system.
func token(system, code string) []question {
	if code == "" {
		return nil
	}
	all := append(texts(code), question{system + "|" + code, system + "|" + code + mutation})
	all = append(all, question{system + "|" + code, system + mutation + "|" + code})
	if system != "" {
		all = append(all, question{system + "|", system + mutation + "|"}, question{system + "|" + code, "|" + code})
	}
	return all
}

func coding(_ parameter, v any) []question { return token(at(v, "system"), at(v, "code")) }

func concept(p parameter, v any) (all []question) {
	for _, c := range list(v, "coding") {
		all = append(all, coding(p, c)...)
	}
	return all
}

// extension is asked for by the concept that it holds.
func extension(p parameter, v any) []question {
	object, _ := v.(map[string]any)
	return concept(p, object["valueCodeableConcept"])
}

func identifier(_ parameter, v any) []question { return token(at(v, "system"), at(v, "value")) }

func contact(_ parameter, v any) []question { return texts(at(v, "value")) }

var literal = regexp.MustCompile(`^([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(/_history/.*)?$`)

func reference(p parameter, v any) []question {
	to := at(v, "reference")
	local := literal.FindStringSubmatch(to)
	switch {
	case to == "" || strings.HasPrefix(to, "#"):
		return nil // logical, or contained: nothing to ask by
	case local == nil:
		return texts(to)
	}
	typ, id := local[1], local[2]
	all := texts(typ + "/" + id)
	if slices.Contains(p.types, typ) {
		all = append(all, question{id, id + mutation})
	}
	return all
}

// entry is a Bundle's first resource: a reference to it where it is of the type
// that the parameter is about.
func entry(p parameter, v value) []question {
	id := at(v.Value, "id")
	if id == "" || !slices.Contains(p.types, v.Type) {
		return nil
	}
	return texts(v.Type + "/" + id)
}

// canonical is found with and without its version.
func canonical(_ parameter, v any) []question {
	url, version, _ := strings.Cut(fmt.Sprint(v), "|")
	if strings.HasPrefix(url, "#") || !strings.ContainsAny(url, ":/") {
		return nil // contained, or not absolute and so no canonical
	}
	all := texts(escaper.Replace(url))
	if version != "" {
		full := escaper.Replace(url) + "|" + escaper.Replace(version)
		all = append(all, question{full, full + mutation})
	}
	return all
}

func name(_ parameter, v any) []question {
	all := beginnings(at(v, "family"), at(v, "text"))
	for _, member := range []string{"given", "prefix", "suffix"} {
		for _, part := range list(v, member) {
			all = append(all, beginnings(text(part))...)
		}
	}
	return all
}

func address(_ parameter, v any) []question {
	all := beginnings(at(v, "text"), at(v, "city"), at(v, "district"), at(v, "state"), at(v, "postalCode"), at(v, "country"))
	for _, line := range list(v, "line") {
		all = append(all, beginnings(text(line))...)
	}
	return all
}

// composites joins a query for each part of one value; one part wrong is all wrong.
func composites(p parameter, v value) (all []question) {
	var right, wrong []string
	for i, part := range v.Parts {
		var q []question
		for _, one := range part {
			asked, _ := questions(parameter{kind: p.kinds[i], types: p.types}, one)
			q = append(q, asked...)
		}
		if len(q) == 0 {
			return nil // a part without a value: there is no such pair
		}
		right, wrong = append(right, q[0].right), append(wrong, q[0].wrong)
	}
	joined := strings.Join(right, "$")
	for i := range right {
		parts := slices.Clone(right)
		parts[i] = wrong[i]
		all = append(all, question{joined, strings.Join(parts, "$")})
	}
	return all
}
