package app

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tributary/config"
	"tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/authserver"
	"tributary/internal/biosample"
	"tributary/internal/cohort"
	"tributary/internal/consent"
	"tributary/internal/measurement"
	"tributary/internal/news"
	"tributary/internal/portal/web"
	"tributary/internal/records"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/store/tables"
	"tributary/internal/survey"
)

// roomsWorld is a service with two people who have something in every room, somebody
// for whom the first acts, and staff of two centers and of the study.
type roomsWorld struct {
	*Service
	t       *testing.T
	late    time.Duration // after the real time
	routes  []web.Route
	ada, bo *roomer
	kept    map[string]string // tables and how they are read
}

// roomer is a participant with the ids of what is theirs.
type roomer struct {
	store.Account
	person account.Person
	cookie *http.Cookie
	ids    map[string]string
}

func newRoomsWorld(t *testing.T) *roomsWorld {
	t.Helper()
	c, err := config.Load("", []string{"TRIBUTARY_DATA_DIR=" + t.TempDir(), "TRIBUTARY_LIMITS__ATTEMPTS=0", "TRIBUTARY_BASE_URL=http://localhost:8080"})
	if err != nil {
		t.Fatal(err)
	}
	w := &roomsWorld{t: t}
	w.Service, err = NewService(t.Context(), c, Options{Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Now().Add(w.late) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Stop(context.Background()) })
	w.routes = routesOf(t, w.Service)
	_, err = authserver.Register(t.Context(), w.store, store.Client{ID: "app", Name: "App", Purpose: store.PurposeApp, RedirectURIs: []string{"https://app.example/"}, Scopes: "patient/*.rs", CreatedAt: w.Now()})
	w.ok(err)
	w.ada = w.moveIn("Ada", "ada@example.org", "harbor-clinic")
	w.bo = w.moveIn("Bo", "bo@example.org", "prairie-clinic")
	return w
}

func (w *roomsWorld) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// moveIn signs somebody up who takes part, and gives them something in every room.
func (w *roomsWorld) moveIn(given, email, site string) *roomer {
	w.t.Helper()
	p := &roomer{person: account.Person{Given: given, Family: "Example", Email: email, Born: "1980-12-31", Sex: "female", State: "MA"}, ids: map[string]string{"client": "app", "file": "none"}}
	p.Account = memberAs(w.t, w.Service, p.person)
	g := w.signs(p)
	g.Kind = consent.EHR
	w.ok(w.consent.Sign(w.t.Context(), g))
	w.answers(p)
	w.visited(p, site)
	w.shares(p)
	w.isTold(p)
	w.actsFor(p)
	p.cookie = w.session(p, time.Duration(0))
	return p
}

func (w *roomsWorld) signs(p *roomer) consent.Signing {
	g := signing(p.Account)
	g.Name, g.PrintedName = p.person.Name(), p.person.Name()
	return g
}

func (p *roomer) actor() access.Actor {
	return access.Actor{Role: access.Participant, ID: p.ID, Patient: p.Patient, Unscoped: true, Purpose: "PATRQT"}
}

// basics are answers to the first survey.
var basicAnswers = url.Values{"q.general-health": {"LA9206-9"}, "q.education": {"college"}, "q.household": {"3"}, "q.smoking": {"266919005"}, "q.sleep": {"7"}}

// answers sends a survey, begins another one, and finds what was signed.
func (w *roomsWorld) answers(p *roomer) {
	ctx := w.t.Context()
	w.ok(w.surveys.Submit(ctx, p.actor(), "basics", basicAnswers))
	w.ok(w.surveys.Begin(ctx, p.actor(), "lifestyle", survey.Locale{Lang: "en"}))
	for typ, query := range map[string]url.Values{
		"DocumentReference": {"subject": {"Patient/" + p.Patient}}, "QuestionnaireResponse": {"subject": {"Patient/" + p.Patient}, "status": {"completed"}},
	} {
		found, err := w.records.All(ctx, p.actor(), typ, query)
		w.ok(err)
		p.ids[typ] = found[0].ID
	}
}

// readings are a set of measurements.
var readings = url.Values{"height": {"170.5"}, "weight": {"70"}, "waist": {"82"}, "systolic_1": {"130"}, "systolic_2": {"120"}, "systolic_3": {"121"},
	"diastolic_1": {"85"}, "diastolic_2": {"80"}, "diastolic_3": {"80"}, "heart_rate_1": {"70"}, "heart_rate_2": {"68"}, "heart_rate_3": {"66"}, "pregnant": {"no"}, "wheelchair": {"no"}}

func centerStaff(site string) access.Actor {
	return access.Actor{Role: access.CenterStaff, ID: "kim-" + site, Site: site, Unscoped: true, Purpose: "HOPERAT"}
}

// visited has somebody measured and asked for samples, and books another visit.
func (w *roomsWorld) visited(p *roomer, site string) {
	ctx, staff := w.t.Context(), centerStaff(site)
	p.ids["site"] = site
	v, err := w.visits.WalkIn(ctx, staff, p.Patient)
	w.ok(err)
	s, err := measurement.ReadSession(&w.study.Protocol, "en", readings)
	w.ok(err)
	w.ok(w.measurements.Take(ctx, staff, v.ID, s))
	o, err := w.biosamples.Place(ctx, staff, v.ID, "blood", "", biosample.About{Born: time.Date(1980, 12, 31, 0, 0, 0, 0, time.UTC)})
	w.ok(err)
	sets, err := w.measurements.Of(ctx, staff, p.Patient)
	w.ok(err)
	free, err := w.visits.Free(ctx, site, 2)
	w.ok(err)
	booked, err := w.visits.Book(ctx, p.Patient, free[0].ID)
	w.ok(err)
	p.ids["visit"], p.ids["set"], p.ids["order"], p.ids["booked"], p.ids["slot"] = v.ID, sets[0].ID, o.ID, booked.ID, free[1].ID
}

// shares gives somebody a connection with a record, an app, a passkey, another session.
func (w *roomsWorld) shares(p *roomer) {
	ctx, now, key := w.t.Context(), w.Now(), strings.ToLower(p.person.Given)
	w.ok(tables.Connections{}.Add(ctx, w.store, store.Connection{ID: "c-" + key, Patient: p.Patient, Provider: "harbor", State: store.ConnectionActive, Credentials: []byte("x"), Identity: key, Created: now, Updated: now}))
	l := &leaver{Service: w.Service, t: w.t, account: p.Account}
	l.put("ingest", records.FromEHR, "Observation", "o-"+key, `"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2339-0"}],"text":"Glucose"},"effectiveDateTime":"2024-01-01","valueQuantity":{"value":5,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}`)
	w.ok(tables.OAuth{}.AddGrant(ctx, w.store, store.OAuthGrant{ID: "g-" + key, Client: "app", Subject: p.ID, Role: "participant", Patient: p.Patient, Scopes: "patient/*.rs", CreatedAt: now, AuthTime: now}))
	sealed, err := w.ring.Seal([]byte(`{"name":"telephone"}`), fmt.Appendf(nil, "passkey/participant/%s/%x", p.ID, "k-"+key))
	w.ok(err)
	w.ok(tables.Passkeys{}.Add(ctx, w.store, store.Passkey{ID: []byte("k-" + key), Realm: "participant", Account: p.ID, Sealed: sealed, Created: now}))
	offered, err := w.accounts.OfferSecret(ctx, p.ID)
	w.ok(err)
	code, err := totp.GenerateCode(offered.Secret(), now)
	w.ok(err)
	w.ok(w.accounts.Enroll(ctx, p.ID, code))
	w.session(p, 0)
	all, err := w.browserSessions("tributary").List(ctx, p.ID)
	w.ok(err)
	p.ids["connection"], p.ids["observation"], p.ids["session"] = "c-"+key, "o-"+key, all[0].ID
	p.ids["passkey"], p.ids["grant"] = base64.RawURLEncoding.EncodeToString([]byte("k-"+key)), "g-"+key
}

var greeting = news.Message{Topic: "account", Title: program.English("Hello"), Text: program.English("A word.")}

// isTold writes to somebody, invites them, and has a decision about them wait.
func (w *roomsWorld) isTold(p *roomer) {
	ctx := w.t.Context()
	w.ok(w.news.Tell(ctx, p.Patient, greeting))
	told, err := w.news.Inbox(ctx, p.actor())
	w.ok(err)
	p.ids["news"], p.ids["study"] = told[0].ID, w.study.Outreach.Studies[0].ID
	_, err = w.news.Invite(ctx, p.Patient, p.ids["study"])
	w.ok(err)
	id, err := w.cohort.Ask(ctx, pat, cohort.Decision{Kind: cohort.Withdrawing, Patient: p.Patient, Evidence: "a letter"})
	w.ok(err)
	p.ids["decision"] = id
}

// actsFor has somebody act for a child.
func (w *roomsWorld) actsFor(p *roomer) {
	ctx := w.t.Context()
	ward, err := w.accounts.Represent(ctx, account.Person{Given: "Child of " + p.person.Given, Family: "Example", Born: w.Now().AddDate(-9, 0, 0).Format(time.DateOnly), Sex: "male", State: "MA"})
	w.ok(err)
	p.ids["delegation"], err = w.consent.Delegate(ctx, consent.Delegation{Patient: ward, Delegate: p.ID, Scopes: "patient/*.rs patient/QuestionnaireResponse.cu"})
	w.ok(err)
	p.ids["ward"] = ward
}

// session signs somebody in, who gave a second factor so long ago.
func (w *roomsWorld) session(p *roomer, ago time.Duration) *http.Cookie {
	return w.plant("tributary", session.Data{Account: p.ID, Patient: p.Patient, SecondFactorAt: w.Now().Add(-ago), Values: map[string]string{web.KeyEnrolled: "yes"}})
}

// acting is a session on the pages of who the person acts for.
func (w *roomsWorld) acting(p *roomer) *http.Cookie {
	return w.plant("tributary", session.Data{Account: p.ID, Patient: p.ids["ward"], SecondFactorAt: w.Now(), Values: map[string]string{web.KeyEnrolled: "yes", web.KeyOwn: p.Patient}})
}

// staff signs a member of staff in; site is "" for the study's.
func (w *roomsWorld) staff(login, role, site string) *http.Cookie {
	return w.plant(staffCookie, session.Data{Account: login, Role: role, Values: map[string]string{"site": site, "name": login}})
}

func (w *roomsWorld) plant(cookie string, d session.Data) *http.Cookie {
	w.t.Helper()
	answer := httptest.NewRecorder()
	w.ok(w.browserSessions(cookie).New(w.t.Context(), answer, d))
	return answer.Result().Cookies()[0]
}

// send asks a route with the form, as who has the cookie; nil: a stranger.
func (w *roomsWorld) send(who *http.Cookie, method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(method, w.base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if who != nil {
		r.AddCookie(who)
	}
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, r)
	return answer
}

// unkept are tables that an attempt may leave a trace in, or that follow others.
var unkept = []string{"audit_", "idx_", "sqlite_", "river_", "feed", "node", "search_", "migration", "schema_", "known_device", "history", "resource"}

// state is everything that is kept, by table: two are alike when nothing was changed.
func (w *roomsWorld) state() map[string][]string {
	w.t.Helper()
	out := map[string][]string{"resource": column(w.t, w.Service, `SELECT type || '/' || id || ' ' || version FROM resource ORDER BY type, id`)}
	for table, query := range w.tables() {
		out[table] = column(w.t, w.Service, query)
	}
	return out
}

// tables are the queries that read each table whole, a row as one text.
func (w *roomsWorld) tables() map[string]string {
	w.t.Helper()
	if w.kept != nil {
		return w.kept
	}
	w.kept = map[string]string{}
	for _, table := range column(w.t, w.Service, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`) {
		if slices.ContainsFunc(unkept, func(prefix string) bool { return strings.HasPrefix(table, prefix) }) {
			continue
		}
		fields := column(w.t, w.Service, `SELECT 'quote("' || name || '")' FROM pragma_table_info('`+table+`')`)
		w.kept[table] = `SELECT ` + strings.Join(fields, " || ',' || ") + ` FROM "` + table + `" ORDER BY 1`
	}
	return w.kept
}

// changed tells what is not as it was before.
func (w *roomsWorld) changed(before map[string][]string) (what []string) {
	w.t.Helper()
	for table, now := range w.state() {
		for _, row := range now {
			if !slices.Contains(before[table], row) {
				what = append(what, table+": "+row[:min(len(row), 200)])
			}
		}
		if len(now) < len(before[table]) {
			what = append(what, table+" lost rows")
		}
	}
	return what
}
