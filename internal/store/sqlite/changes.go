package sqlite

import (
	"regexp"

	"tributary/fhir/search"
)

// changes are the resources that a transaction may have changed.
type changes struct {
	keys    []search.Key
	unknown bool // any of them
}

// none forgets them: a transaction begins.
func (c *changes) none() { c.keys, c.unknown = c.keys[:0], false }

// note takes a statement into account that changes resources.
func (c *changes) note(query string, args []any) {
	if query == insertResource || query == updateResource {
		if key, ok := args[0].(int64); ok {
			c.keys = append(c.keys, search.Key(key))
			return
		}
	}
	c.unknown = true
}

var resourceWrites = regexp.MustCompile(`(?i)\b(?:into|from|update(?:\s+or\s+\w+)?)\s+["\[` + "`" + `]?(?:main\W+)?resource\b`)

// changesResources tells whether a statement may change rows of resource. What only
// reads them does not; of the rest, whatever names the table where one is written to
// does, but for what copies from it.
func changesResources(query string) bool {
	return !reads(query) && query != keepHistory && resourceWrites.MatchString(query)
}
