package program

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	study "tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/operation"
	"tributary/internal/records"
)

// Routes are the places of Patient/$eligibility: which steps of the study are open
// to somebody, why others are not, and the milestones that were reached.
func (s *Service) Routes() []operation.Route {
	get := operation.Route{Method: http.MethodGet, Path: "/Patient/{id}/$eligibility", Name: "eligibility", Types: []string{"Patient"},
		Definition: s.Base + "/OperationDefinition/Patient-eligibility", Handle: s.answer,
		About:      "Which steps of the study are open to a participant now, which conditions of the others are unmet, and the milestones that were reached.",
		Parameters: outcome}
	post := operation.Route{Method: http.MethodPost, Path: get.Path, Handle: s.answer}
	return []operation.Route{get, post}
}

func out(name string, min int, max, typ string, parts ...operation.Parameter) operation.Parameter {
	return operation.Parameter{Name: name, Use: "out", Min: min, Max: max, Type: typ, Part: parts}
}

// outcome are the parameters of the answer.
var outcome = []operation.Parameter{
	out("step", 0, "*", "", out("code", 1, "1", "code"), out("title", 1, "1", "string"), out("eligible", 1, "1", "boolean"),
		out("unmet", 0, "*", "", out("code", 1, "1", "code"), out("text", 1, "1", "string"))),
	out("milestone", 0, "*", "", out("code", 1, "1", "code"), out("title", 1, "1", "string"), out("date", 1, "1", "dateTime")),
}

const maxParameters = 1 << 16

// shows are the types that the answer tells of: whoever may not search them for
// the Patient does not learn it here.
var shows = []string{"Consent", "QuestionnaireResponse", "Appointment"}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := operation.Read(w, r, maxParameters)
	if err != nil {
		return err
	}
	if err := in.Only(); err != nil {
		return err
	}
	patient := mux.Vars(r)["id"]
	if err := s.mayKnow(r.Context(), actor, patient); err != nil {
		return err
	}
	all, err := s.Standing(r.Context(), patient)
	if err != nil {
		return err
	}
	body, err := json.Marshal(all.parameters())
	if err == nil {
		operation.Answer(w, http.StatusOK, body)
	}
	return err
}

// mayKnow asks the policy, and the audit notes it: the actor reads the Patient, and
// could find what the answer is made of.
func (s *Service) mayKnow(ctx context.Context, actor access.Actor, patient string) error {
	if _, err := s.Records.Read(ctx, actor, "Patient", patient); err != nil {
		return err
	}
	for _, typ := range shows {
		q := records.Search{Type: typ, Query: []search.Pair{{Name: "patient", Value: "Patient/" + patient}, {Name: "_summary", Value: "count"}}}
		if _, err := s.Records.Search(ctx, actor, q); err != nil {
			return err
		}
	}
	return nil
}

// parameter is one of the answer.
type parameter struct {
	Name    string       `json:"name"`
	Code    string       `json:"valueCode,omitempty"`
	String  string       `json:"valueString,omitempty"`
	Texts   *translation `json:"_valueString,omitempty"`
	Boolean *bool        `json:"valueBoolean,omitempty"`
	Date    string       `json:"valueDateTime,omitempty"`
	Part    []parameter  `json:"part,omitempty"`
}

// translation holds a text in further languages, by the standard extension.
type translation struct {
	Extension []extension `json:"extension"`
}

type extension struct {
	URL       string      `json:"url"`
	Extension []extension `json:"extension,omitempty"`
	Code      string      `json:"valueCode,omitempty"`
	String    string      `json:"valueString,omitempty"`
}

const translationURL = "http://hl7.org/fhir/StructureDefinition/translation"

// text is a text in English, with its translations.
func text(name string, t study.Text) parameter {
	p := parameter{Name: name, String: t.String()}
	for _, lang := range t.Languages() {
		if lang == "en" {
			continue
		}
		if p.Texts == nil {
			p.Texts = &translation{}
		}
		p.Texts.Extension = append(p.Texts.Extension, extension{URL: translationURL, Extension: []extension{
			{URL: "lang", Code: lang}, {URL: "content", String: t.In(lang)}}})
	}
	return p
}

type parameters struct {
	ResourceType string      `json:"resourceType"`
	Parameter    []parameter `json:"parameter,omitempty"`
}

func (all Standing) parameters() parameters {
	p := parameters{ResourceType: "Parameters"}
	for _, s := range all.Steps {
		p.Parameter = append(p.Parameter, s.parameter())
	}
	for _, m := range all.Milestones {
		p.Parameter = append(p.Parameter, parameter{Name: "milestone", Part: []parameter{
			{Name: "code", Code: m.Name}, text("title", m.Title), {Name: "date", Date: m.At.UTC().Format(time.RFC3339)}}})
	}
	return p
}

func (s Step) parameter() parameter {
	eligible := s.Eligible()
	parts := []parameter{{Name: "code", Code: s.ID}, text("title", s.Title), {Name: "eligible", Boolean: &eligible}}
	for _, b := range s.Unmet {
		parts = append(parts, parameter{Name: "unmet", Part: []parameter{{Name: "code", Code: b.Code}, text("text", b.Text)}})
	}
	return parameter{Name: "step", Part: parts}
}
