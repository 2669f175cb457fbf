// Package match answers Patient/$match (R4, operation Patient-match): which people
// of this server a description of a person may mean, and how surely.
//
// It works in two steps. Candidates are found by searches that an index answers
// (candidates.go): by identifier, telephone or mail address, by birth date with a
// part of a name, by name alone. Each is then compared with the description, feature
// by feature (compare.go); what agrees and what does not adds up to the weight of the
// evidence in bits, and that to a probability (Fellegi and Sunter's model). The
// grades follow from the probability:
//
//	certain   ≥ 0.99 and supported by an identifier, or by name, birth date and one more
//	probable  ≥ 0.9
//	possible  ≥ 0.3
//
// Anything less is no match. The searches are the actor's own: nobody is found who
// the actor could not find otherwise.
//
// Neighbours: internal/records searches; fhir/search folds names as the index does.
package match

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Searcher is what finds candidates: records.Service.
type Searcher interface {
	Search(ctx context.Context, actor access.Actor, q records.Search) (records.Page, error)
}

// Service answers $match.
type Service struct {
	records Searcher
	base    string // of the FHIR API, without a slash at the end
}

// New returns a Service.
func New(records Searcher, base string) *Service { return &Service{records, base} }

// Routes are the operation's places.
func (s *Service) Routes() []operation.Route {
	return []operation.Route{{
		Method: http.MethodPost, Path: "/Patient/$match", Name: "match", Types: []string{"Patient"},
		Definition: "http://hl7.org/fhir/OperationDefinition/Patient-match", Handle: s.answer,
	}}
}

const (
	maxBody      = 1 << 20
	defaultCount = 20
	maxCount     = 100
)

// found is a candidate with what speaks for it.
type found struct {
	store.Resource
	verdict
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := operation.Read(w, r, maxBody)
	if err != nil {
		return err
	}
	if err := in.Only("resource", "onlyCertainMatches", "count"); err != nil {
		return err
	}
	asked := in.Resource("resource")
	if asked.Get("resourceType").Text() != "Patient" {
		return errs.New(errs.Invalid, "the operation takes a parameter resource with a Patient").At("Parameters.parameter")
	}
	count, err := countOf(in.Text("count"))
	if err != nil {
		return err
	}
	matches, err := s.match(r.Context(), actor, asked)
	if err != nil {
		return err
	}
	if in.Text("onlyCertainMatches") == "true" {
		matches = certain(matches)
	}
	operation.Answer(w, http.StatusOK, s.bundle(matches[:min(count, len(matches))]))
	return nil
}

func countOf(text string) (int, error) {
	if text == "" {
		return defaultCount, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errs.New(errs.Invalid, "count is a whole number above 0").At("Parameters.parameter")
	}
	return min(n, maxCount), nil
}

// match lists who may be meant, the likeliest first.
func (s *Service) match(ctx context.Context, actor access.Actor, asked tree.Value) ([]found, error) {
	who := featuresOf(asked)
	candidates, err := s.candidates(ctx, actor, who)
	if err != nil {
		return nil, err
	}
	var matches []found
	for _, c := range candidates {
		root, err := tree.Parse(c.Body)
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "Patient/%s cannot be read back", c.ID)
		}
		if v := compare(who, featuresOf(root)); v.grade != "" {
			matches = append(matches, found{c, v})
		}
	}
	slices.SortStableFunc(matches, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(a.ID, b.ID))
	})
	return matches, nil
}

// certain is the one match that leaves no doubt: certain itself, while no other is
// even probable.
func certain(matches []found) []found {
	doubts := 0
	for _, m := range matches {
		if m.grade != possible {
			doubts++
		}
	}
	if doubts == 1 && matches[0].grade == sure {
		return matches[:1]
	}
	return nil
}

const gradeURL = "http://hl7.org/fhir/StructureDefinition/match-grade"

// bundle is the searchset of the matches, with score and grade.
func (s *Service) bundle(matches []found) []byte {
	b := append([]byte(`{"resourceType":"Bundle","type":"searchset","total":`), strconv.Itoa(len(matches))...)
	for i, m := range matches {
		if i == 0 {
			b = append(b, `,"entry":[`...)
		} else {
			b = append(b, ',')
		}
		url, _ := json.Marshal(s.base + "/Patient/" + m.ID) // a string cannot fail to encode
		b = append(append(append(b, `{"fullUrl":`...), url...), `,"resource":`...)
		b = append(b, m.Body...)
		b = append(b, `,"search":{"extension":[{"url":"`+gradeURL+`","valueCode":"`+string(m.grade)+`"}],"mode":"match","score":`...)
		b = strconv.AppendFloat(b, m.score, 'f', 4, 64)
		b = append(b, "}}"...)
	}
	if len(matches) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}
