package export

import (
	"context"
	"errors"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/export/deid"
	"tributary/internal/records"
	"tributary/internal/store"
)

// rare is how many people a demographic code must be of, or fewer, not to leave.
const rare = 20

func registeredTypes(_ context.Context, s *Service, a access.Actor) ([]string, error) {
	var types []string
	for _, typ := range deid.Registered().Types() {
		_, covered, err := access.ExportOf(s.Registry, a, typ)
		if err != nil {
			return nil, err
		}
		if covered {
			types = append(types, typ)
		}
	}
	if len(types) == 0 {
		return nil, errs.New(errs.Forbidden, "no scope of the token covers what could be exported")
	}
	return types, nil
}

// admitsResearch: who takes part, with health records where they are shared.
func admitsResearch(_ access.Actor, p access.Permissions) (ehr, ok bool) {
	ok = p.Research && !p.Withdrawn
	return ok && p.EHR, ok
}

// permitted tells by a resource's origin whether it leaves. What has none, or is
// the program's own, does not.
var permitted = map[records.Origin]func(m store.ReleaseMember) bool{
	records.Survey:      func(store.ReleaseMember) bool { return true },
	records.Measurement: func(store.ReleaseMember) bool { return true },
	records.FromEHR:     func(m store.ReleaseMember) bool { return m.EHR },
}

// registeredLines is the registered tier: origins by consent, then package deid.
type registeredLines struct {
	run      *run
	release  *deid.Release
	narrowed map[string][]search.Clause // what granular scopes ask
	member   store.ReleaseMember
	about    *deid.Person
	given    int // how many of about.Shared were handed out
}

func openRegistered(ctx context.Context, r *run) (lines, error) {
	key, err := r.Sealer.Open(r.release.Secret, sealedFor(r.release.ID))
	if err != nil {
		return nil, err
	}
	common, err := r.commonCodes(ctx)
	if err != nil {
		return nil, err
	}
	release, err := deid.New(deid.Config{Rules: deid.Registered(), Key: key, Types: r.release.Types, At: r.release.At, Common: common})
	l := &registeredLines{run: r, release: release, narrowed: map[string][]search.Clause{}}
	for _, typ := range r.release.Types {
		narrow, covered, scopeErr := access.ExportOf(r.Registry, r.actor, typ)
		if scopeErr == nil && !covered {
			scopeErr = errs.New(errs.Forbidden, "no scope of the token covers %s", typ)
		}
		l.narrowed[typ], err = narrow, errors.Join(err, scopeErr)
	}
	return l, err
}

// commonCodes counts the demographics of those who will be in the release.
func (r *run) commonCodes(ctx context.Context) (map[deid.Code]bool, error) {
	counts := map[deid.Code]int{}
	for batch, err := range r.batches(ctx) {
		if err != nil {
			return nil, err
		}
		if err := r.count(ctx, batch, counts); err != nil {
			return nil, err
		}
	}
	common := map[deid.Code]bool{}
	for c, n := range counts {
		common[c] = n > rare
	}
	return common, nil
}

func (r *run) count(ctx context.Context, batch []string, counts map[deid.Code]int) error {
	var in []store.Ref
	for _, id := range batch {
		p, err := r.Consents.PermittedIn(ctx, r.Store, id)
		if err != nil {
			return err
		}
		if _, ok := r.tier.admits(r.actor, p); ok {
			in = append(in, store.Ref{Type: "Patient", ID: id})
		}
	}
	found, err := r.view.ReadMany(ctx, in)
	for _, p := range found {
		if root, err := tree.Parse(p.Body); err == nil {
			for _, c := range deid.Demographics(root) {
				counts[c]++
			}
		}
	}
	return err
}

func (l *registeredLines) narrow(typ string) []search.Clause { return l.narrowed[typ] }

func (l *registeredLines) person(ctx context.Context, m store.ReleaseMember) error {
	id, days, err := l.run.Participants.ResearchID(ctx, m.Patient)
	l.member, l.given, l.about = m, 0, &deid.Person{Patient: m.Patient, Research: id, ShiftDays: days}
	return err
}

func (l *registeredLines) line(dst []byte, res store.Resource) ([]byte, bool, error) {
	root, err := tree.Parse(res.Body)
	if err != nil {
		return dst, false, err
	}
	if res.Type == "Patient" {
		out, ok := l.release.Write(dst, root, l.about)
		return out, ok, nil
	}
	if closed := l.member.Closed; !closed.IsZero() && res.Updated.After(closed) {
		return dst, false, nil // recorded after the participant had gone
	}
	origin := originOf(root)
	if allows := permitted[origin]; allows == nil || !allows(l.member) {
		return dst, false, nil
	}
	out, ok := l.release.Write(dst, root, l.about)
	if ok {
		out = labelled(out, origin)
	}
	return out, ok, nil
}

// labelled adds the origin to a de-identified resource: which consent it left
// under, and whether a survey, a center or a provider said it.
func labelled(out []byte, origin records.Origin) []byte {
	out = append(out[:len(out)-1], `,"meta":{"tag":[{"system":"`+records.OriginSystem+`","code":"`...)
	return append(append(out, origin...), `"}]}}`...)
}

func (l *registeredLines) shared() []store.Ref {
	var refs []store.Ref
	for _, ref := range l.about.Shared[l.given:] {
		refs = append(refs, store.Ref(ref))
	}
	l.given = len(l.about.Shared)
	return refs
}

// originOf is the origin that the server stamped; "" also where there are two.
func originOf(root tree.Value) records.Origin {
	var origin records.Origin
	for tag := range root.At("meta", "tag").Elements() {
		if tag.Get("system").Text() != records.OriginSystem {
			continue
		}
		if origin != "" {
			return ""
		}
		origin = records.Origin(tag.Get("code").Text())
	}
	return origin
}
