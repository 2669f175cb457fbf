package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// condition is a parameter with its value, and what that means of a resource.
type condition struct {
	name, value string
	holds       func(*thing) truth
}

// draws makes conditions from what the corpus holds.
type draws struct {
	*corpus
	*rand.Rand
	sets map[string][]tok // value sets that are asked for, by url
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// condition asks for up to three alternatives of one parameter, drawn from values
// that are there; ok is false where there is nothing to ask by.
func (d draws) condition(typ string, p parameter) (condition, bool) {
	if d.IntN(12) == 0 {
		missing := d.IntN(2) == 0
		return condition{p.Code + ":missing", fmt.Sprint(missing), func(o *thing) truth {
			return d.lacks(o, p, missing)
		}}, true
	}
	modifier := d.modifier(p)
	var all []string
	for range 1 + max(0, d.IntN(5)-2) {
		if text, ok := d.text(typ, p, modifier); ok {
			all = append(all, text)
		}
	}
	return condition{p.Code + modifier, strings.Join(all, ","), func(o *thing) truth {
		t := anyOf(all, func(text string) truth {
			return anyOf(o.values[p.Code], func(v value) truth { return d.says(p, modifier, text, v) })
		})
		if modifier == ":not" || modifier == ":not-in" {
			return t.not()
		}
		return t
	}}, len(all) > 0
}

// lacks is :missing. What a value holds that no query can ask for (words without a
// code, a reference that leads into the resource itself) is neither here nor there;
// a parameter for one type of several looks at what the reference leads to.
func (d draws) lacks(o *thing, p parameter, missing bool) truth {
	found := anyOf(o.values[p.Code], func(v value) truth {
		asked, known := questions(p, v)
		if p.narrow && d.byPlace[refers(v)] == nil || !known || len(asked) == 0 {
			return open
		}
		return yes
	})
	if missing {
		return found.not()
	}
	return found
}

func (d draws) modifier(p parameter) string {
	if d.IntN(2) == 0 {
		return ""
	}
	switch {
	case p.Code == "_id": // is itself, and nothing else
		return ""
	case p.Code == "patient":
		return pick(d.Rand, ":identifier", ":Patient")
	}
	switch p.kind {
	case "string":
		return pick(d.Rand, "", ":exact", ":contains")
	case "uri":
		return pick(d.Rand, "", ":above", ":below")
	case "token":
		return pick(d.Rand, "", ":not", ":not", ":of-type", ":text", ":text", ":in", ":not-in")
	case "reference":
		if len(p.types) > 0 {
			return pick(d.Rand, ":identifier", ":text", ":"+pick(d.Rand, p.types...), ":"+pick(d.Rand, p.types...))
		}
	}
	return ""
}

// text forms one alternative from a value of some resource of the type, sometimes
// changed so that it may find others or none.
func (d draws) text(typ string, p parameter, modifier string) (string, bool) {
	var having []*thing
	for _, o := range d.byType[typ] {
		if len(o.values[p.Code]) > 0 {
			having = append(having, o)
		}
	}
	if len(having) == 0 {
		return "", false
	}
	all := pick(d.Rand, having...).values[p.Code]
	return d.from(p, modifier, pick(d.Rand, all...))
}

func (d draws) from(p parameter, modifier string, v value) (text string, ok bool) {
	switch modifier {
	case ":text":
		text = d.word(v)
		return text, text != ""
	case ":in", ":not-in":
		text = d.set(v)
		return text, text != ""
	}
	switch p.kind {
	case "token":
		text = d.token(p, modifier, v)
	case "reference":
		text = d.reference(p, modifier, v)
	case "string":
		text = d.string(v)
	case "uri":
		text = d.uri(modifier, unquotedText(v))
	case "date":
		text = d.date(v)
	case "number", "quantity":
		text = d.amount(p.kind, v)
	case "composite":
		text = d.composite(p, v)
	}
	return text, text != ""
}

func (d draws) token(p parameter, modifier string, v value) string {
	t := pick(d.Rand, append(toks(v.Value, v.Type), tok{})...)
	code, system := escaper.Replace(t.code), escaper.Replace(t.system)
	switch {
	case p.Code == "_id":
		return pick(d.Rand, code, code, code+"x", strings.ToUpper(code))
	case modifier == ":of-type":
		if len(t.types) == 0 || t.types[0][1] == "" || code == "" {
			return ""
		}
		return escaper.Replace(t.types[0][0]) + "|" + escaper.Replace(t.types[0][1]) + "|" + pick(d.Rand, code, code, code+"x")
	case code == "" && system == "":
		return ""
	case code == "":
		return system + "|"
	}
	if t.implied && len(p.systems) > 0 {
		system = p.systems[0]
		return pick(d.Rand, code, code, system+"|"+code, "urn:other|"+code)
	}
	forms := []string{code, code, system + "|" + code, "|" + code, "urn:other|" + code, code + "x", strings.ToUpper(code)}
	if system != "" {
		forms = append(forms, system+"|", system+"|"+code)
	}
	return pick(d.Rand, forms...)
}

func (d draws) reference(p parameter, modifier string, v value) string {
	object, _ := v.Value.(body)
	to := refers(v)
	switch {
	case modifier == ":identifier":
		one, ok := object["identifier"].(body)
		if !ok || v.Type != "Reference" {
			return ""
		}
		return d.token(p, "", value{Type: "Identifier", Value: one})
	case to == "":
		return ""
	}
	local := literal.FindStringSubmatch(to)
	switch {
	case modifier != "" && local == nil:
		return ""
	case modifier != "":
		return local[2]
	case local != nil:
		return pick(d.Rand, to, to, local[2], to+"x")
	case strings.Contains(to, ":"):
		return escaper.Replace(to)
	}
	return ""
}

func (d draws) string(v value) string {
	all := strs(v)
	if len(all) == 0 {
		return ""
	}
	runes := []rune(strings.TrimSpace(pick(d.Rand, all...)))
	runes = runes[:min(len(runes), 150)] // what is looked through is bounded
	if len(runes) == 0 {
		return ""
	}
	from, to := 0, 1+d.IntN(len(runes))
	if d.IntN(3) == 0 {
		from = d.IntN(to)
	}
	if d.IntN(2) == 0 {
		from, to = 0, len(runes)
	}
	s := string(runes[from:to])
	s = pick(d.Rand, s, s, strings.ToUpper(s), strings.ToLower(s), fold(s))
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return escaper.Replace(s)
}

func (d draws) uri(modifier, s string) string {
	if i := strings.LastIndexByte(s, '/'); modifier == ":below" && i > 8 && d.IntN(2) == 0 {
		s = s[:i]
	}
	if modifier == ":above" && d.IntN(2) == 0 {
		s += "/more"
	}
	return escaper.Replace(pick(d.Rand, s, s, s, s+"x"))
}

func (d draws) composite(p parameter, v value) string {
	var parts []string
	for i, part := range v.Parts {
		if len(part) == 0 {
			return ""
		}
		text, ok := d.from(parameter{kind: p.kinds[i], types: p.types}, "", pick(d.Rand, part...))
		if !ok || strings.HasSuffix(text, "|") {
			return ""
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "$")
}
