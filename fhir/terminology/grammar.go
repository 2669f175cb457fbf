package terminology

import (
	"mime"
	"regexp"
	"strings"
)

// grammars tell the codes of systems that no list can hold.
var grammars = map[string]func(code string) bool{
	"urn:ietf:bcp:47": language.MatchString,
	"urn:ietf:bcp:13": mediaType,
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
