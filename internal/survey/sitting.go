package survey

import (
	"context"
	"net/url"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/records"
)

// Sitting is a survey in the hands of a person: as it stands now.
type Sitting struct {
	*Questionnaire
	Standing Standing
	Draft    *Response // what is being answered; nil: it is not begun
	Sent     []Response
	Sheet    *Sheet // of the draft, else of what was sent last
	Sections []Section
	Due      bool // a new round may be begun; otherwise answers are corrections of the last
}

// Sit reads how a survey stands with a person. NotFound: there is no such survey.
func (s *Service) Sit(ctx context.Context, a access.Actor, id string) (*Sitting, error) {
	q, err := s.Questionnaire(ctx, id)
	if err != nil {
		return nil, err
	}
	k, err := s.of(ctx, a, q)
	if err != nil {
		return nil, err
	}
	done, err := s.Completed(ctx, a.Patient)
	if err != nil {
		return nil, err
	}
	v, _ := s.Study.Survey(id)
	st := &Sitting{Questionnaire: q, Draft: k.draft, Sent: k.sent, Sections: q.Sections(), Standing: Stand(v, done, s.Now())}
	st.Due = st.Standing.State == Fresh || st.Standing.State == Again
	st.Sheet = q.Work(k.answers(), s.Now())
	if st.Draft != nil {
		st.Standing.State, st.Standing.Done, st.Standing.Of = Begun, st.Draft.Reached, len(st.Sections)
	}
	return st, nil
}

// answers are those that a page begins with.
func (k kept) answers() Answers {
	switch {
	case k.draft != nil:
		return k.draft.Answers
	case k.last() != nil:
		return k.last().Answers
	}
	return Answers{}
}

// Open reports whether there is a section of that number that asks anything now.
func (t *Sitting) Open(number int) bool {
	if number < 1 || number > len(t.Sections) {
		return false
	}
	return t.Sheet.asks(t.Sections[number-1].Items, nil)
}

// asks reports whether people see anything of the items.
func (s *Sheet) asks(items []*Item, at []int) bool {
	for _, i := range items {
		if s.Visible(i, at) && i.shows() && (i.Type != "group" || i.Repeats || s.asks(i.Items, at)) {
			return true
		}
	}
	return false
}

// Next is the first section that asks something after one; 0 after the last.
func (t *Sitting) Next(number int) int {
	for n := number + 1; n <= len(t.Sections); n++ {
		if t.Open(n) {
			return n
		}
	}
	return 0
}

// Previous is the section before one; 0 before the first.
func (t *Sitting) Previous(number int) int {
	for n := number - 1; n > 0; n-- {
		if t.Open(n) {
			return n
		}
	}
	return 0
}

// Resume is where to go on: the first section behind the person in which something
// is missing, else the one after; 0: all that is left is to send the answers.
func (t *Sitting) Resume() int {
	reached := 0
	if t.Draft != nil {
		reached = t.Draft.Reached
	}
	for n := t.Next(0); n > 0 && n <= reached; n = t.Next(n) {
		if len(t.Missing(n, Locale{})) > 0 {
			return n
		}
	}
	return t.Next(reached)
}

// Missing is what must still be answered in a section.
func (t *Sitting) Missing(number int, l Locale) form.Faults {
	found := map[string]string{}
	t.Sheet.missing(t.Sections[number-1].Items, nil, l, found)
	return inOrder(t.Questionnaire, found)
}

// Page is a section as it was sent.
type Page struct {
	Section int // its number; 0: all of them
	Form    Form
	Locale  Locale
	Of      string // id of the response that the page was made with
	Seen    int64  // its version; 0: none
	Partial bool   // nothing is demanded: the person goes back, or stops for now
}

// Saved is what became of a page.
type Saved struct {
	Faults form.Faults // what is to be mended before the next page
	Fields url.Values  // what was sent, to be shown again
	Sheet  *Sheet      // as it stands now
	News   bool        // the answers have opened further questions on the same page
	Draft  *Response   // as kept; nil where there was nothing to keep
}

// Save keeps what a page says. Of a page with faults, what is right is kept; a page
// that is older than what is kept changes only what was changed on it. When the
// survey was sent meanwhile, what is changed begins a correction.
func (s *Service) Save(ctx context.Context, a access.Actor, id string, p Page) (*Saved, error) {
	q, err := s.Questionnaire(ctx, id)
	if err != nil {
		return nil, err
	}
	base, err := s.seen(ctx, a, q, p)
	if err != nil {
		return nil, err
	}
	items := q.section(p.Section)
	r := q.read(p.Locale, p.Form, base, items)
	files, err := s.keepFiles(ctx, a.Patient, &r.answers)
	if err != nil {
		return nil, err
	}
	saved := &Saved{Fields: r.out.Values}
	err = s.Records.Write(ctx, a, func(ctx context.Context, tx *records.Tx) error {
		k, err := s.writable(ctx, tx, a.Patient, q)
		if err != nil {
			return err
		}
		return s.save(ctx, tx, q, r, k, p, a.Patient, saved)
	})
	if err != nil {
		s.dropFiles(ctx, files)
		return nil, err
	}
	return saved, nil
}

// section are the items of a section; of all with 0.
func (q *Questionnaire) section(number int) []*Item {
	all := q.Sections()
	if number < 1 || number > len(all) {
		return q.Items
	}
	return all[number-1].Items
}

// save is Save's transaction.
func (s *Service) save(ctx context.Context, tx *records.Tx, q *Questionnaire, r *reading, k kept, p Page, patient string, saved *Saved) error {
	items := q.section(p.Section)
	draft, fresh := s.draft(q, k, p.Locale, tx.Now())
	before := q.Work(draft.Answers, tx.Now())
	sheet := q.settle(r, draft.Answers, items, func(a Answers) *Sheet { return q.Work(a, tx.Now()) })
	saved.Sheet, saved.Faults = sheet, q.faults(r, sheet, items, !p.Partial)
	saved.News = len(saved.Faults) == 0 && q.opened(before, sheet, items)
	if len(saved.Faults) == 0 && !saved.News && !p.Partial {
		draft.Reached = max(draft.Reached, p.Section)
	}
	if fresh && draft.Corrects != "" && q.sameAnswers(before.Answers, sheet.Answers) {
		return nil // nothing was corrected
	}
	if k.draft != nil && k.draft.Reached == draft.Reached && k.draft.Language == draft.Language && q.sameAnswers(before.Answers, sheet.Answers) {
		saved.Draft = k.draft
		return nil
	}
	draft.Authored = tx.Now()
	written, err := s.put(ctx, tx, q, sheet, draft, patient)
	saved.Draft = &written
	return err
}

// draft is the one that there is, or a new one: with the initial values, or, when the
// survey was sent and is not due again, with what was sent.
func (s *Service) draft(q *Questionnaire, k kept, l Locale, now time.Time) (draft Response, fresh bool) {
	if k.draft != nil {
		draft = *k.draft
		draft.Language = l.Lang
		return draft, false
	}
	draft = Response{Status: statusDraft, Language: l.Lang, Authored: now}
	if last := k.last(); last != nil && !s.due(q.ID, k, now) {
		draft.ID, draft.Corrects, draft.Answers = k.spare, last.ID, last.Answers
		draft.Reached = len(q.Sections())
		return draft, true
	}
	draft.Answers = q.initial(now)
	return draft, true
}

// due reports whether what was sent is to be answered anew.
func (s *Service) due(id string, k kept, now time.Time) bool {
	v, _ := s.Study.Survey(id)
	var done []Done
	for _, r := range k.sent {
		done = append(done, Done{id, r.At()})
	}
	return Stand(v, done, now).State == Again
}

// writable reads what is kept, in a transaction in which the person may write.
func (s *Service) writable(ctx context.Context, tx *records.Tx, patient string, q *Questionnaire) (kept, error) {
	k, err := s.ofIn(ctx, tx, patient, q) // after it, no decision of theirs comes between
	if err != nil {
		return kept{}, err
	}
	p, err := s.Consent.CurrentIn(ctx, tx.Store(), patient)
	if err == nil && !p.Collects() {
		err = errs.New(errs.Forbidden, "surveys are for people who take part in the study")
	}
	return k, err
}
