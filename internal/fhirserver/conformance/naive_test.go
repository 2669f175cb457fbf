package conformance

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// truth is what the brute force knows of a resource; where R4 leaves the answer
// to the server, or the brute force would have to be a second server, it is open.
type truth int

const (
	no truth = iota
	open
	yes
)

func is(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) not() truth { return yes - t }

func anyOf[T any](all []T, holds func(T) truth) truth {
	found := no
	for _, one := range all {
		if found = max(found, holds(one)); found == yes {
			break
		}
	}
	return found
}

// means tells whether a value of a parameter is what a query's text asks for
// (R4, section 3.1.1.4): one alternative, escapes as they are in the query.
func means(p parameter, modifier, text string, v value) truth {
	switch p.kind {
	case "token":
		return meansToken(p, modifier, text, v)
	case "reference":
		return meansReference(p, modifier, text, v)
	case "string":
		return meansString(modifier, text, v)
	case "uri":
		return meansURI(modifier, unquoted(text), unquotedText(v))
	case "date":
		return meansDate(text, v)
	case "number", "quantity":
		return meansAmount(p.kind, text, v)
	case "composite":
		return meansComposite(p, text, v)
	}
	panic(p.kind)
}

var unescaper = strings.NewReplacer(`\\`, `\`, `\,`, `,`, `\|`, `|`, `\$`, `$`)

func unquoted(s string) string { return unescaper.Replace(s) }

func unquotedText(v value) string { return unquoted(text(v.Value)) }

// tok is a token that a value holds.
type tok struct {
	system, code string
	implied      bool        // of an element that has no system of its own
	folded       bool        // where case does not matter
	words        []string    // what stands beside the code
	types        [][2]string // of an Identifier: system and code
}

func toks(v any, typ string) (all []tok) {
	object, _ := v.(body)
	switch typ {
	case "Coding":
		return []tok{{system: member(object, "system"), code: member(object, "code"), words: []string{member(object, "display")}}}
	case "CodeableConcept":
		for _, c := range list(v, "coding") {
			all = append(all, toks(c, "Coding")...)
		}
		return append(all, tok{words: []string{member(object, "text")}})
	case "Identifier":
		t := tok{system: member(object, "system"), code: member(object, "value")}
		if kind, ok := object["type"].(body); ok {
			t.words = []string{member(kind, "text")}
			for _, c := range list(kind, "coding") {
				t.types = append(t.types, [2]string{member(c.(body), "system"), member(c.(body), "code")})
			}
		}
		return []tok{t}
	case "ContactPoint":
		return []tok{{system: member(object, "system"), code: member(object, "value"), folded: true}}
	case "Extension":
		return toks(object["valueCodeableConcept"], "CodeableConcept")
	case "code", "boolean", "Boolean":
		return []tok{{code: plainly(v), implied: true}}
	case "string", "String":
		return []tok{{code: plainly(v), folded: true}}
	}
	return []tok{{code: plainly(v)}}
}

func plainly(v any) string {
	if b, ok := v.(bool); ok {
		return map[bool]string{true: "true", false: "false"}[b]
	}
	return unquoted(text(v))
}

func meansToken(p parameter, modifier, text string, v value) truth {
	if modifier == ":of-type" {
		parts := bars(text)
		return anyOf(toks(v.Value, v.Type), func(t tok) truth {
			return anyOf(t.types, func(kind [2]string) truth {
				return is(kind[0] == parts[0] && kind[1] == parts[1] && t.code == parts[2])
			})
		})
	}
	return anyOf(toks(v.Value, v.Type), func(t tok) truth { return t.is(p, bars(text)) })
}

// bars cuts at the bars that no backslash escapes.
func bars(text string) []string {
	parts := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, `\\`, "\x01"), `\|`, "\x02"), "|")
	for i := range parts {
		parts[i] = unquoted(strings.ReplaceAll(strings.ReplaceAll(parts[i], "\x02", `\|`), "\x01", `\\`))
	}
	return parts
}

func (t tok) is(p parameter, asked []string) truth {
	code := asked[len(asked)-1]
	same := t.code != "" && (t.code == code || t.folded && p.Code != "_id" && strings.EqualFold(t.code, code))
	switch {
	case len(asked) == 1:
		return is(same)
	case t.implied && asked[0] != "": // the system is the element's
		if len(p.systems) == 0 {
			return open
		}
		return is(t.code != "" && (same || code == "") && p.systems[0] == asked[0])
	case code == "":
		return is(t.system == asked[0])
	}
	return is(same && t.system == asked[0])
}

func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.Join(strings.Fields(s), " ")) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// strs are the texts of a value that are searched one by one.
func strs(v value) (all []string) {
	members := map[string][]string{
		"HumanName": {"text", "family", "given", "prefix", "suffix"},
		"Address":   {"text", "line", "city", "district", "state", "postalCode", "country"},
	}[v.Type]
	if members == nil {
		return []string{unquotedText(v)}
	}
	object, _ := v.Value.(body)
	for _, name := range members {
		if one := member(object, name); one != "" {
			all = append(all, one)
		}
		for _, one := range list(object, name) {
			if s, ok := one.(string); ok {
				all = append(all, s)
			}
		}
	}
	return all
}

// lookedThrough is how many characters of a text the server looks through.
const lookedThrough = 200

func meansString(modifier, text string, v value) truth {
	asked := unquoted(text)
	return anyOf(strs(v), func(s string) truth {
		switch modifier {
		case ":exact":
			return is(s == asked)
		case ":contains":
			found := strings.Index(fold(s), fold(asked))
			if found > lookedThrough/2 {
				return open
			}
			return is(found >= 0)
		}
		return is(strings.HasPrefix(fold(s), fold(asked)))
	})
}

// meansURI knows paths of URLs only; a URN has none (R4, section 3.1.1.4.9).
func meansURI(modifier, asked, s string) truth {
	if !strings.Contains(s, "://") {
		modifier = ""
	}
	switch modifier {
	case ":below":
		return is(s == asked || strings.HasPrefix(s, strings.TrimSuffix(asked, "/")+"/"))
	case ":above":
		return is(s == asked || strings.HasPrefix(asked, strings.TrimSuffix(s, "/")+"/"))
	}
	return is(s == asked)
}
