package surveys

import (
	"fmt"
	"html/template"
	"strings"

	"tributary/internal/portal/web"
)

// in is a text of the room in a language.
func in(lang, text string, args ...any) string {
	if translated, ok := inSpanish[text]; ok && lang == web.Spanish {
		text = translated
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// functions are those of the room's templates.
var functions = template.FuncMap{
	"on":   func(v web.View, q any, change bool) shown { return shown{v, q, change} },
	"put":  func(s shown, in input) typedIn { return typedIn{s, in} },
	"join": strings.Join,
}

// shown is something on a page, with the page: for the parts of templates.
type shown struct {
	web.View
	Q      any
	Change bool // answers have links to change them
}

// typedIn is one field of a question.
type typedIn struct {
	shown
	In input
}
