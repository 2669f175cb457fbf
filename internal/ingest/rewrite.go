package ingest

import (
	"slices"
	"strconv"
	"strings"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/store"
)

// followed are the types that are fetched when a pulled resource refers to them:
// they belong to no patient, and a record is not readable without them.
var followed = []string{"Binary", "Device", "Location", "Medication", "Organization", "Practitioner", "PractitionerRole"}

// rewriting turns a provider's references into ours, in place.
type rewriting struct {
	edits []tree.Edit
	refs  []store.Ref // provider's names of what is to be followed
}

// rewrite finds every reference to a resource of the provider in a resource,
// and the links of attachments to its Binaries.
func (r *run) rewrite(res *fhir.Resource, refs []fhir.Reference) rewriting {
	var w rewriting
	for _, ref := range refs {
		r.one(&w, ref.Value, ref.Text)
	}
	res.Root.Walk(func(v tree.Value) bool {
		if v.Key() == "url" && v.Kind() == tree.String && strings.Contains(v.Text(), "Binary/") && v.Parent().Get("contentType").Exists() {
			r.one(&w, v, v.Text())
		}
		return true
	})
	return w
}

func (r *run) one(w *rewriting, at tree.Value, text string) {
	typ, id, ok := r.local(text)
	if !ok {
		return
	}
	w.edits = append(w.edits, tree.Replace(at, strconv.AppendQuote(nil, typ+"/"+r.ours(typ, id))))
	if slices.Contains(followed, typ) {
		w.refs = append(w.refs, store.Ref{Type: typ, ID: id})
	}
}

// local recognises a reference to a resource of the provider: relative, or
// absolute below its FHIR base.
func (r *run) local(text string) (typ, id string, ok bool) {
	ref := fhir.ParseReference(text)
	switch ref.Kind {
	case fhir.RefLiteral:
		return ref.Type, ref.ID, true
	case fhir.RefAbsolute:
		return ref.Type, ref.ID, ref.Type != "" && ref.Base == strings.TrimRight(r.provider.FHIRBase, "/")
	}
	return "", "", false
}

// ours is our id of the provider's resource; its patient is the participant.
func (r *run) ours(typ, id string) string {
	if typ == "Patient" && id == r.creds.Patient {
		return r.connection.Patient
	}
	return r.id(r.provider.ID, typ, id)
}

// misplaced says why a resource is no part of this record, "" when it is: it is
// about patients, and none of them is the one whose record is shared; or it names
// our own records, which a provider has no way to know. A provider's mistake must
// not spread.
func (r *run) misplaced(resource string, refs []fhir.Reference) string {
	mine, others := false, false
	for _, ref := range refs {
		typ, id, ok := r.local(ref.Text)
		switch {
		case !ok && r.Base != "" && fhir.ParseReference(ref.Text).Base == r.Base:
			return "the resource refers to a record of this service"
		case ok && typ == "Patient":
			mine, others = mine || id == r.creds.Patient, others || id != r.creds.Patient
		}
	}
	if others && !mine && fhir.InPatientCompartment(resource) {
		return "the resource is about another patient"
	}
	return ""
}
