package fhirserver

import (
	"context"
	"net/http"
	"strconv"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/records"
	"tributary/internal/store"
)

// readMeta answers Type/id/$meta: the meta of the current version.
func readMeta(s *Server, w http.ResponseWriter, r *request) error {
	found, err := s.config.Records.Read(r.Context(), r.actor, r.typ, r.id)
	if err != nil {
		return err
	}
	return answerMeta(w, found)
}

func answerMeta(w http.ResponseWriter, found store.Resource) error {
	root, err := tree.Parse(found.Body)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "%s/%s cannot be read back", found.Type, found.ID)
	}
	meta := []byte("{}")
	if own := root.Get("meta"); own.Exists() {
		meta = own.Raw()
	}
	versioned(w.Header(), found)
	writeMeta(w, meta)
	return nil
}

// writeMeta answers a Meta; Parameters without any where it is empty.
func writeMeta(w http.ResponseWriter, meta []byte) {
	b := []byte(`{"resourceType":"Parameters"`)
	if string(meta) != "{}" {
		b = append(append(append(b, `,"parameter":[{"name":"return","valueMeta":`...), meta...), "}]"...)
	}
	write(w, http.StatusOK, append(b, '}'))
}

// labelsInUse answers $meta of a type and of all: the labels that are in use.
func labelsInUse(s *Server, w http.ResponseWriter, r *request) error {
	if r.typ != "" && access.ClassOf(r.typ) == access.AuditTrail {
		return errs.New(errs.NotFound, "there is no such operation on %ss", r.typ)
	}
	meta, err := s.config.Records.Labels(r.Context(), r.actor, r.typ)
	if err != nil {
		return err
	}
	writeMeta(w, meta)
	return nil
}

type metaChange func(r *records.Service, ctx context.Context, actor access.Actor, typ, id string, meta tree.Value) (store.Resource, error)

// changeMeta answers Type/id/$meta-add and $meta-delete.
func changeMeta(change metaChange) handler {
	return func(s *Server, w http.ResponseWriter, r *request) error {
		in, err := operation.Read(w, r.Request, s.config.BodyLimit)
		if err != nil {
			return err
		}
		meta := in.Value("meta")
		if meta.Kind() != tree.Object {
			return errs.New(errs.Invalid, "the operation takes a parameter meta with a valueMeta").At("Parameters.parameter")
		}
		changed, err := change(s.config.Records, r.Context(), r.actor, r.typ, r.id, meta)
		if err != nil {
			return err
		}
		return answerMeta(w, changed)
	}
}

// lastn answers Observation/$lastn: the search, and max.
func lastn(s *Server, w http.ResponseWriter, r *request) error {
	pairs, err := s.input(w, r)
	if err != nil {
		return err
	}
	q, n := records.Search{Lenient: preferred(r.Request).lenient}, 1
	for _, p := range pairs {
		if p.Name != "max" {
			q.Query = append(q.Query, p)
			continue
		}
		if n, err = strconv.Atoi(p.Value); err != nil || n < 1 {
			return errs.New(errs.Invalid, "max is a whole number above 0").At("http.max")
		}
	}
	page, err := s.config.Records.LastN(r.Context(), r.actor, q, n)
	if err != nil {
		return err
	}
	page.Used = append([]search.Pair{{Name: "max", Value: strconv.Itoa(n)}}, page.Used...)
	body, err := s.searchset(r, "Observation/$lastn", pairs, page)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, body)
	return nil
}
