package terminology

import (
	"mime"
	"regexp"
	"strings"

	"tributary/fhir/ucum"
)

// grammars tell the codes of systems that no list can hold.
var grammars = map[string]func(code string) bool{
	"urn:ietf:bcp:47": language.MatchString,
	"urn:ietf:bcp:13": mediaType,
	ucum.System:       ucum.Valid,
}

// language is the shape of a language tag (RFC 5646, section 2.1).
var language = regexp.MustCompile(`^(?i:[a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4,8})(-(?i:[a-z]{4}))?(-(?i:[a-z]{2}|[0-9]{3}))?` +
	`(-(?i:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-(?i:[a-wyz0-9])(-(?i:[a-z0-9]{2,8}))+)*(-(?i:x)(-(?i:[a-z0-9]{1,8}))+)?$`)

// mediaType holds a type, a subtype and their parameters (RFC 6838).
func mediaType(code string) bool {
	typ, _, err := mime.ParseMediaType(code)
	top, sub, ok := strings.Cut(typ, "/")
	return err == nil && ok && top != "" && sub != ""
}

// commensurable works out the filter of UCUM's value sets: canonical = m asks for the
// units of length. ok is false for any other filter.
func commensurable(f *filter, code string) (in, ok bool) {
	if f.property != "canonical" || f.op != "=" {
		return false, false
	}
	base, err := ucum.Parse(f.value)
	if err != nil {
		return false, false
	}
	unit, err := ucum.Parse(code)
	if err != nil {
		return false, true
	}
	_, in = ucum.Factor(unit, base)
	return in, true
}
