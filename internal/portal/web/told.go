package web

import (
	"regexp"
	"strings"
)

// Told is a text that comes ready from the code behind the pages, such as a
// refusal, in the page's language. A dictionary may know it with places for
// arguments ("%s did not sign you in"): what stands in them is carried over.
func (v View) Told(text string) string {
	if there := v.T(text); there != text || v.Lang != Spanish {
		return there
	}
	for _, d := range []map[string]string{v.room, v.spanish} {
		if there, ok := filled(text, d); ok {
			return there
		}
	}
	return text
}

// verb is a place for an argument, as package fmt has them.
var verb = regexp.MustCompile(`%[+\-#0-9.]*[a-z]`)

// filled finds the format that makes a text, the longest of several, and fills its
// translation with the same arguments.
func filled(text string, dictionary map[string]string) (out string, ok bool) {
	longest := 0
	for format, there := range dictionary {
		args, made := arguments(text, format)
		if made && len(format) > longest {
			longest, ok, out = len(format), true, fill(there, args)
		}
	}
	return out, ok
}

// arguments are what stands in a text at a format's places.
func arguments(text, format string) (args []string, made bool) {
	if first, _, places := strings.Cut(format, "%"); !places || !strings.HasPrefix(text, first) {
		return nil, false
	}
	literals := verb.Split(format, -1)
	for i := range literals {
		literals[i] = regexp.QuoteMeta(literals[i])
	}
	found := regexp.MustCompile(`^(?s)` + strings.Join(literals, `(.+?)`) + `$`).FindStringSubmatch(text)
	if found == nil || strings.Join(literals, "") == "" {
		return nil, false
	}
	return found[1:], true
}

// fill puts arguments, in their order, in a format's places.
func fill(format string, args []string) string {
	return verb.ReplaceAllStringFunc(format, func(place string) string {
		if len(args) == 0 {
			return place
		}
		arg := args[0]
		args = args[1:]
		return arg
	})
}
