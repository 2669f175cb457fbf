package profile

import (
	"strings"

	"tributary/fhir/tree"
)

// Systems tells of codes in their systems, whatever they are bound to.
type Systems interface {
	// Look holds a code, and the display beside it, against its system: wrong says why
	// it is no code of that, doubtful what should be looked at. Both are "" where
	// nothing is to be said, or the system is not known; they quote definitions only.
	Look(system, version, code, display string) (wrong, doubtful string)
}

// inSystem holds what has a system: that it is an absolute URI, and that the code is one of it.
func (r *run) inSystem(it item) {
	name := it.typ.Name
	coding := name == "Coding" || it.typ.Is("Quantity")
	if !coding && name != "Identifier" {
		return
	}
	system := it.node.Get("system")
	if why := notAbsolute(system.Text()); why != "" {
		r.fault("value", system, "%s", why)
		return
	}
	text := it.node.Get("code").Text()
	if !coding || text == "" || system.Text() == "" || r.o.Systems == nil {
		return
	}
	wrong, doubtful := r.o.Systems.Look(system.Text(), it.node.Get("version").Text(), text, it.node.Get("display").Text())
	if wrong != "" {
		r.fault("code-invalid", it.node.Get("code"), "%s", wrong)
	}
	if doubtful != "" {
		r.issue("warning", "code-invalid", it.node.Get("code"), "", "%s", doubtful)
	}
}

// notAbsolute tells what is wrong with the URI of a system (R4, sections 2.24.0.5 and
// 2.24.0.12): "" for one that is absolute, and for none.
func notAbsolute(uri string) string {
	scheme, rest, ok := strings.Cut(uri, ":")
	switch {
	case uri == "":
	case !ok || scheme == "" || rest == "":
		return "a system is an absolute URI, such as http://loinc.org or urn:oid:2.16.840.1.113883.6.1"
	case strings.HasPrefix(uri, "urn:oid:") && !isOID(uri[8:]):
		return "after urn:oid: there are numbers with dots between them"
	case strings.HasPrefix(uri, "urn:uuid:") && !isUUID(uri[9:]):
		return "after urn:uuid: there is a UUID in small letters, such as c757873d-ec9a-4326-a141-556f43239520"
	}
	return ""
}

func isOID(text string) bool {
	arcs := strings.Split(text, ".")
	for _, arc := range arcs {
		if arc == "" || strings.Trim(arc, "0123456789") != "" || len(arc) > 1 && arc[0] == '0' {
			return false
		}
	}
	return len(arcs) > 1 && arcs[0] <= "2" && len(arcs[0]) == 1
}

func isUUID(text string) bool {
	groups := strings.Split(text, "-")
	if len(text) != 36 || len(groups) != 5 {
		return false
	}
	for i, n := range []int{8, 4, 4, 4, 12} {
		if len(groups[i]) != n || strings.Trim(groups[i], "0123456789abcdef") != "" {
			return false
		}
	}
	return true
}

// OfType tells whether a canonical is that of R4's own definition of a type, against
// which a resource is held in any case, and if so whether the resource is of that type.
func OfType(canonical string, resource tree.Value) (base, fits bool) {
	name := baseType(canonical)
	return name != "", name != "" && isType(rootItem(resource).typ, name)
}
