package graphql

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/search"
	"tributary/fhir/tree"
)

// search answers XList and XConnection; of a resource, those that refer to it by the
// parameter that _reference names.
func (r *run) search(o *object, f *field, m meaning, from string, place []any) {
	o.slot(f.key, m.kind == list)
	query, cursor, err := r.parameters(f, m, from)
	if err == nil {
		err = r.call()
	}
	if err != nil {
		r.failAt(f.Field, err, place)
		return
	}
	page, err := r.source.Search(r.ctx, m.of, query, cursor, m.kind == connection && r.selects(f, "count"))
	if err == nil && m.kind == list && page.Next != "" && f.Arguments.ForName("_count") == nil {
		err = faultAt(f.Position, "more than "+wholeList+" match, and a List has all or says so; ask with _count, or for "+m.of+"Connection")
	}
	if err == nil {
		page.Resources, err = r.filterPage(f, page.Resources)
	}
	if err != nil {
		r.failAt(f.Field, err, place)
		return
	}
	r.resources += len(page.Resources)
	typ, _ := model.TypeOf(m.of)
	if m.kind == list {
		o.slot(f.key, true).items = []any{} // found nothing is not null
		r.emit(o, f, items(page.Resources, typ), false, true, false, "", place)
		return
	}
	r.connection(o, f, page, cursor, typ, place)
}

// wholeList is how many matches a List has room for.
const wholeList = "1000"

// filterPage answers the argument fhirpath of a search.
func (r *run) filterPage(f *field, resources []tree.Value) (kept []tree.Value, err error) {
	a := f.Arguments.ForName("fhirpath")
	if a == nil {
		return resources, nil
	}
	found, err := r.filterByPath(items(resources, nil), a)
	for _, one := range found {
		kept = append(kept, one.value)
	}
	return kept, err
}

func items(resources []tree.Value, typ *model.Type) []item {
	list := make([]item, len(resources))
	for i, v := range resources {
		list[i] = item{v, typ}
	}
	return list
}

// parameters are the arguments as those of a search: a GraphQL name has _ where the
// parameter has -, and any of several values will do.
func (r *run) parameters(f *field, m meaning, from string) (query []search.Pair, cursor string, err error) {
	reference := ""
	for _, a := range f.Arguments {
		texts, err := r.request.texts(a.Value)
		if err != nil {
			return nil, "", err
		}
		switch a.Name {
		case "fhirpath":
		case "_cursor", "cursor":
			if cursor = strings.Join(texts, ""); from != "" {
				return nil, "", faultAt(a.Position, "further pages are asked for at the root of a query")
			}
		case "_reference":
			reference = strings.Join(texts, ",")
			query = append(query, search.Pair{Name: hyphened(reference), Value: from})
		case "_offset", "_include", "_revinclude", "_contained", "_containedType":
			return nil, "", faultAt(a.Position, "a search takes no "+a.Name+" here")
		default:
			query = append(query, search.Pair{Name: hyphened(a.Name), Value: anyOf(a.Name, texts)})
		}
	}
	if (from == "") != (reference == "") {
		return nil, "", faultAt(f.Position, "below a resource, and only there, "+f.Name+" takes _reference: the search parameter that refers to the resource")
	}
	if m.kind == list && cursor == "" && f.Arguments.ForName("_count") == nil {
		query = append(query, search.Pair{Name: "_count", Value: wholeList})
	}
	return query, cursor, nil
}

// plainly are the parameters whose commas are their own.
var plainly = []string{"_sort", "_filter", "_elements", "_text", "_content"}

// anyOf is a value that asks for any of several; a comma in one of them is no
// separator, because GraphQL has lists for that.
func anyOf(name string, texts []string) string {
	if slices.Contains(plainly, name) {
		return strings.Join(texts, ",")
	}
	escaped := make([]string, len(texts))
	for i, text := range texts {
		escaped[i] = strings.ReplaceAll(strings.ReplaceAll(text, `\,`, ","), ",", `\,`)
	}
	return strings.Join(escaped, ",")
}

// hyphened is the search parameter's own name; a leading _ is part of it.
func hyphened(name string) string {
	if rest, ok := strings.CutPrefix(name, "_"); ok {
		return "_" + strings.ReplaceAll(rest, "_", "-")
	}
	return strings.ReplaceAll(name, "_", "-")
}

func (r *run) selects(f *field, name string) bool {
	for _, g := range r.collect(nil, f.sets) {
		if g.Name == name {
			return true
		}
	}
	return false
}

// connection answers a page with what a client needs to page. Pages go forward only:
// previous and last are null, as is offset after the first page.
func (r *run) connection(o *object, f *field, page Page, cursor string, typ *model.Type, place []any) {
	result := newObject()
	o.slot(f.key, false).items = []any{result}
	for _, g := range r.collect(nil, f.sets) {
		switch {
		case g.Name == "count" && page.Total >= 0:
			result.set(g.key, strconv.AppendInt(nil, page.Total, 10))
		case g.Name == "offset" && cursor == "":
			result.set(g.key, []byte("0"))
		case g.Name == "pagesize" || g.Name == "pageSize":
			result.set(g.key, strconv.AppendInt(nil, int64(len(page.Resources)), 10))
		case g.Name == "first" && page.First != "":
			result.set(g.key, appendString(nil, page.First))
		case g.Name == "next" && page.Next != "":
			result.set(g.key, appendString(nil, page.Next))
		case g.Name == "__typename":
			result.set(g.key, appendString(nil, typ.Name+"Connection"))
		case g.Name == "edges":
			r.edges(result, g, page, typ, append(place[:len(place):len(place)], g.key))
		default:
			result.slot(g.key, false)
		}
	}
}

// edges answers the entries of a page. Every one is a match; there are no scores.
func (r *run) edges(o *object, f *field, page Page, typ *model.Type, place []any) {
	s := o.slot(f.key, true)
	for i, found := range page.Resources {
		edge := newObject()
		s.items = append(s.items, edge)
		for _, g := range r.collect(nil, f.sets) {
			switch g.Name {
			case "mode":
				edge.set(g.key, []byte(`"match"`))
			case "resource":
				r.emit(edge, g, []item{{found, typ}}, false, false, false, "", append(place[:len(place):len(place)], i, g.key))
			case "__typename":
				edge.set(g.key, appendString(nil, typ.Name+"Edge"))
			default:
				edge.slot(g.key, false)
			}
		}
	}
}

// withType adds the resourceType to the JSON of a resource that does not say it.
func withType(body []byte, typ string) []byte {
	root, err := tree.Parse(body)
	if err != nil || root.Kind() != tree.Object || root.Get("resourceType").Exists() {
		return body
	}
	rest := bytes.TrimPrefix(body, []byte("{"))
	out := appendString([]byte(`{"resourceType":`), typ)
	if len(rest) > 1 {
		out = append(out, ',')
	}
	return append(out, rest...)
}
