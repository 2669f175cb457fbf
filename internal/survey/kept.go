package survey

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// kept is what there is of one person's answers to one survey.
type kept struct {
	draft *Response  // what is being answered
	sent  []Response // what was sent, the newest last; each as corrected
	spare string     // id of a draft that has ended and can be taken again
}

// last is what was sent last; nil if nothing was.
func (k kept) last() *Response {
	if len(k.sent) == 0 {
		return nil
	}
	return &k.sent[len(k.sent)-1]
}

// criteria find the study's own responses of a person to a questionnaire.
func criteria(q *Questionnaire, patient string) url.Values {
	return url.Values{"subject": {"Patient/" + patient}, "questionnaire": {q.URL}, "_tag": {ofStudy()}}
}

// of reads what there is, as the person.
func (s *Service) of(ctx context.Context, a access.Actor, q *Questionnaire) (kept, error) {
	found, err := s.Records.All(ctx, a, "QuestionnaireResponse", criteria(q, a.Patient))
	if err != nil {
		return kept{}, err
	}
	return q.sort(found)
}

// maxResponses bounds how many times one person's answers to one survey are looked at.
const maxResponses = 200

// ofIn reads the same within a transaction, in which no other one of the person's
// windows writes.
func (s *Service) ofIn(ctx context.Context, tx *records.Tx, patient string, q *Questionnaire) (kept, error) {
	if _, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: patient}}); err != nil {
		return kept{}, err
	}
	var pairs []search.Pair
	for name, values := range criteria(q, patient) {
		pairs = append(pairs, search.Pair{Name: name, Value: values[0]})
	}
	parsed, err := search.Base().ParseQuery("QuestionnaireResponse", pairs, search.Options{DefaultCount: maxResponses, MaxCount: maxResponses})
	if err != nil {
		return kept{}, err
	}
	page, err := tx.Search(ctx, parsed.Query, nil)
	if err != nil {
		return kept{}, err
	}
	return q.sort(page.Resources)
}

// sort tells what was found apart.
func (q *Questionnaire) sort(found []store.Resource) (k kept, err error) {
	for _, res := range found {
		r, err := q.ReadResponse(res.Body)
		if err != nil {
			return k, err
		}
		r.ID, r.Version = res.ID, res.Version
		switch r.Status {
		case statusDraft:
			k.draft = &r
		case statusSent, statusAmended:
			k.sent = append(k.sent, r)
		case statusEnded:
			k.spare = r.ID
		}
	}
	slices.SortFunc(k.sent, func(a, b Response) int { return a.At().Compare(b.At()) })
	return k, nil
}

// The statuses of a response (R4, questionnaire-answers-status). A draft ends as
// what was sent, or, when it was to correct another one, without answers.
const (
	statusDraft   = "in-progress"
	statusSent    = "completed"
	statusAmended = "amended"
	statusEnded   = "stopped"
)

// Completed lists the surveys that a participant has answered, each time.
func (s *Service) Completed(ctx context.Context, patient string) ([]Done, error) {
	found, err := s.Records.All(ctx, job(), "QuestionnaireResponse", url.Values{"subject": {"Patient/" + patient},
		"status": {statusSent + "," + statusAmended}, "_tag": {ofStudy()}})
	if err != nil {
		return nil, err
	}
	var done []Done
	for _, res := range found {
		r, err := (&Questionnaire{}).ReadResponse(res.Body)
		if err != nil {
			return nil, err
		}
		canonical, _, _ := strings.Cut(r.Survey, "|")
		for _, v := range s.Study.Surveys {
			if v.URL == canonical {
				done = append(done, Done{v.ID, r.At()})
			}
		}
	}
	return done, nil
}

// seen are the answers that a page was made with: a version of one of the person's
// responses. Where it is not said, or not theirs, nothing is taken for seen.
func (s *Service) seen(ctx context.Context, a access.Actor, q *Questionnaire, p Page) (Answers, error) {
	if p.Seen == 0 {
		return Answers{}, nil
	}
	res, err := s.Records.ReadVersion(ctx, a, "QuestionnaireResponse", p.Of, p.Seen)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) || errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Invalid) {
		return Answers{}, nil
	}
	if err != nil {
		return Answers{}, err
	}
	r, err := q.ReadResponse(res.Body)
	return r.Answers, err
}

// put writes a response of the person's.
func (s *Service) put(ctx context.Context, tx *records.Tx, q *Questionnaire, sheet *Sheet, r Response, patient string) (Response, error) {
	r.Received = tx.Now()
	d, err := records.NewDraft(q.JSON(sheet, r, patient), records.Survey)
	if err != nil {
		return r, err
	}
	d.IfVersion = r.Version // 0 where it is new
	done, err := tx.Put(ctx, d)
	if err != nil {
		return r, err
	}
	r.ID, r.Version, r.Answers = done[0].Resource.ID, done[0].Resource.Version, sheet.Answers
	return r, nil
}

// keepFiles makes a Binary of each file that was just sent. Who may read it is who
// may read the Patient; the response names it.
func (s *Service) keepFiles(ctx context.Context, patient string, a *Answers) (ids []string, err error) {
	for _, values := range a.values {
		for n := range values {
			file := values[n].Attachment
			if file == nil || file.data == nil {
				continue
			}
			id, err := s.keepFile(ctx, patient, file)
			if err != nil {
				return ids, err
			}
			stored := *file
			stored.URL, stored.data = "Binary/"+id, nil
			values[n].Attachment = &stored
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (s *Service) keepFile(ctx context.Context, patient string, f *Attachment) (id string, err error) {
	body, err := json.Marshal(object{"resourceType": "Binary", "contentType": f.ContentType, "securityContext": reference("Patient", patient), "data": f.data})
	if err != nil {
		return "", err
	}
	err = s.Records.Write(ctx, keeper(), func(ctx context.Context, tx *records.Tx) error {
		done, err := tx.Put(ctx, records.Draft{Type: "Binary", JSON: body, Origin: records.Survey})
		if err == nil {
			id = done[0].Resource.ID
		}
		return err
	})
	return id, err
}

// keeper is the job that keeps the files of responses.
func keeper() access.Actor { return access.Job("surveys", "HRESCH") }

// File reads a file that one of the person's own responses to the survey names;
// NotFound is any other. It is not in the person's compartment: that the response
// names it is what opens it.
func (s *Service) File(ctx context.Context, a access.Actor, survey, id string) (contentType string, data []byte, err error) {
	q, err := s.Questionnaire(ctx, survey)
	if err != nil {
		return "", nil, err
	}
	k, err := s.of(ctx, a, q)
	if err != nil {
		return "", nil, err
	}
	all := k.sent
	if k.draft != nil {
		all = append(all, *k.draft)
	}
	for _, r := range all {
		if r.names(id) {
			return s.readFile(ctx, id)
		}
	}
	return "", nil, errs.New(errs.NotFound, "there is no such file")
}

// names reports whether a response holds the file.
func (r Response) names(id string) bool {
	for _, values := range r.Answers.values {
		if slices.ContainsFunc(values, func(v Value) bool { return v.Attachment != nil && v.Attachment.ID() == id }) {
			return true
		}
	}
	return false
}

func (s *Service) readFile(ctx context.Context, id string) (contentType string, data []byte, err error) {
	res, err := s.Records.Read(ctx, keeper(), "Binary", id)
	if err != nil {
		return "", nil, err
	}
	var body struct {
		ContentType string
		Data        []byte
	}
	err = json.Unmarshal(res.Body, &body)
	return body.ContentType, body.Data, err
}
