package fhir

import (
	"net/url"
	"strings"
	"time"

	"tributary/fhir/tree"
)

// bundle makes the checks of a Bundle's own elements (R4, section 2.36.7 and
// the invariants of Bundle).
func (w *walker) bundle() {
	kind := w.node.Get("type").Text()
	urls := map[string]bool{}
	for entry := range w.node.Get("entry").Elements() {
		if entry.Kind() != tree.Object {
			continue
		}
		w.fullURL(entry.Get("fullUrl"), urls, kind == "transaction")
		request := entry.Get("request")
		switch {
		case request.Kind() == tree.Object:
			w.request(entry, request)
		case kind == "transaction" || kind == "batch":
			w.fault(entry, "invariant", "an entry of a batch or transaction must have a request (bdl-3)")
		}
	}
}

// fullURL must be absolute, and in a transaction be there once, for references
// between entries resolve by it (bdl-7).
func (w *walker) fullURL(v tree.Value, seen map[string]bool, unique bool) {
	if v.Kind() != tree.String {
		return
	}
	text := v.Text()
	if u, err := url.Parse(text); err != nil || u.Scheme == "" {
		w.fault(v, "value", "a fullUrl must be an absolute URL, or a urn:uuid or urn:oid")
	}
	if unique && seen[text] {
		w.fault(v, "duplicate", "two entries of a transaction must not have the same fullUrl (bdl-7)")
	}
	seen[text] = true
}

// carries says of each method whether its entry has a resource.
var carries = map[string]bool{"GET": false, "HEAD": false, "DELETE": false, "POST": true, "PUT": true, "PATCH": true}

func (w *walker) request(entry, request tree.Value) {
	method, target := request.Get("method").Text(), request.Get("url")
	for _, name := range []string{"method", "url"} {
		if !request.Get(name).Exists() && !request.Get("_"+name).Exists() {
			w.doubled(request, "required", `missing required field "`+name+`"`)
		}
	}
	needs, known := carries[method]
	asks := method == "POST" && asksOnly(target.Text())
	if has := entry.Get("resource").Exists(); known && has != needs && !asks {
		w.fault(entry, "invariant", resourceRule[needs])
	}
	if target.Exists() && !asks {
		w.target(method, target, entry.Get("resource"))
	}
	w.instant(request.Get("ifModifiedSince"))
}

// asksOnly reports whether a url names a search or an operation: POST to it creates
// nothing, and comes with a Parameters resource or with none.
func asksOnly(target string) bool {
	path, _, _ := strings.Cut(target, "?")
	last := path[strings.LastIndexByte(path, '/')+1:]
	return last == "_search" || strings.HasPrefix(last, "$")
}

var resourceRule = map[bool]string{
	true:  "an entry with this method must have a resource",
	false: "an entry with this method must not have a resource",
}

// target checks Bundle.entry.request.url. One that names another server is
// left to whoever carries out the request.
func (w *walker) target(method string, v, resource tree.Value) {
	u, err := url.Parse(v.Text())
	if err != nil || u.Path == "" && u.RawQuery == "" {
		w.fault(v, "value", "a request's url must be a URL, relative to the server's base")
		return
	}
	if u.Scheme == "" && resource.Get("resourceType").Exists() {
		w.sameType(method, v, strings.Trim(u.Path, "/"), resource)
	}
}

// sameType holds that POST and PUT name the type of the resource, and PUT its
// id when it has one (R4, section 3.1.0.4).
func (w *walker) sameType(method string, v tree.Value, path string, resource tree.Value) {
	typ, id, _ := strings.Cut(path, "/")
	own := resource.Get("id").Text()
	switch {
	case method != "POST" && method != "PUT":
	case typ != resource.Get("resourceType").Text():
		w.fault(v, "value", "the request's url must begin with the resource's type")
	case method == "POST" && id != "":
		w.fault(v, "value", "the url of a creation must be a resource type")
	case method == "PUT" && id != "" && own != "" && own != id:
		w.fault(v, "value", "the request's url and the resource must have the same id")
	}
}

func (w *walker) instant(v tree.Value) {
	if v.Kind() != tree.String {
		return
	}
	if _, err := time.Parse(time.RFC3339Nano, v.Text()); err != nil {
		w.doubled(v, "value", "expected instant")
	}
}
