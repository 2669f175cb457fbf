// Package programtest builds the participants' side of the service on a store,
// for tests: everything real, with a clock that the test moves and a mailbox
// that it reads.
package programtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	study "tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/audit"
	"tributary/internal/biosample"
	"tributary/internal/consent"
	"tributary/internal/keys"
	"tributary/internal/mail"
	"tributary/internal/measurement"
	"tributary/internal/program"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/survey"
	"tributary/internal/visit"
)

// World is the participants' side.
type World struct {
	Store        store.Store
	Study        *study.Study
	Accounts     *account.Service
	Consent      *consent.Service
	Program      *program.Service
	Surveys      *survey.Service
	Keys         *keys.Ring
	Visits       *visit.Service
	Measurements *measurement.Service
	Biosamples   *biosample.Service
	Asked        Jobs // of package visit
	Records      *records.Service
	Mailbox      mail.Mailbox
	Clock        *Clock
}

// Jobs are those that were asked for, in the place of a queue.
type Jobs struct {
	mu  sync.Mutex
	all []river.JobArgs
}

// Enqueue implements visit.Queue.
func (j *Jobs) Enqueue(_ context.Context, _ store.Tx, args river.JobArgs, _ *river.InsertOpts) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.all = append(j.all, args)
	return nil
}

// All are the jobs so far.
func (j *Jobs) All() []river.JobArgs {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.all)
}

// Clock is a time that a test moves.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the time on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// NewClock starts on a Monday morning.
func NewClock() *Clock { return &Clock{at: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)} }

// New builds a world on the store, whose clock it should share, and sets the study up.
func New(t testing.TB, s store.Store, clock *Clock) *World {
	t.Helper()
	plan, err := study.Default()
	ok(t, err)
	return NewStudy(t, s, clock, plan)
}

// NewStudy is New for another study than the default one.
func NewStudy(t testing.TB, s store.Store, clock *Clock, plan *study.Study) *World {
	t.Helper()
	ctx := context.Background()
	ring, err := keys.Open(filepath.Join(t.TempDir(), "keys.json"), true)
	ok(t, err)
	w := &World{Store: s, Study: plan, Keys: ring, Clock: clock, Mailbox: mail.Mailbox{DB: s, Now: clock.Now}}
	ids := search.NewIDs(1, clock.Now)
	w.Consent = consent.New(consent.Config{Store: s, Study: plan, Sealer: ring, Signer: Signer(t), Now: clock.Now})
	log := audit.New(audit.Config{Store: s, IDs: ids, Now: clock.Now})
	t.Cleanup(func() { ok(t, log.Close(ctx)) })
	registry := search.Base()
	results, err := access.NewResults(registry, plan.Governed())
	ok(t, err)
	w.Records = records.New(records.Config{Store: s, Audit: log, IDs: ids, Registry: registry, BaseURL: "http://127.0.0.1/fhir/R4",
		Policy: &access.Policy{Consents: w.Consent, Groups: w.Consent, Delegations: w.Consent, Visits: visit.Present{Store: s, Registry: registry, Now: clock.Now}, Registry: registry, Results: results}})
	w.Consent.Join(w.Records)
	w.Accounts = account.New(account.Config{Store: s, Records: w.Records, Study: plan, Sealer: ring, HashKey: ring.Derive("account"),
		Mail: w.Mailbox, Cost: account.Cost{Passes: 1, Memory: 64, Threads: 1}, Now: clock.Now})
	w.Surveys = survey.New(survey.Config{Study: plan, Records: w.Records, Consent: w.Consent, Now: clock.Now})
	w.Visits = visit.New(visit.Config{Study: plan, Records: w.Records, Store: s, Queue: &w.Asked, Post: w.Accounts, Now: clock.Now})
	w.Measurements = measurement.New(measurement.Config{Study: plan, Records: w.Records, Consent: w.Consent, Visits: w.Visits})
	w.Biosamples = biosample.New(biosample.Config{Study: plan, Records: w.Records, Consent: w.Consent, Visits: w.Visits, Biobank: w.biobank, Now: clock.Now})
	w.Program = program.New(program.Config{Study: plan, Records: w.Records, Consent: w.Consent, Surveys: w.Surveys,
		Calendar: w.Visits, Measurements: w.Measurements, Now: clock.Now})
	ok(t, w.Program.Setup(ctx))
	return w
}

func (w *World) biobank(ctx context.Context, patient string) (string, error) {
	codes, err := w.Accounts.Codes(ctx, patient)
	return codes.Biobank, err
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Signer makes a key and a certificate that vouches for itself.
func Signer(t testing.TB) consent.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "The study"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Now().AddDate(10, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ok(t, err)
	certificate, err := x509.ParseCertificate(der)
	ok(t, err)
	return consent.Signer{Certificate: certificate, Key: key}
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// Code reads the code that was last mailed to the address.
func (w *World) Code(t testing.TB, email string) string {
	t.Helper()
	mails, err := w.Mailbox.Latest(context.Background(), email)
	ok(t, err)
	if len(mails) == 0 {
		t.Fatalf("no mail to %s", email)
	}
	return sixDigits.FindString(mails[0].Text)
}

// Ada is somebody of age.
var Ada = account.Person{Given: "Ada", Family: "Example", Email: "ada@example.org", Born: "1980-12-31", Sex: "female", State: "MA"}

// Bob is somebody else.
var Bob = account.Person{Given: "Bob", Family: "Sample", Email: "bob@example.org", Born: "1975-05-05", Sex: "male", State: "MA"}

// Join makes a confirmed account for the person and returns its Patient's id.
func (w *World) Join(t testing.TB, p account.Person) (patient string) {
	t.Helper()
	ctx := context.Background()
	id, err := w.Accounts.SignUp(ctx, p)
	ok(t, err)
	a, err := w.Accounts.Confirm(ctx, id, w.Code(t, p.Email))
	ok(t, err)
	return a.Patient
}

// Agree takes a participant through the document of the kind and signs it.
func (w *World) Agree(t testing.TB, patient string, k consent.Kind, name string) {
	t.Helper()
	w.Understand(t, patient, k)
	ok(t, w.Consent.Sign(context.Background(), consent.Signing{Patient: patient, Kind: k, Name: name, PrintedName: name}))
}

// Understand takes a participant through the document of the kind, up to the
// signature.
func (w *World) Understand(t testing.TB, patient string, k consent.Kind) {
	t.Helper()
	ctx := context.Background()
	d := w.Consent.Document(k, "en")
	for _, m := range d.Modules {
		ok(t, w.Consent.View(ctx, patient, k, "en", m.ID))
	}
	answers := map[string]string{}
	for _, q := range d.Questions {
		answers[q.ID] = q.Answer
	}
	_, err := w.Consent.Answer(ctx, patient, k, "en", answers)
	ok(t, err)
}
