package validation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tributary/fhir"
	"tributary/fhir/profile"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
)

// findings are all that is to be said to a question.
func (s *Service) findings(ctx context.Context, q question) ([]fhir.Issue, error) {
	allowed, err := s.permitted(ctx, q)
	if err != nil {
		return nil, err
	}
	src := q.resource.Raw()
	if !q.resource.Exists() || q.mode == "profile" || q.mode == "delete" {
		stored, err := s.Records.Read(ctx, q.actor, q.typ, q.id)
		if err != nil {
			return nil, err
		}
		src = stored.Body
	}
	if q.mode == "delete" {
		return allowed, nil
	}
	content, err := s.content(ctx, q, src)
	return append(allowed, content...), err
}

// interactions are what a mode asks about.
var interactions = map[string]access.Interaction{"create": access.Create, "update": access.Update, "delete": access.Delete}

// permitted tells whether the client could do what the mode names.
func (s *Service) permitted(ctx context.Context, q question) ([]fhir.Issue, error) {
	interaction, asked := interactions[q.mode]
	if !asked {
		return nil, nil
	}
	_, err := s.Policy.Decide(ctx, q.actor, access.Request{Interaction: interaction, Type: q.typ, ID: q.id})
	if errs.Is(err, errs.Forbidden) {
		return []fhir.Issue{{Severity: "error", Code: "forbidden", Diagnostics: errs.Of(err).Safe}}, nil
	}
	return nil, err
}

// content is what is wrong with the resource itself.
func (s *Service) content(ctx context.Context, q question, src []byte) ([]fhir.Issue, error) {
	root, err := tree.Parse(src)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "%s/%s cannot be read back", q.typ, q.id)
	}
	issues := s.structure(q, root)
	if !fhir.IsResource(root.Get("resourceType").Text()) {
		return issues, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	asked := &asking{definitions: s.definitions, ctx: ctx, left: maxLookups}
	var profiles []*profile.Profile
	for _, canonical := range q.profiles {
		if base, fits := profile.OfType(canonical, root); base {
			if !fits {
				issues = append(issues, wrong("structure", root.Get("resourceType").Text(), "the profile is R4's own of another type; validate this against a profile of its type"))
			}
			continue
		}
		p, err := asked.Profile(canonical)
		switch {
		case err != nil:
			issues = append(issues, unusable(canonical, err.Error()))
		case p == nil:
			issues = append(issues, unusable(canonical, "it is not loaded; post its StructureDefinition, or have its package loaded"))
		default:
			profiles = append(profiles, p)
		}
	}
	seen := &targets{service: s, ctx: ctx, actor: q.actor, found: map[string]tree.Value{}}
	words := s.words(ctx)
	found := profile.Validate(root, profiles, profile.Options{
		Definitions: asked, Terminology: words, Systems: words, Target: seen.find, Now: s.Now(), Stopped: func() bool { return ctx.Err() != nil },
	})
	if asked.failed != nil && ctx.Err() == nil {
		return nil, asked.failed
	}
	return append(issues, issuesOf(found)...), nil
}

// patience bounds the time of one validation.
const patience = 20 * time.Second

// structure is what package fhir finds, and whether the resource is of this URL.
func (s *Service) structure(q question, root tree.Value) (issues []fhir.Issue) {
	var invalid *fhir.Invalid
	if _, err := fhir.Parse(root.Raw()); errors.As(err, &invalid) {
		issues = invalid.Issues
	}
	typ, id := root.Get("resourceType").Text(), root.Get("id").Text()
	switch {
	case fhir.IsResource(typ) && typ != q.typ:
		issues = append(issues, wrong("structure", typ, "the resource is of type %s, the URL is for %s", typ, q.typ))
	case q.mode == "update" && id == "":
		issues = append(issues, wrong("required", q.typ, "an update names the resource by its id; give it one"))
	case q.mode == "update" && q.id != "" && id != q.id:
		issues = append(issues, wrong("value", q.typ+".id", "the id of an update must be the URL's"))
	}
	return issues
}

func wrong(code, at, format string, args ...any) fhir.Issue {
	return fhir.Issue{Severity: "error", Code: code, Expression: at, Diagnostics: fmt.Sprintf(format, args...)}
}

// unusable tells that a profile which was asked for was not held against: an error,
// as nobody can say that the resource conforms.
func unusable(canonical, why string) fhir.Issue {
	return wrong("not-found", "", "the resource was not held against the profile %s: %s", shown(canonical), why)
}

const maxShown = 200

// shown is a canonical without what might not be one.
func shown(canonical string) string {
	return strings.Map(func(c rune) rune {
		if c <= ' ' || c > '~' || strings.ContainsRune(`"<>`, c) {
			return '?'
		}
		return c
	}, canonical[:min(len(canonical), maxShown)])
}

func issuesOf(found []profile.Issue) []fhir.Issue {
	list := make([]fhir.Issue, len(found))
	for i, f := range found {
		list[i] = fhir.Issue{Severity: f.Severity, Code: f.Code, Expression: f.Expression, Diagnostics: f.Text}
		if f.Profile != "" {
			list[i].Diagnostics += " [" + shown(f.Profile) + "]"
		}
	}
	return list
}

// outcome is the answer; without anything to say, that all went well.
func outcome(found []fhir.Issue) []byte { return fhir.OperationOutcome(found...) }
