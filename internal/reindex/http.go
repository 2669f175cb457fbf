package reindex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/store"
)

// Routes are the operations: $reindex of everything or of a type, its status, and
// the $status of a SearchParameter.
func (s *Service) Routes() []operation.Route {
	const status = "/$reindex-status/{job}"
	return []operation.Route{
		{Method: http.MethodPost, Path: "/$reindex", Name: "reindex", Definition: s.Base + "/OperationDefinition/reindex", Handle: s.kickOff,
			About:      "Indexes what is stored again, in the background: everything, some types, or what some SearchParameters find. For maintenance clients.",
			Parameters: []operation.Parameter{{Name: "type", Use: "in", Max: "*", Type: "code"}, {Name: "url", Use: "in", Max: "*", Type: "uri"}}},
		{Method: http.MethodPost, Path: "/{type:[A-Z][A-Za-z]+}/$reindex", Handle: s.kickOff},
		{Method: http.MethodGet, Path: status, Handle: s.status},
		{Method: http.MethodDelete, Path: status, Handle: s.cancel},
		{Method: http.MethodGet, Path: "/SearchParameter/{id}/$status", Name: "status", Definition: s.Base + "/OperationDefinition/SearchParameter-status",
			Types: []string{"SearchParameter"}, Handle: s.paramStatus},
	}
}

// maintenance refuses everybody else: what is asked costs as much as the data is
// large, and progress tells how much there is.
func maintenance(a access.Actor) error {
	if a.Role == access.Maintenance && slices.ContainsFunc(a.Scopes.Resource, wide) || a.Role == access.Operator {
		return nil
	}
	return errs.New(errs.Forbidden, "only a maintenance client with a scope that writes everything (system/*.cruds) works on the index")
}

func wide(scope access.Scope) bool {
	return scope.Context == "system" && scope.Type == "*" && scope.Letters&access.LetterU != 0
}

// askedFor is the reason of a job that a client began, and may cancel.
const askedFor = "asked for"

// bodyLimit bounds the Parameters of a kick-off.
const bodyLimit = 64 << 10

// maxTypes bounds what one request names; more is the whole.
const maxTypes = 50

// kickOff answers POST [base]/$reindex and [base]/[type]/$reindex: 202, and where the
// status is.
func (s *Service) kickOff(w http.ResponseWriter, r *http.Request, a access.Actor) error {
	if err := maintenance(a); err != nil {
		return err
	}
	in, err := operation.Read(w, r, bodyLimit)
	if err == nil {
		err = in.Only("type", "url")
	}
	if err != nil {
		return err
	}
	types, numbers, err := s.scope(mux.Vars(r)["type"], in.All("type"), in.All("url"))
	if err != nil {
		return err
	}
	job, err := s.Begin(r.Context(), a, askedFor, types, numbers)
	if err != nil {
		return err
	}
	if s.Audit != nil {
		what := audit.Event{Interaction: access.Update, Type: "reindex", Query: url.Values{"job": {job.ID}, "type": types}.Encode()}
		if err := s.Audit.Record(r.Context(), a, audit.PurposeOf(a), what); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Location", s.Base+"/$reindex-status/"+job.ID)
	return s.show(r.Context(), w, http.StatusAccepted, job.ID)
}

// scope is what a request names: types, and of url the custom parameters with their types.
func (s *Service) scope(typ string, types, urls []string) ([]string, []int32, error) {
	if typ != "" {
		types = append(types, typ)
	}
	if len(types) > maxTypes || len(urls) > maxTypes {
		return nil, nil, errs.New(errs.Invalid, "name at most %d; without a type, everything is indexed again", maxTypes).At("Parameters.parameter")
	}
	for _, name := range types {
		if !fhir.IsResource(name) || !s.indexed(name) {
			return nil, nil, errs.New(errs.Invalid, "type is the name of a resource type").At("Parameters.parameter")
		}
	}
	if len(urls) == 0 {
		return slices.Compact(slices.Sorted(slices.Values(types))), nil, nil
	}
	var numbers []int32
	var of []string
	for _, p := range s.Registry.Customs() {
		if slices.Contains(urls, p.URL) && (len(types) == 0 || slices.Contains(types, p.Type)) {
			numbers, of = append(numbers, p.Number), append(of, p.Type)
		}
	}
	if len(numbers) == 0 {
		return nil, nil, errs.New(errs.NotFound, "no active SearchParameter beside R4's own has that url; name types instead").At("Parameters.parameter")
	}
	return slices.Compact(slices.Sorted(slices.Values(of))), numbers, nil
}

// status answers 202 while a job is not over, and 200 then.
func (s *Service) status(w http.ResponseWriter, r *http.Request, a access.Actor) error {
	if err := maintenance(a); err != nil {
		return err
	}
	return s.show(r.Context(), w, 0, mux.Vars(r)["job"])
}

// show writes how far a job is; status 0 is the one that says so.
func (s *Service) show(ctx context.Context, w http.ResponseWriter, status int, id string) error {
	job, steps, err := s.Progress(ctx, id)
	if err != nil {
		return err
	}
	if status == 0 {
		status = http.StatusOK
	}
	if job.State.Open() {
		status = http.StatusAccepted
		w.Header().Set("Retry-After", "1")
		w.Header().Set("X-Progress", Sum(job, steps, s.Now()).String())
	}
	body, err := json.Marshal(parameters(job, steps, s.Now()))
	if err != nil {
		return err
	}
	operation.Answer(w, status, body)
	return nil
}

// Progress returns a job and its steps.
func (s *Service) Progress(ctx context.Context, id string) (store.Reindex, []store.ReindexStep, error) {
	job, err := s.jobs.Get(ctx, s.Store, id)
	if errors.Is(err, store.ErrNotFound) {
		return job, nil, errs.New(errs.NotFound, "there is no such job; it is forgotten a week after its end")
	}
	if err != nil {
		return job, nil, err
	}
	steps, err := s.jobs.Steps(ctx, s.Store, id)
	return job, steps, err
}

// cancel ends a job that was asked for; what it has done stays. A parameter that was
// to become searchable by it stays pending, until its $reindex is asked for again.
func (s *Service) cancel(w http.ResponseWriter, r *http.Request, a access.Actor) error {
	if err := maintenance(a); err != nil {
		return err
	}
	id := mux.Vars(r)["job"]
	job, _, err := s.Progress(r.Context(), id)
	if err != nil {
		return err
	}
	if job.Reason != askedFor && job.State.Open() {
		return errs.New(errs.Conflict, "this job was begun by the service itself, and cannot be cancelled; to be rid of a search parameter, retire its SearchParameter")
	}
	err = s.Store.Update(r.Context(), func(ctx context.Context, tx store.Tx) error {
		if err := s.params.Touch(ctx, tx); err != nil {
			return err
		}
		return s.jobs.Finish(ctx, tx, id, store.ReindexCancelled, "", s.Now())
	})
	if err != nil && !errors.Is(err, store.ErrStale) {
		return err
	}
	return s.show(r.Context(), w, http.StatusOK, id)
}

// paramStatus answers GET [base]/SearchParameter/[id]/$status: each of its types, and
// how far its job is. Whoever may read SearchParameters may ask.
func (s *Service) paramStatus(w http.ResponseWriter, r *http.Request, a access.Actor) error {
	if !slices.ContainsFunc(a.Scopes.Resource, readsParameters) {
		return errs.New(errs.Forbidden, "no scope of the token covers reading SearchParameters")
	}
	held, err := s.params.Of(r.Context(), s.Store, mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	if len(held) == 0 {
		return errs.New(errs.NotFound, "this SearchParameter is not in use: it is not active, not there, or R4's own parameter answers")
	}
	list := []object{}
	for _, p := range held {
		parts := []object{{"name": "type", "valueCode": p.Type}, {"name": "code", "valueCode": p.Code}, {"name": "state", "valueCode": string(p.State)}}
		if job, steps, err := s.Progress(r.Context(), p.Reindex); err == nil && p.State == store.ParamPending {
			parts = append(parts, object{"name": "progress", "valueString": Sum(job, steps, s.Now()).String()})
		}
		list = append(list, object{"name": "parameter", "part": parts})
	}
	body, err := json.Marshal(object{"resourceType": "Parameters", "parameter": list})
	if err != nil {
		return err
	}
	operation.Answer(w, http.StatusOK, body)
	return nil
}

func readsParameters(s access.Scope) bool {
	return (s.Type == "*" || s.Type == "SearchParameter") && s.Letters&access.LetterR != 0
}

type object = map[string]any

// parameters is a job as a Parameters resource.
func parameters(job store.Reindex, steps []store.ReindexStep, now time.Time) object {
	sum := Sum(job, steps, now)
	list := []object{
		{"name": "job", "valueString": job.ID}, {"name": "reason", "valueString": job.Reason}, {"name": "status", "valueCode": string(job.State)},
		{"name": "progress", "valueString": sum.String()}, {"name": "created", "valueInstant": instant(job.Created)},
	}
	for _, at := range []struct {
		name string
		time time.Time
	}{{"started", job.Started}, {"finished", job.Finished}} {
		if !at.time.IsZero() {
			list = append(list, object{"name": at.name, "valueInstant": instant(at.time)})
		}
	}
	list = append(list, counts("total", sum.ReindexCounts))
	for _, step := range steps {
		if step.Done+step.Total > 0 {
			list = append(list, counts(label(step), step.ReindexCounts))
		}
	}
	return object{"resourceType": "Parameters", "parameter": list}
}

func counts(name string, c store.ReindexCounts) object {
	return object{"name": name, "part": []object{
		{"name": "done", "valueDecimal": c.Done}, {"name": "of", "valueDecimal": c.Total}, {"name": "rowsAdded", "valueDecimal": c.Added},
		{"name": "rowsDropped", "valueDecimal": c.Dropped}, {"name": "errors", "valueDecimal": c.Failed},
	}}
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Summary is how far a job is as a whole.
type Summary struct {
	store.ReindexCounts
	State store.ReindexState
	Over  int // steps that are
	Steps int
	Rate  float64 // resources and rows a second
}

// Sum adds the steps up.
func Sum(job store.Reindex, steps []store.ReindexStep, now time.Time) Summary {
	sum := Summary{State: job.State, Steps: len(steps)}
	for _, s := range steps {
		sum.Done, sum.Total = sum.Done+s.Done, sum.Total+s.Total
		sum.Added, sum.Dropped, sum.Failed = sum.Added+s.Added, sum.Dropped+s.Dropped, sum.Failed+s.Failed
		if s.Over {
			sum.Over++
		}
	}
	if end := job.Finished; !job.Started.IsZero() {
		if end.IsZero() {
			end = now
		}
		sum.Rate = float64(sum.Done) / max(end.Sub(job.Started).Seconds(), 0.001)
	}
	return sum
}

func (s Summary) String() string {
	return fmt.Sprintf("%s: %d of %d steps, %d of %d resources and rows, %.0f a second; %d rows added, %d dropped, %d errors",
		s.State, s.Over, s.Steps, s.Done, s.Total, s.Rate, s.Added, s.Dropped, s.Failed)
}
