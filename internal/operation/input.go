package operation

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// Input are the parameters of one call, in the order in which they came.
type Input struct {
	pairs []search.Pair // of the URL or a form
	body  tree.Value    // the Parameters resource, or the resource that stands for it
}

// Given are the parameters that a Parameters resource has, of a call that no request made.
func Given(parameters tree.Value) Input { return Input{body: parameters} }

// Read reads the parameters of the URL and, when it is posted, of a form, of a
// Parameters resource, or of a bare resource (R4, section 3.2.0.1.1: an operation
// with one resource as its input takes it as the body). A body has at most limit
// bytes, and what stands in it is valid R4.
func Read(w http.ResponseWriter, r *http.Request, limit int64) (Input, error) {
	return read(w, r, limit, func(body []byte) (tree.Value, error) {
		resource, err := fhir.Parse(body)
		if err != nil {
			return tree.Value{}, errs.Wrap(err, errs.Invalid, "this is no valid R4 resource")
		}
		return resource.Root, nil
	})
}

// ReadUnchecked is Read for operations to which faults in a resource are no faults of
// the request: the body is a JSON object, and need not be valid R4.
func ReadUnchecked(w http.ResponseWriter, r *http.Request, limit int64) (Input, error) {
	return read(w, r, limit, func(body []byte) (tree.Value, error) {
		root, err := tree.Parse(body)
		switch {
		case err != nil:
			return root, errs.Wrap(err, errs.Invalid, "the body is %v", err)
		case root.Kind() != tree.Object:
			return root, errs.New(errs.Invalid, "the body must be a resource, a JSON object")
		}
		return root, nil
	})
}

func read(w http.ResponseWriter, r *http.Request, limit int64, parse func(body []byte) (tree.Value, error)) (in Input, err error) {
	if in.pairs, err = records.Pairs(r.URL.RawQuery); err != nil || r.Method != http.MethodPost || r.ContentLength == 0 {
		return in, err
	}
	body, err := readAll(w, r, limit)
	if err != nil || len(body) == 0 {
		return in, err
	}
	switch typ := mediaType(r); {
	case typ == form:
		more, err := records.Pairs(string(body))
		in.pairs = append(in.pairs, more...)
		return in, err
	case !slices.Contains([]string{JSON, "application/json", "text/json", "application/json+fhir"}, typ): // XML has become JSON before
		return in, errs.New(errs.Unsupported, "the body must be %s or %s, or a form (%s)", JSON, XML, form)
	}
	in.body, err = parse(body)
	return in, err
}

func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, errs.New(errs.TooLarge, "the body is over the limit of %d bytes", limit)
	case err != nil:
		return nil, errs.Wrap(err, errs.Invalid, "the body ended early")
	}
	return body, nil
}

func mediaType(r *http.Request) string {
	header := r.Header.Get("Content-Type")
	typ, _, err := mime.ParseMediaType(header)
	if err != nil {
		typ, _, _ = strings.Cut(header, ";")
	}
	return strings.ToLower(strings.TrimSpace(typ))
}

// Body is the resource that was posted: the Parameters, or a bare one.
func (in Input) Body() tree.Value { return in.body }

// parts are the parameters of the Parameters resource.
func (in Input) parts(yield func(tree.Value) bool) {
	if in.body.Get("resourceType").Text() != "Parameters" {
		return
	}
	for p := range in.body.Get("parameter").Elements() {
		if !yield(p) {
			return
		}
	}
}

// Pairs are the parameters as they would stand in a URL. One that is no primitive
// is an error: an operation that takes such reads it with Value or Resource.
func (in Input) Pairs() ([]search.Pair, error) {
	pairs := slices.DeleteFunc(slices.Clone(in.pairs), func(p search.Pair) bool { return p.Name == "_graphql" })
	if typ := in.body.Get("resourceType").Text(); typ != "" && typ != "Parameters" {
		return nil, errs.New(errs.Invalid, "the operation takes a Parameters resource").At(typ)
	}
	for p := range in.parts {
		value := valueOf(p)
		if !slices.Contains([]tree.Kind{tree.String, tree.Number, tree.Bool}, value.Kind()) {
			return nil, errs.New(errs.Invalid, "this parameter takes a primitive value").At(p.Expression())
		}
		pairs = append(pairs, search.Pair{Name: p.Get("name").Text(), Value: value.Text()})
	}
	return pairs, nil
}

// All are the texts of a parameter's primitive values.
func (in Input) All(name string) (texts []string) {
	for _, p := range in.pairs {
		if p.Name == name {
			texts = append(texts, p.Value)
		}
	}
	for _, v := range in.Values(name) {
		if v.Kind() != tree.Object {
			texts = append(texts, v.Text())
		}
	}
	return texts
}

// Text is the first of them; "" without one.
func (in Input) Text(name string) string {
	if all := in.All(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// Values are the value[x] of a parameter's repetitions in the body: a Coding, say.
// Their Key tells the type: valueCoding.
func (in Input) Values(name string) (values []tree.Value) {
	for p := range in.parts {
		if v := valueOf(p); v.Exists() && p.Get("name").Text() == name {
			values = append(values, v)
		}
	}
	return values
}

// Value is the first of them; it does not exist without one.
func (in Input) Value(name string) tree.Value {
	if all := in.Values(name); len(all) > 0 {
		return all[0]
	}
	return tree.Value{}
}

// Parameters are the repetitions of a parameter in the body, with their parts.
func (in Input) Parameters(name string) (list []tree.Value) {
	for p := range in.parts {
		if p.Get("name").Text() == name {
			list = append(list, p)
		}
	}
	return list
}

// Resource is the resource that a parameter carries, or the bare body; it does not
// exist without either.
func (in Input) Resource(name string) tree.Value {
	for p := range in.parts {
		if p.Get("name").Text() == name && p.Get("resource").Exists() {
			return p.Get("resource")
		}
	}
	if typ := in.body.Get("resourceType").Text(); typ != "" && typ != "Parameters" {
		return in.body
	}
	return tree.Value{}
}

// Names are those of all parameters that were given, as they came.
func (in Input) Names() (names []string) {
	for _, p := range in.pairs {
		names = append(names, p.Name)
	}
	for p := range in.parts {
		names = append(names, p.Get("name").Text())
	}
	return names
}

// ofTransport are the parameters that every operation takes: they shape its answer.
var ofTransport = []string{"_format", "_pretty", "_graphql"}

// Only makes sure that no parameter but these was given, besides the transport's own.
func (in Input) Only(known ...string) error {
	for _, name := range in.Names() {
		if !slices.Contains(ofTransport, name) && !slices.Contains(known, name) {
			return errs.New(errs.Invalid, "the operation takes the parameters %s", strings.Join(known, ", ")).At("Parameters.parameter")
		}
	}
	return nil
}

// valueOf is the value[x] of a parameter.
func valueOf(p tree.Value) tree.Value {
	for m := p.First(); m.Exists(); m = m.Next() {
		if name := m.Key(); len(name) > 5 && name[:5] == "value" {
			return m
		}
	}
	return tree.Value{}
}
