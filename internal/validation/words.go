package validation

import (
	"context"

	"tributary/fhir/path"
	"tributary/fhir/profile"
	"tributary/fhir/terminology"
	"tributary/fhir/ucum"
)

// words asks the terminology for one call.
func (s *Service) words(ctx context.Context) *words {
	return &words{ctx: ctx, Service: s.Records.Vocabulary(job), systems: map[string]*terminology.CodeSystem{}}
}

type words struct {
	ctx context.Context
	*terminology.Service
	systems map[string]*terminology.CodeSystem // nil of those that are not here
}

var (
	_ path.Terminology = (*words)(nil)
	_ profile.Systems  = (*words)(nil)
	_ profile.Reasons  = (*words)(nil)
)

// maxSystems bounds the code systems that one call looks for.
const maxSystems = 50

// MemberOf implements path.Terminology.
func (w *words) MemberOf(valueSet, system, code string) (member, known bool, err error) {
	return w.Member(w.ctx, valueSet, terminology.Coding{System: system, Code: code})
}

// Missing implements profile.Reasons.
func (w *words) Missing(valueSet, system, code string) string {
	return w.Service.Missing(w.ctx, valueSet, terminology.Coding{System: system, Code: code})
}

// Subsumes implements path.Terminology.
func (w *words) Subsumes(system, a, b string) (outcome string, known bool, err error) {
	found, known, err := w.Service.Subsumes(w.ctx, system, a, b)
	return string(found), known, err
}

// Look implements profile.Systems. That a code is not in a system of codes is doubtful
// only: a later version than the one that is here may have it. What is no unit by the
// grammar of units is none.
func (w *words) Look(system, version, code, display string) (wrong, doubtful string) {
	if system == ucum.System {
		if _, err := ucum.Parse(code); err != nil {
			return "this is no unit of UCUM; units are written as in mg/dL, mm[Hg], {beats}/min", ""
		}
		return "", ""
	}
	s := w.system(system, version)
	if s == nil || !s.Whole() {
		return "", ""
	}
	found := s.ValidateIn([]terminology.Coding{{System: s.URL, Code: code, Display: display}})
	switch {
	case found.Result:
	case found.Coding.Code == "":
		return "", "the code system " + shown(s.URL) + ", as it is known here, has no such code"
	default:
		return "", "the code system " + shown(s.URL) + " calls this code '" + found.Display + "'"
	}
	return "", ""
}

func (w *words) system(url, version string) *terminology.CodeSystem {
	if version != "" {
		url += "|" + version
	}
	s, asked := w.systems[url]
	if asked || len(w.systems) == maxSystems {
		return s
	}
	s, err := w.From.CodeSystem(w.ctx, url)
	if err != nil {
		s = nil // that it cannot be used is said where a value set draws on it
	}
	w.systems[url] = s
	return s
}
