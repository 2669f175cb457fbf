package records

import (
	"bytes"
	"encoding/json"
	"iter"

	"tributary/fhir/search"
)

var referenceName = []byte(`"reference"`)

// references are the resources of this server that a body's References name, found
// in its bytes: as a member's name, the text cannot be inside of a string.
func references(body []byte, base string) iter.Seq[search.Ref] {
	return func(yield func(search.Ref) bool) {
		for rest := body; ; {
			i := bytes.Index(rest, referenceName)
			if i < 0 {
				return
			}
			rest = rest[i+len(referenceName):]
			text := stringAfterColon(rest)
			if typ, id, ok := search.Own(text, base); ok && !yield(search.Ref{Type: typ, ID: id}) {
				return
			}
		}
	}
}

// stringAfterColon is the string that a member's value is, "" when it is none.
func stringAfterColon(b []byte) string {
	value, named := bytes.CutPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte(":"))
	value = bytes.TrimLeft(value, " \t\r\n")
	if !named || len(value) == 0 || value[0] != '"' {
		return ""
	}
	end := 1
	for end < len(value) && value[end] != '"' {
		if value[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(value) {
		return ""
	}
	if bytes.IndexByte(value[:end], '\\') < 0 {
		return string(value[1:end])
	}
	var text string
	if json.Unmarshal(value[:end+1], &text) != nil {
		return ""
	}
	return text
}
