// Package cohorttest builds the study's staff's side of the service on a store, for
// tests: everything real but the queue, which a test empties, and the provider side.
package cohorttest

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/cohort"
	"tributary/internal/consent"
	"tributary/internal/keys"
	"tributary/internal/news"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
	"tributary/internal/store"
)

// World is the participants' side with that of the study's staff.
type World struct {
	*programtest.World
	News   *news.Service
	Cohort *cohort.Service
	Looks  *Looks
	Queue  *Queue
}

// New builds a world on the store, whose clock it should share.
func New(t testing.TB, s store.Store, clock *programtest.Clock) *World {
	t.Helper()
	ring, err := keys.Open(filepath.Join(t.TempDir(), "staff-keys.json"), true)
	ok(t, err)
	w := &World{World: programtest.New(t, s, clock), Looks: &Looks{}, Queue: &Queue{}}
	w.News = news.New(news.Config{Study: w.Study, Records: w.Records, Store: s, Queue: w.Queue, Contacts: Contacts{w.World},
		Post: w.Accounts, Sealer: ring, Base: "https://study.example", Now: clock.Now})
	ok(t, w.News.Setup(context.Background()))
	w.Cohort = cohort.New(cohort.Config{Study: w.Study, Store: s, Records: w.Records, Consent: w.Consent, News: w.News, Accounts: w.Accounts,
		Witness: w.Looks, Sealer: ring, Queue: w.Queue, Now: clock.Now})
	return w
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Contacts answer by consent.
type Contacts struct{ World *programtest.World }

// MayContact implements news.Contacts.
func (c Contacts) MayContact(ctx context.Context, db store.DB, patient string) (bool, error) {
	p, err := c.World.Consent.CurrentIn(ctx, db, patient)
	return p.Contact, err
}

// Reachable implements news.Contacts.
func (c Contacts) Reachable(ctx context.Context) ([]string, error) {
	return c.World.Consent.Participants(ctx, c.World.Store, c.World.Clock.Now())
}

// Looks remember what was put on record.
type Looks struct {
	mu  sync.Mutex
	all []Look
}

// Look is what a member of staff saw, or did.
type Look struct {
	Staff, What string
	Patients    []string
}

// Shown implements cohort.Witness.
func (l *Looks) Shown(_ context.Context, staff access.Actor, what string, patients ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, Look{staff.ID, what, patients})
	return nil
}

// Did implements cohort.Witness.
func (l *Looks) Did(ctx context.Context, _ store.Tx, staff access.Actor, what string, patients ...string) error {
	return l.Shown(ctx, staff, what, patients...)
}

// Last is the latest.
func (l *Looks) Last() Look {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) == 0 {
		return Look{}
	}
	return l.all[len(l.all)-1]
}

// Queue keeps jobs.
type Queue struct {
	mu   sync.Mutex
	jobs []river.JobArgs
}

// Enqueue implements news.Queue.
func (q *Queue) Enqueue(_ context.Context, _ store.Tx, args river.JobArgs, _ *river.InsertOpts) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, args)
	return nil
}

func (q *Queue) take() []river.JobArgs {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.jobs
	q.jobs = nil
	return all
}

// Work does what is in the queue, and what that brings.
func (w *World) Work(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	for all := w.Queue.take(); len(all) > 0; all = w.Queue.take() {
		for _, args := range all {
			switch a := args.(type) {
			case news.MailArgs:
				ok(t, w.News.Deliver(ctx, a))
			case news.AnnounceArgs:
				ok(t, w.News.Spread(ctx, a))
			case cohort.InviteArgs:
				ok(t, w.Cohort.Spread(ctx, a))
			default:
				t.Fatalf("a job of kind %s", args.Kind())
			}
		}
	}
}

// Somebody is the n-th of many people.
func Somebody(n int) account.Person {
	return account.Person{Given: fmt.Sprintf("Given%c%c", 'a'+n/26%26, 'a'+n%26), Family: fmt.Sprintf("Family%c%c", 'a'+n%26, 'a'+n/26%26), Email: fmt.Sprintf("p%d@mail.example", n),
		Born: fmt.Sprintf("%d-%02d-%02d", 1940+n*7%60, 1+n%12, 1+n%28), Sex: []string{"female", "male"}[n%2], State: "MA"}
}

// Joined makes an account for somebody, which agrees to take part, and to share
// records where that is wanted.
func (w *World) Joined(t testing.TB, p account.Person, kinds ...consent.Kind) (patient string) {
	t.Helper()
	patient = w.Join(t, p)
	for _, k := range kinds {
		w.Agree(t, patient, k, p.Name())
	}
	return patient
}

// Answered keeps a completed survey, with the codes that were answered by question.
func (w *World) Answered(t testing.TB, patient, survey string, answers map[string]string) {
	t.Helper()
	one, _ := w.Study.Survey(survey)
	var items []any
	for question, code := range answers {
		items = append(items, map[string]any{"linkId": question, "answer": []any{map[string]any{"valueCoding": map[string]any{"code": code}}}})
	}
	res := map[string]any{"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": one.URL,
		"subject": map[string]any{"reference": "Patient/" + patient}, "authored": w.Clock.Now().UTC().Format(time.RFC3339)}
	if items != nil {
		res["item"] = items
	}
	w.Put(t, res, records.Survey)
}

// Visited keeps a visit to the first center with a status.
func (w *World) Visited(t testing.TB, patient, status string) {
	t.Helper()
	at := w.Clock.Now().UTC()
	w.Put(t, map[string]any{"resourceType": "Appointment", "status": status, "start": at.Format(time.RFC3339), "end": at.Add(time.Hour).Format(time.RFC3339),
		"participant": []any{
			map[string]any{"actor": map[string]any{"reference": "Patient/" + patient}, "status": "accepted"},
			map[string]any{"actor": map[string]any{"reference": "Location/" + w.Study.Sites[0].ID}, "status": "accepted"},
		}}, records.Program)
}

// Put keeps a resource as the study itself wrote it, and returns its id.
func (w *World) Put(t testing.TB, res map[string]any, origin records.Origin) (id string) {
	t.Helper()
	body, err := json.Marshal(res)
	ok(t, err)
	ok(t, w.Records.Write(context.Background(), access.Job("seed", "HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		put, err := tx.Put(ctx, records.Draft{JSON: body, Origin: origin})
		if err == nil {
			id = put[0].Resource.ID
		}
		return err
	}))
	return id
}

// Staff is a member of the study's staff.
func Staff(id string) access.Actor {
	return access.Actor{Role: access.StudyStaff, ID: id, Unscoped: true, Purpose: "HOPERAT"}
}
