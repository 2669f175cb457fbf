package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/authserver"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// leaver is somebody with something in every column of the table of consequences.
type leaver struct {
	*Service
	t       *testing.T
	account store.Account
	alive   func() bool // the session
	audited int64       // events before the act
	before  time.Time
}

func (l *leaver) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *leaver) own() access.Actor {
	return access.Actor{Role: access.Participant, ID: l.account.ID, Patient: l.account.Patient, Unscoped: true, Purpose: "PATRQT"}
}

func newLeaver(t *testing.T) *leaver {
	t.Helper()
	s := service(t, t.TempDir())
	l := &leaver{Service: s, t: t, account: member(t, s)}
	ctx := t.Context()
	g := signing(l.account)
	g.Kind = consent.EHR
	l.ok(s.consent.Sign(ctx, g))
	l.ok(tables.Connections{}.Add(ctx, s.store, store.Connection{ID: "c", Patient: l.account.Patient, Provider: "harbor", State: store.ConnectionActive, Credentials: []byte("x"), Identity: "i", Created: s.Now(), Updated: s.Now()}))
	l.put("ingest", records.FromEHR, "Observation", "o", `"status":"final","code":{"text":"x"}`)
	l.put("program", records.Survey, "QuestionnaireResponse", "q", `"status":"completed","questionnaire":"https://tributary.example/fhir/Questionnaire/basics|1.0","authored":"`+
		s.Now().UTC().Format(time.RFC3339)+`"`)
	_, err := authserver.Register(ctx, s.store, store.Client{ID: "app", Name: "App", Purpose: store.PurposeApp, RedirectURIs: []string{"https://app.example/"}, Scopes: "patient/*.rs", CreatedAt: s.Now()})
	l.ok(err)
	l.ok(tables.OAuth{}.AddGrant(ctx, s.store, store.OAuthGrant{ID: "g", Client: "app", Subject: l.account.ID, Role: "participant", Patient: l.account.Patient, Scopes: "patient/*.rs", CreatedAt: s.Now(), AuthTime: s.Now()}))
	free, err := s.visits.Free(ctx, s.study.Sites[0].ID, 1)
	l.ok(err)
	_, err = s.visits.Book(ctx, l.account.Patient, free[0].ID)
	l.ok(err)
	l.signIn()
	l.audited, l.before = l.events(), s.Now()
	return l
}

// put keeps a resource about the person, as one of our jobs does.
func (l *leaver) put(job string, origin records.Origin, typ, id, body string) {
	l.ok(l.records.Write(l.t.Context(), access.Job(job, "HRESCH"), func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, records.Draft{Type: typ, ID: id, Origin: origin,
			JSON: []byte(`{"resourceType":"` + typ + `","id":"` + id + `","subject":{"reference":"Patient/` + l.account.Patient + `"},` + body + `}`)})
		return err
	}))
}

func (l *leaver) signIn() {
	sessions, w := l.browserSessions("tributary"), httptest.NewRecorder()
	l.ok(sessions.New(l.t.Context(), w, session.Data{Account: l.account.ID, Patient: l.account.Patient, Role: "participant"}))
	r := httptest.NewRequest(http.MethodGet, "/home", nil)
	r.AddCookie(w.Result().Cookies()[0])
	l.alive = func() bool {
		_, there, err := sessions.Load(r)
		l.ok(err)
		return there
	}
}

// events counts what the audit has.
func (l *leaver) events() (n int64) {
	l.ok(l.store.QueryRow(l.t.Context(), `SELECT count(*) FROM audit_event`).Scan(&n))
	return n
}

var pat = access.Actor{Role: access.StudyStaff, ID: "pat", Unscoped: true, Purpose: "HOPERAT"}

// leavings are the acts; what comes before one in the table is done first where it
// undoes another.
var leavings = map[consent.Decision]func(l *leaver, ctx context.Context) error{
	consent.Revoke:     func(l *leaver, ctx context.Context) error { return l.consent.RevokeEHR(ctx, l.account.Patient) },
	consent.Deactivate: func(l *leaver, ctx context.Context) error { return l.consent.Deactivate(ctx, signing(l.account)) },
	consent.Reactivate: func(l *leaver, ctx context.Context) error {
		l.ok(l.consent.Deactivate(ctx, signing(l.account)))
		err := l.consent.Reactivate(ctx, signing(l.account))
		l.rebook(ctx)
		return err
	},
	consent.Withdraw: func(l *leaver, ctx context.Context) error { return l.consent.Withdraw(ctx, signing(l.account)) },
	consent.Erase: func(l *leaver, ctx context.Context) error {
		l.ok(l.consent.Erase(ctx, pat, l.account.Patient, "a request"))
		return l.consent.Destroy(ctx, l.account.Patient) // what the queue does
	},
	consent.DeathReported: func(l *leaver, ctx context.Context) error {
		return l.consent.ReportDeath(ctx, pat, l.account.Patient, "a call")
	},
	consent.DeathDenied: func(l *leaver, ctx context.Context) error {
		l.ok(l.consent.ReportDeath(ctx, pat, l.account.Patient, "a call"))
		return l.consent.DenyDeath(ctx, pat, l.account.Patient, "a namesake")
	},
	consent.DeathApproved: func(l *leaver, ctx context.Context) error {
		return l.consent.Deceased(ctx, pat, l.account.Patient, time.Time{}, "a certificate")
	},
}

// rebook books again what the deactivation cancelled.
func (l *leaver) rebook(ctx context.Context) {
	free, err := l.visits.Free(ctx, l.study.Sites[0].ID, 1)
	l.ok(err)
	_, err = l.visits.Book(ctx, l.account.Patient, free[0].ID)
	l.ok(err)
}

// seenIn tells how each column is found to be after an act.
var seenIn = map[consent.Column]func(l *leaver, now consent.Permissions) consent.Effect{
	consent.Pulls: func(l *leaver, now consent.Permissions) consent.Effect {
		return either(now.Access().From("harbor"), consent.GoesOn, consent.Stops)
	},
	consent.Contact: func(l *leaver, now consent.Permissions) consent.Effect {
		may, err := contacts{l.consent}.MayContact(l.t.Context(), l.store, l.account.Patient)
		l.ok(err)
		return either(may, consent.GoesOn, consent.Stops)
	},
	consent.Exports: func(l *leaver, _ consent.Permissions) consent.Effect {
		p, err := permitted{l.consent}.PermittedIn(l.t.Context(), l.store, l.account.Patient)
		l.ok(err)
		switch {
		case p.Withdrawn || !p.Research:
			return consent.Excluded
		case !p.EHR:
			return consent.NoRecords
		case !p.Closed.IsZero():
			return either(!p.Closed.Before(l.before), consent.Later, "what came before is excluded")
		}
		return consent.GoesOn
	},
	consent.Data: func(l *leaver, _ consent.Permissions) consent.Effect {
		_, own := l.records.Read(l.t.Context(), l.own(), "Observation", "o")
		_, staff := l.records.Read(l.t.Context(), pat, "Observation", "o")
		switch {
		case own == nil && staff == nil:
			return consent.Stays
		case own == nil:
			return consent.Hidden
		}
		r, err := l.store.Read(l.t.Context(), "Observation", "o")
		l.ok(err)
		return either(errs.Is(own, errs.NotFound) && r.Deleted && len(r.Body) == 0, consent.Destroyed, "out of reach")
	},
	consent.Apps: func(l *leaver, _ consent.Permissions) consent.Effect {
		left, err := l.auth.Authorizations(l.t.Context(), l.account.ID)
		l.ok(err)
		return either(len(left) == 1, consent.GoesOn, consent.Stops)
	},
	consent.Sessions: func(l *leaver, _ consent.Permissions) consent.Effect {
		return either(l.alive(), consent.GoesOn, consent.Stops)
	},
	consent.Bookings: func(l *leaver, _ consent.Permissions) consent.Effect {
		visits, err := l.visits.Of(l.t.Context(), l.account.Patient)
		l.ok(err)
		for _, v := range visits {
			if v.Status == "booked" {
				return consent.Stays
			}
		}
		return consent.Cancelled
	},
	consent.WorkLists: func(l *leaver, _ consent.Permissions) consent.Effect {
		_, err := l.records.Read(l.t.Context(), pat, "Patient", l.account.Patient)
		return either(err == nil, consent.Stays, consent.Left)
	},
	consent.Audit: func(l *leaver, _ consent.Permissions) consent.Effect {
		return either(l.events() >= l.audited, consent.Stays, "lost")
	},
}

func either(holds bool, yes, no consent.Effect) consent.Effect {
	if holds {
		return yes
	}
	return no
}

// sameAs are effects that look alike once they have come about.
var sameAs = map[consent.Effect]consent.Effect{consent.Resumes: consent.GoesOn, consent.IfNeeded: consent.Cancelled, consent.Again: consent.Stays}

// Every cell of the table of consequences is what the running service does.
func TestConsequencesOfLeaving(t *testing.T) {
	for _, act := range consent.Consequences {
		t.Run(act.Act, func(t *testing.T) {
			l := newLeaver(t)
			for _, c := range consent.Columns { // nothing has happened yet
				if got := seenIn[c](l, l.current()); got != consent.GoesOn && got != consent.Stays {
					t.Fatalf("%s before the act: %s", c, got)
				}
			}
			l.ok(leavings[act.Decision](l, t.Context()))
			for _, c := range consent.Columns {
				want := act.Does[c]
				if same, ok := sameAs[want]; ok {
					want = same
				}
				if got := seenIn[c](l, l.current()); got != want {
					t.Errorf("%s: %s, the table says %s", c, got, act.Does[c])
				}
			}
		})
	}
}

func (l *leaver) current() consent.Permissions {
	now, err := l.consent.CurrentIn(l.t.Context(), l.store, l.account.Patient)
	l.ok(err)
	return now
}
