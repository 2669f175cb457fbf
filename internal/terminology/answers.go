package terminology

import (
	"context"
	"errors"
	"slices"
	"time"

	"tributary/fhir/path"
	"tributary/fhir/terminology"
	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/operation"
)

// maxAsked bounds the calls of one Answers: an expression may stand in a loop.
const maxAsked = 100

// Answers are what a Service of codes tells FHIRPath: memberOf() and the like, and, by
// the operations served here, %terminologies. It is good for one request.
type Answers struct {
	*terminology.Facts
	ctx     context.Context
	service *terminology.Service
	now     time.Time
	asked   int
}

var _ path.Terminologies = (*Answers)(nil)

// NewAnswers answers within one request.
func NewAnswers(ctx context.Context, s *terminology.Service, now time.Time) *Answers {
	return &Answers{Facts: s.Facts(ctx), ctx: ctx, service: s, now: now}
}

// Ask implements path.Terminologies: what an operation refuses has no answer.
func (a *Answers) Ask(name string, parameters []byte) (answer tree.Value, known bool, err error) {
	if a.asked++; a.asked > maxAsked {
		return answer, false, errs.New(errs.TooCostly, "%%terminologies is asked more than %d times", maxAsked)
	}
	i := slices.IndexFunc(operations, func(o op) bool { return o.typ+"/$"+o.name == name })
	sent, err := tree.Parse(parameters)
	if i < 0 || err != nil {
		return answer, false, err
	}
	c := &call{Context: a.ctx, Service: a.service, in: operation.Given(sent), typ: operations[i].typ, now: a.now}
	if c.in.Only(operations[i].parameters...) != nil {
		return answer, false, nil
	}
	body, err := operations[i].answer(c)
	if refused(err) {
		return answer, false, nil
	}
	if err == nil {
		answer, err = tree.Parse(body)
	}
	return answer, err == nil, err
}

// refused tells that an error is an answer to who asked, and not a failure of ours.
func refused(err error) bool {
	var fault *terminology.Fault
	if errors.As(err, &fault) {
		return true
	}
	return err != nil && !errs.Is(err, errs.Internal) && !errs.Is(err, errs.Unavailable)
}
