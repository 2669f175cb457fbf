package records

import (
	"strings"

	"tributary/internal/errs"
)

// unless is the query of an If-None-Exist. R4 (section 3.1.0.8.1) has what would stand
// after the question mark of a search; clients also send the search's whole URL, and what
// server it names does not matter: the type does, which is that of the resource.
func unless(typ, text string) (query string, err error) {
	path, query, found := strings.Cut(text, "?")
	if !found || strings.ContainsAny(path, "=&") { // the question mark is a value's
		return text, nil
	}
	if _, named, _ := cutLast("/" + strings.TrimSuffix(path, "/")); path != "" && named != typ {
		return "", errs.New(errs.Invalid, "If-None-Exist is a search of %s: name=value&…, without the URL before it", typ)
	}
	return query, nil
}
