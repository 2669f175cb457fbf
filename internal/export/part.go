package export

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/blob"
	"tributary/internal/store"
)

// part is a part that is being written.
type part struct {
	*run
	ref   store.PartRef
	asked []string // who may be in it
	taken int64
	bytes int64
	files map[string]*file
}

// file is one of its files, a type's.
type file struct {
	blob  blob.Writer
	w     *bufio.Writer
	count int64
	bytes int64
}

const contentType = "application/fhir+ndjson"

func (r *run) newPart(ctx context.Context) (*part, error) {
	r.parts++
	p := &part{run: r, ref: store.PartRef{Release: r.release.ID, Part: r.parts}, files: map[string]*file{}}
	return p, r.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.going(ctx, tx); err != nil {
			return err
		}
		return r.rows.AddPart(ctx, tx, p.ref)
	})
}

// going notes the progress, and fails when the release is over.
func (r *run) going(ctx context.Context, tx store.Tx) error {
	return over(r.rows.Progress(ctx, tx, r.release.ID, r.release.Attempt, r.written, r.total, r.release.At, r.Now()))
}

func (p *part) full() bool {
	return p != nil && (len(p.asked) >= p.PartMembers || p.bytes >= p.PartBytes)
}

// take writes those of a batch who permit it. ErrStale: the part is gone.
func (p *part) take(ctx context.Context, batch []string) error {
	members, err := p.list(ctx, batch)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := p.person(ctx, m); err != nil {
			return err
		}
	}
	p.written += int64(len(batch))
	p.taken += int64(len(batch))
	return nil
}

// list puts those who permit it on the part's list, before anything of theirs is
// read: a withdrawal that comes later finds them there.
func (p *part) list(ctx context.Context, batch []string) (members []store.ReleaseMember, err error) {
	return members, p.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		members = nil
		if err := p.going(ctx, tx); err != nil {
			return err
		}
		patients := make([]store.Ref, len(batch))
		for i, id := range batch {
			patients[i] = store.Ref{Type: "Patient", ID: id}
		}
		if _, err := tx.Lock(ctx, patients); err != nil {
			return err
		}
		for _, id := range batch {
			now, err := p.Consents.PermittedIn(ctx, tx, id)
			if err != nil {
				return err
			}
			if ehr, ok := p.tier.admits(p.actor, now); ok {
				members = append(members, store.ReleaseMember{Patient: id, EHR: ehr, Closed: now.Closed})
			}
		}
		if err := p.rows.AddMembers(ctx, tx, p.ref, members); err != nil || len(members) == 0 {
			return err
		}
		return p.Audit.Append(ctx, tx, p.actor, audit.PurposeOf(p.actor), told(members))
	})
}

// told is the event by which each participant learns of the export.
func told(members []store.ReleaseMember) audit.Event {
	e := audit.Event{Interaction: access.Export}
	for _, m := range members {
		e.Entities = append(e.Entities, audit.Entity{Type: "Patient", ID: m.Patient, Patients: []string{m.Patient}})
	}
	return e
}

// person writes what a participant permits, type by type.
func (p *part) person(ctx context.Context, m store.ReleaseMember) error {
	if err := p.lines.person(ctx, m); err != nil {
		return err
	}
	for _, typ := range p.release.Types {
		if err := p.ofType(ctx, typ, m.Patient); err != nil {
			return err
		}
	}
	for refs := p.lines.shared(); len(refs) > 0; refs = p.lines.shared() {
		if err := p.shared(ctx, refs); err != nil {
			return err
		}
	}
	return nil
}

func (p *part) ofType(ctx context.Context, typ, patient string) error {
	where, ok := p.within(typ, patient)
	if !ok {
		return nil
	}
	q := search.Query{Type: typ, Where: append([]search.Clause{where}, p.lines.narrow(typ)...), Count: pageSize}
	for page, err := range p.pages(ctx, q) {
		if err != nil {
			return err
		}
		if err := p.page(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// page writes resources: either all of them are in a compartment, or none is and
// each is written once in a release.
func (p *part) page(ctx context.Context, page []store.Resource) (err error) {
	if len(page) > 0 && slices.Contains(followed, page[0].Type) {
		if page, err = p.unshared(ctx, page); err != nil {
			return err
		}
	}
	for _, res := range page {
		if err := p.write(ctx, res); err != nil {
			return err
		}
	}
	return nil
}

// within is the condition that a resource is in the patient's compartment. A
// Device is in none, but names its patient.
func (r *run) within(typ, patient string) (search.Clause, bool) {
	if typ == "Patient" {
		return search.Clause{Param: &search.Param{Code: search.ID, Kind: search.Special}, AnyOf: []search.Value{search.IDValue{ID: patient}}}, true
	}
	code := search.Compartment
	if typ == "Device" {
		code = "patient"
	}
	param, ok := r.Registry.Lookup(typ, code)
	if !ok {
		return search.Clause{}, false
	}
	target := search.ReferenceValue{Targets: []int64{int64(search.KeyOf("Patient", patient))}}
	return search.Clause{Param: param.Rows(), AnyOf: []search.Value{target}}, true
}

// shared writes resources in nobody's compartment, each once in a release.
func (p *part) shared(ctx context.Context, refs []store.Ref) error {
	for some := range slices.Chunk(refs, pageSize) {
		found, err := p.view.ReadMany(ctx, some)
		if err != nil {
			return err
		}
		if err := p.page(ctx, found); err != nil {
			return err
		}
	}
	return nil
}

// unshared claims what may leave with this participant, and returns what the
// release did not hold.
func (p *part) unshared(ctx context.Context, found []store.Resource) (fresh []store.Resource, err error) {
	leaving := map[search.Key]store.Resource{}
	for _, res := range found {
		if res.Deleted || !slices.Contains(p.release.Types, res.Type) {
			continue
		}
		line, ok, err := p.lines.line(p.buf[:0], res)
		if p.buf = line; err != nil {
			return nil, err
		}
		if ok {
			leaving[res.Key()] = res
		}
	}
	if len(leaving) == 0 {
		return nil, nil
	}
	return fresh, p.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		fresh = nil
		keys, err := p.rows.Share(ctx, tx, p.ref, slices.Sorted(maps.Keys(leaving)))
		for _, k := range keys {
			fresh = append(fresh, leaving[k])
		}
		return err
	})
}

// write appends a resource to its type's file, if the tier lets it leave.
func (p *part) write(ctx context.Context, res store.Resource) error {
	if p.tier == registered && unfinished(res) {
		return nil
	}
	line, ok, err := p.lines.line(p.buf[:0], res)
	p.buf = line
	if err != nil || !ok {
		return err
	}
	f := p.files[res.Type]
	if f == nil {
		if f, err = p.create(ctx, res.Type); err != nil {
			return err
		}
	}
	line = append(line, '\n')
	p.buf = line
	f.count++
	f.bytes += int64(len(line))
	p.bytes += int64(len(line))
	_, err = f.w.Write(line)
	return err
}

// unfinished reports whether somebody has not sent the answers to a survey yet, or
// gave them up: they are given to research when they are sent.
func unfinished(res store.Resource) bool {
	if res.Type != "QuestionnaireResponse" {
		return false
	}
	var r struct{ Status string }
	err := json.Unmarshal(res.Body, &r)
	return err != nil || r.Status == "in-progress" || r.Status == "stopped"
}

func (p *part) create(ctx context.Context, typ string) (*file, error) {
	w, err := p.Blobs.Create(ctx, prefix(p.ref.Release, p.release.Attempt, p.ref.Part)+typ+".ndjson", contentType)
	if err != nil {
		return nil, err
	}
	f := &file{blob: w, w: bufio.NewWriterSize(w, 64<<10)}
	p.files[typ] = f
	return f, nil
}

// ready makes the files whole and, if everyone still permits it, lists them.
// ErrStale: somebody does not.
func (p *part) ready(ctx context.Context) error {
	var list []store.ReleaseFile
	for _, typ := range slices.Sorted(maps.Keys(p.files)) {
		f := p.files[typ]
		if err := errors.Join(f.w.Flush(), f.blob.Close()); err != nil {
			return err
		}
		list = append(list, store.ReleaseFile{Type: typ, Count: f.count, Bytes: f.bytes})
	}
	return p.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := p.going(ctx, tx); err != nil {
			return err
		}
		if err := p.stillPermitted(ctx, tx, p.tier, p.actor, p.ref); err != nil {
			return err
		}
		return p.rows.Ready(ctx, tx, p.ref, list)
	})
}

// stillPermitted asks everyone's consent again; ErrStale when one has changed.
func (s *Service) stillPermitted(ctx context.Context, db store.DB, t *tier, a access.Actor, ref store.PartRef) error {
	members, err := s.rows.Members(ctx, db, ref)
	if err != nil {
		return err
	}
	for _, m := range members {
		now, err := s.Consents.PermittedIn(ctx, db, m.Patient)
		if err != nil {
			return err
		}
		if ehr, ok := t.admits(a, now); !ok || m.EHR && !ehr {
			return store.ErrStale
		}
	}
	return nil
}

// drop gives a part up: nothing of it is to be seen.
func (p *part) drop(ctx context.Context) error {
	p.abort()
	p.written -= p.taken
	err := p.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return p.rows.Gone(ctx, tx, p.ref, p.Now()) })
	return errors.Join(err, p.Blobs.DeleteAll(ctx, prefix(p.ref.Release, p.release.Attempt, p.ref.Part)))
}

func (p *part) abort() {
	if p == nil {
		return
	}
	for _, f := range p.files {
		f.blob.Abort()
	}
}
