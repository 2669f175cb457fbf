package xml

import "bytes"

// space is a namespace, as far as it matters here.
type space uint8

const (
	unbound space = iota // of a prefix that was not declared
	none                 // of names without a prefix
	fhir
	xhtml
	schema   // http://www.w3.org/2001/XMLSchema-instance: xsi:schemaLocation
	reserved // of the prefix xml
	foreign
)

var spaces = map[string]space{
	"": none, fhirNamespace: fhir, xhtmlNamespace: xhtml, "http://www.w3.org/2001/XMLSchema-instance": schema,
	"http://www.w3.org/XML/1998/namespace": reserved,
}

// scope is what a prefix means from an element on down.
type scope struct {
	prefix []byte
	space  space
	depth  int
}

// bind notes what the tag's attributes say of namespaces.
func (s *scanner) bind() error {
	for _, a := range s.attrs {
		name := a.name.of(s.src)
		if !declares(name) {
			continue
		}
		prefix := bytes.TrimPrefix(name[len("xmlns"):], []byte{':'})
		space, ok := spaces[string(a.value.of(s.src))]
		switch {
		case !ok:
			space = foreign
		case space == none && len(prefix) > 0:
			return s.fail(int(a.name.start), "a prefix needs a namespace")
		}
		if reservedPrefix(prefix) {
			return s.fail(int(a.name.start), "this prefix is XML's own")
		}
		s.scopes = append(s.scopes, scope{prefix, space, s.depth})
	}
	return nil
}

// declares tells xmlns and xmlns:prefix.
func declares(name []byte) bool {
	return bytes.HasPrefix(name, []byte("xmlns")) && (len(name) == 5 || name[5] == ':' && len(name) > 6)
}

func reservedPrefix(prefix []byte) bool { return string(prefix) == "xml" || string(prefix) == "xmlns" }

// lookup tells what a prefix means here.
func (s *scanner) lookup(prefix []byte) space {
	for i := len(s.scopes) - 1; i >= 0; i-- {
		if bytes.Equal(s.scopes[i].prefix, prefix) {
			return s.scopes[i].space
		}
	}
	switch {
	case len(prefix) == 0:
		return none
	case string(prefix) == "xml":
		return reserved
	}
	return unbound
}

// close ends the scope of the element that was opened last.
func (s *scanner) close() {
	for n := len(s.scopes); n > 0 && s.scopes[n-1].depth == s.depth; n-- {
		s.scopes = s.scopes[:n-1]
	}
	s.depth--
}
