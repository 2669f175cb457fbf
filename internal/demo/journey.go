package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"tributary/config/program"
)

// enroll takes every participant through sign-up and both consents. The second
// declines to share health records; with only one participant nobody does.
func (r *run) enroll(ctx context.Context) error {
	study, err := program.Default()
	if err != nil {
		return err
	}
	r.observations = visitObservations(&study.Protocol)
	for i, who := range r.providers {
		p := &Participant{
			ProviderPatient: who.id, EHRConsent: i != 1, Held: who.held, person: who, browser: newBrowser(r.PortalURL()),
			Pulled: map[string]int{}, Quarantined: []Quarantined{},
		}
		r.summary.Participants = append(r.summary.Participants, p)
		if err := p.join(ctx, i, study); err != nil {
			return fmt.Errorf("participant %d: %w", i+1, err)
		}
	}
	if len(r.providers) < 3 {
		r.say("  with so few, not everybody's part is played: the second declines, the first of two withdraws")
	}
	r.say("  %d people have joined, %d share their health records", len(r.providers), r.sharing())
	return nil
}

func (r *run) sharing() (n int) {
	for _, p := range r.summary.Participants {
		if p.EHRConsent {
			n++
		}
	}
	return n
}

func (p *Participant) join(ctx context.Context, i int, study *program.Study) error {
	steps := []func(context.Context) error{
		func(ctx context.Context) error { return p.signUp(ctx, i) },
		func(ctx context.Context) error { return p.consent(ctx, study) },
		p.decideEHR,
		p.home,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *Participant) signUp(ctx context.Context, i int) error {
	email := fmt.Sprintf("participant-%d@mail.example", i+1)
	sex := p.person.gender
	form := url.Values{"given": {p.person.given}, "family": {p.person.family}, "email": {email}, "birth_date": {p.person.birth}, "sex": {sex}, "state": {"MA"}}
	if _, err := p.browser.post(ctx, "/signup", form); err != nil {
		return err
	}
	code, err := p.mailed(ctx, email)
	if err != nil {
		return err
	}
	page, err := p.browser.post(ctx, "/confirm", url.Values{"code": {code}})
	if err != nil {
		return err
	}
	return p.enrollFactor(ctx, page)
}

// mailed reads the one-time code in the development mailbox.
func (p *Participant) mailed(ctx context.Context, email string) (string, error) {
	page, err := p.browser.get(ctx, "/dev/mail.json?to="+url.QueryEscape(email))
	if err != nil {
		return "", err
	}
	var mails []struct{ Code string }
	if err := json.Unmarshal(page.body, &mails); err != nil || len(mails) == 0 || mails[0].Code == "" {
		return "", errors.New("no code came by mail")
	}
	return mails[0].Code, nil
}

func (p *Participant) enrollFactor(ctx context.Context, page *shown) error {
	secret := page.find("code", "id", "totp-secret")
	if secret == nil {
		return fmt.Errorf("no second factor was offered on page %q", page.name())
	}
	code, err := totp.GenerateCode(strings.Join(strings.Fields(text(secret)), ""), time.Now())
	if err != nil {
		return err
	}
	_, err = p.browser.post(ctx, "/second-factor/enroll", url.Values{"code": {code}})
	return err
}

// consent goes through the modules, answers the questions and signs.
func (p *Participant) consent(ctx context.Context, study *program.Study) error {
	if _, err := p.browser.get(ctx, "/consent/research"); err != nil {
		return err
	}
	document := study.Document(program.ResearchConsent, "en", time.Now())
	for n := range document.Modules {
		if _, err := p.browser.post(ctx, fmt.Sprintf("/consent/research/modules/%d", n+1), nil); err != nil {
			return err
		}
	}
	answers := url.Values{}
	for _, q := range document.Questions {
		answers.Set("q."+q.ID, q.Answer)
	}
	if _, err := p.browser.post(ctx, "/consent/research/quiz", answers); err != nil {
		return err
	}
	_, err := p.browser.post(ctx, "/consent/research/sign", url.Values{"printed_name": {p.printedName()}, "agree": {"yes"}})
	return err
}

func (p *Participant) printedName() string { return p.person.given + " " + p.person.family }

func (p *Participant) decideEHR(ctx context.Context) error {
	form := url.Values{"decision": {"no"}}
	if p.EHRConsent {
		form = url.Values{"decision": {"yes"}, "printed_name": {p.printedName()}}
	}
	_, err := p.browser.post(ctx, "/consent/ehr", form)
	return err
}

// home learns the id of the participant's Patient.
func (p *Participant) home(ctx context.Context) error {
	page, err := p.browser.get(ctx, "/home")
	if err != nil {
		return err
	}
	main := page.find("main", "data-patient", "")
	if main == nil {
		return fmt.Errorf("page %q names no Patient", page.name())
	}
	p.Participant = attr(main, "data-patient")
	return nil
}

// connect goes to the provider, signs in there, picks the record and comes back.
func (p *Participant) connect(ctx context.Context) error {
	page, err := p.browser.get(ctx, "/providers")
	if err != nil {
		return err
	}
	entry := page.find("li", "data-provider", "")
	if entry == nil {
		return errors.New("the provider directory is empty")
	}
	page, err = p.browser.post(ctx, "/providers/"+attr(entry, "data-provider")+"/connect", nil)
	if err != nil {
		return err
	}
	id := page.url.Query().Get("id")
	origin := page.url.Scheme + "://" + page.url.Host
	if page.name() != "login" {
		return fmt.Errorf("the provider shows page %q instead of its login", page.name())
	}
	if _, err := p.browser.post(ctx, origin+"/login", url.Values{"id": {id}, "user": {"portal-user"}}); err != nil {
		return err
	}
	_, err = p.browser.post(ctx, origin+"/pick", url.Values{"id": {id}, "patient": {p.ProviderPatient}})
	return err
}

// maxSections is more than a survey has.
const maxSections = 30

// survey answers the first survey, section by section, and sends it.
func (p *Participant) survey(ctx context.Context) error {
	page, err := p.browser.post(ctx, "/surveys/basics", url.Values{"begin": {"yes"}})
	for n := 0; err == nil && page.name() == "survey-section" && n < maxSections; n++ {
		page, err = p.browser.post(ctx, page.url.Path, page.fill("q."))
	}
	if err != nil {
		return err
	}
	if page.name() != "survey-review" {
		return fmt.Errorf("after its sections the survey shows page %q: %s", page.name(), page.fault())
	}
	_, err = p.browser.post(ctx, page.url.Path, nil)
	return err
}

// book takes the first free slot of the first site; refused for those who are not eligible.
func (p *Participant) book(ctx context.Context) error {
	page, err := p.browser.get(ctx, "/visits")
	if err != nil {
		return err
	}
	if site := page.find("a", "data-site", ""); site != nil {
		if page, err = p.browser.get(ctx, attr(site, "href")); err != nil {
			return err
		}
	}
	slot := page.find("button", "name", "slot")
	if p.EHRConsent {
		if slot == nil {
			return fmt.Errorf("no free slot is offered: %s", page.fault())
		}
		_, err = p.browser.post(ctx, "/visits/book", url.Values{"slot": {attr(slot, "value")}})
		return err
	}
	return p.refusedVisit(ctx, page)
}

func (p *Participant) refusedVisit(ctx context.Context, page *shown) error {
	if page.find("", "data-eligible", "false") == nil {
		return errors.New("a visit is offered to someone who declined to share health records")
	}
	answer, err := p.browser.do(ctx, http.MethodPost, "/visits/book", url.Values{"slot": {"any"}})
	if err == nil && answer.status != http.StatusForbidden {
		err = fmt.Errorf("booking by someone who declined was answered with HTTP %d", answer.status)
	}
	return err
}
