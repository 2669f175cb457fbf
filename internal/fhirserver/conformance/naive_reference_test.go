package conformance

import (
	"slices"
	"strings"
)

// refers is what a value refers to: Type/id of this server, or another URL,
// without a version; "" if it is contained or says nothing.
func refers(v value) string {
	object, _ := v.Value.(body)
	to := unquotedText(v)
	switch {
	case v.Type == "Reference":
		to = member(object, "reference")
	case v.Type == "Extension":
		if r, ok := object["valueReference"].(body); ok {
			to = member(r, "reference")
		}
	case object != nil: // a Bundle's resource
		to = member(object, "resourceType") + "/" + member(object, "id")
	}
	if strings.HasPrefix(to, "#") {
		return ""
	}
	to, _, _ = strings.Cut(to, "/_history/")
	return to
}

func meansReference(p parameter, modifier, text string, v value) truth {
	to, asked := refers(v), unquoted(text)
	if modifier == ":identifier" {
		object, _ := v.Value.(body)
		one, ok := object["identifier"].(body)
		if !ok || v.Type != "Reference" {
			return no
		}
		return anyOf(toks(one, "Identifier"), func(t tok) truth { return t.is(p, bars(text)) })
	}
	if to == "" {
		return no
	}
	typ, id, _ := strings.Cut(to, "/")
	local := literal.MatchString(to)
	switch only, typed := strings.CutPrefix(modifier, ":"); {
	case typed:
		return is(local && typ == only && (id == asked || to == asked))
	case !strings.ContainsAny(asked, "/:|"):
		if len(p.types) == 0 {
			return open // of which type is not said
		}
		return is(local && id == asked && slices.Contains(p.types, typ))
	}
	if v.Type == "canonical" || v.Type == "uri" {
		plain, _, _ := strings.Cut(to, "|")
		return is(to == asked || plain == asked)
	}
	return is(to == asked)
}

// meansComposite asks for each part of the one value.
func meansComposite(p parameter, text string, v value) truth {
	holds := yes
	for i, part := range dollars(text) {
		component := parameter{kind: p.kinds[i], types: p.types}
		holds = min(holds, anyOf(v.Parts[i], func(v value) truth { return means(component, "", part, v) }))
	}
	return holds
}

func dollars(text string) []string {
	parts := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, `\\`, "\x01"), `\$`, "\x02"), "$")
	for i := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(parts[i], "\x02", `\$`), "\x01", `\\`)
	}
	return parts
}
