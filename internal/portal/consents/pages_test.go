package consents_test

import (
	"context"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/portal/consents"
	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// desk is the room over a real world, with a participant.
type desk struct {
	*programtest.World
	*webtest.Site
	t       *testing.T
	patient string
}

type directory struct{}

func (directory) Directory(context.Context) ([]consents.Provider, error) {
	return []consents.Provider{{ID: "harbor", Name: "Harbor Health", Place: "Salem, MA"}, {ID: "mesa", Name: "Mesa Clinic"}}, nil
}

// changed is the default study with a new version of the consent to take part, from
// June on.
func changed(t *testing.T) *program.Study {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(program.Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(program.Files(), name)
		files[name] = &fstest.MapFile{Data: body}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "es"} {
		body := strings.NewReplacer(`version: "1.0"`, `version: "2.0"`, "2026-01-15", "2026-06-01").Replace(string(files["consents/research/1.0."+lang+".yaml"].Data))
		files["consents/research/2.0."+lang+".yaml"] = &fstest.MapFile{Data: []byte(body)}
	}
	study, err := program.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return study
}

func open(t *testing.T, test func(d *desk)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) {
		clock.Advance(programtest.NewClock().Now().Sub(clock.Now()))
		w := programtest.NewStudy(t, s, clock, changed(t))
		d := &desk{World: w, t: t, patient: w.Join(t, programtest.Ada),
			Site: webtest.New(t, web.Config{Study: w.Study, People: w.Accounts, Now: clock.Now})}
		room := consents.New(consents.Config{Site: d.Site.Site, Consent: w.Consent, Records: w.Records, Accounts: w.Accounts, Providers: directory{}}).Room()
		home := web.Room{Name: "home", Routes: []web.Route{web.Get("/home", d.Anybody, func(c *web.Call) error { return nil })}}
		d.Serve(t, room, home)
		test(d)
	})
}

func (d *desk) browser() *webtest.Browser { return d.Participant(d.t, "account", d.patient) }

func (d *desk) document(kind consent.Kind, lang string) *program.Document {
	return d.World.Consent.Document(kind, lang)
}

// reads goes through parts and questions, from the given part on.
func (d *desk) reads(b *webtest.Browser, kind consent.Kind, from int) {
	d.t.Helper()
	text := d.document(kind, "en")
	base := "/consent/" + string(kind)
	for n := from; n <= len(text.Modules); n++ {
		next := base + "/quiz"
		if n < len(text.Modules) {
			next = base + "/modules/" + strconv.Itoa(n+1)
		}
		b.Sees(base+"/modules/"+strconv.Itoa(n), "module")
		b.Sent(next, base+"/modules/"+strconv.Itoa(n))
	}
	var answers []string
	for _, q := range text.Questions {
		answers = append(answers, "q."+q.ID, q.Answer)
	}
	b.Sees(base+"/quiz", "quiz")
	b.Sent(base+"/sign", base+"/quiz", answers...)
}

// shown is the hash that the page of the signature names.
func shown(p webtest.Page) string {
	return webtest.Attribute(webtest.Find(p.Doc, "input", "name", "text"), "value")
}

const strokes = `[[[10,100],[40,60],[70,120],[100,60]],[[130,100],[160,100],[190,60],[220,130],[250,100]]]`

var name = programtest.Ada.Name()

// Begun on a telephone in Spanish, gone on with elsewhere in English, signed by hand.
func TestTwoBrowsersOneSignature(t *testing.T) {
	open(t, func(d *desk) {
		phone, desktop := d.browser().In("es"), d.browser()
		first := phone.Sees("/consent/research", "consent")
		if !strings.Contains(first.Text(), "Lo más importante primero") || !strings.Contains(first.Text(), d.document("research", "es").Key[0]) {
			t.Errorf("the page is not in Spanish: %s", first.Text())
		}
		phone.Sees("/consent/research/modules/1", "module")
		phone.Sent("/consent/research/modules/2", "/consent/research/modules/1")
		if p := desktop.Sees("/consent/research", "consent"); webtest.Find(p.Doc, "a", "href", "/consent/research/modules/2") == nil || !strings.Contains(p.Text(), "Go on") {
			t.Errorf("it does not go on where it stopped: %s", p.Text())
		}
		if p := desktop.Get("/consent/research/sign"); p.StatusCode != http.StatusSeeOther {
			t.Errorf("the signature comes before the text: %d", p.StatusCode)
		}
		d.reads(desktop, consent.Research, 2)
		page := desktop.Sees("/consent/research/sign", "sign")
		for _, wrong := range [][]string{
			{"printed_name", name, "text", shown(page)}, {"agree", "yes", "printed_name", "Eve", "text", shown(page)},
			{"agree", "yes", "printed_name", name, "text", shown(page), "drawn", "[[[1,1]]]"},
		} {
			desktop.Mends("/consent/research/sign", wrong...)
		}
		fields := []string{"agree", "yes", "printed_name", name, "text", shown(page), "drawn", strokes}
		desktop.Sent("/consent/ehr", "/consent/research/sign", fields...)
		if p := phone.Post("/consent/research/sign", fields...); p.StatusCode != http.StatusConflict {
			t.Errorf("signed twice: %d", p.StatusCode)
		}
		list := phone.Sees("/documents", "documents")
		link := webtest.Find(webtest.Find(list.Doc, "ul", "class", "list"), "a", "href", "")
		pdf := phone.Get(webtest.Attribute(link, "href"))
		if pdf.StatusCode != http.StatusOK || !strings.HasPrefix(pdf.Body, "%PDF") || !strings.Contains(pdf.Body, "ETSI.CAdES.detached") {
			t.Errorf("the copy is %d %.30q", pdf.StatusCode, pdf.Body)
		}
	})
}

// A wrong answer explains, in the language of the page, and costs nothing.
func TestAnswersAreExplained(t *testing.T) {
	open(t, func(d *desk) {
		b := d.browser().In("es")
		q := d.document("research", "es").Questions[0]
		for _, o := range q.Options {
			if o.ID != q.Answer {
				p := b.Mends("/consent/research/quiz", "q."+q.ID, o.ID)
				if !strings.Contains(p.Text(), "No del todo. "+q.Explanation) {
					t.Errorf("the page says: %s", p.Text())
				}
			}
		}
	})
}

// The authorization can be for chosen providers; a yes is renewed, or taken back.
func TestChosenProviders(t *testing.T) {
	open(t, func(d *desk) {
		b := d.browser()
		if p := b.Sees("/consent/ehr", "ehr"); webtest.Find(p.Doc, "a", "href", "/consent/research") == nil {
			t.Errorf("what comes before is not said: %s", p.Text())
		}
		d.Agree(t, d.patient, consent.Research, name)
		page := b.Sees("/consent/ehr", "ehr")
		b.Mends("/consent/ehr", "text", shown(page))
		b.Mends("/consent/ehr", "decision", "yes", "printed_name", name, "text", shown(page), "which", "some")
		b.Mends("/consent/ehr", "decision", "yes", "printed_name", name, "text", shown(page), "which", "some", "provider", "nobody")
		b.Sent("/home", "/consent/ehr", "decision", "yes", "printed_name", name, "text", shown(page), "which", "some", "provider", "mesa")
		now, err := d.World.Consent.Current(t.Context(), d.patient)
		if err != nil || !now.Access().From("mesa") || now.Access().From("harbor") {
			t.Errorf("shares with %v (%v)", now.Given[consent.EHR], err)
		}
		d.Clock.Advance(time.Minute)
		b.Sees("/consent/ehr", "ehr")
		b.Sent("/home", "/consent/ehr/revoke", "confirm", "revoke")
		if now, err := d.World.Consent.Current(t.Context(), d.patient); err != nil || now.EHR {
			t.Errorf("still shared (%v)", err)
		}
	})
}

// A major change asks again, shows the new text, and leaves the old copy as it is.
func TestReconsentOnThePages(t *testing.T) {
	open(t, func(d *desk) {
		d.Agree(t, d.patient, consent.Research, name)
		d.Clock.Advance(100 * 24 * time.Hour)
		b := d.browser()
		if p := b.Sees("/consents", "consents"); webtest.Attribute(webtest.Find(p.Doc, "li", "data-kind", "research"), "data-state") != "again" {
			t.Errorf("nobody is asked again: %s", p.Text())
		}
		if p := b.Sees("/consent/research", "consent"); webtest.Find(p.Doc, "p", "data-due", "changed") == nil {
			t.Errorf("the change is not said: %s", p.Text())
		}
		d.reads(b, consent.Research, 1)
		page := b.Sees("/consent/research/sign", "sign")
		b.Sent("/consent/ehr", "/consent/research/sign", "agree", "yes", "printed_name", name, "text", shown(page))
		text := b.Sees("/documents", "documents").Text()
		if !strings.Contains(text, "version 1.0") || !strings.Contains(text, "version 2.0") {
			t.Errorf("what was ever signed: %s", text)
		}
		if p := b.Sees("/consents", "consents"); webtest.Attribute(webtest.Find(p.Doc, "li", "data-kind", "research"), "data-state") != "given" {
			t.Errorf("still asked: %s", p.Text())
		}
	})
}

func TestPausingAndLeaving(t *testing.T) {
	open(t, func(d *desk) {
		b := d.browser().In("es")
		b.Sees("/pause", "pause")
		d.Agree(t, d.patient, consent.Research, name)
		d.Clock.Advance(time.Minute)
		b.Mends("/pause", "printed_name", name)
		b.Mends("/pause", "confirm", "pause", "printed_name", "Eve")
		b.Sent("/home", "/pause", "confirm", "pause", "printed_name", name)
		b.Sees("/pause", "pause")
		b.Sees("/consent/results", "consent")
		d.Clock.Advance(time.Minute)
		b.Sent("/home", "/pause", "confirm", "return")
		d.Clock.Advance(time.Minute)
		b.Sees("/withdraw", "withdraw")
		b.Mends("/withdraw", "printed_name", name)
		b.Sent("/home", "/withdraw", "confirm", "withdraw", "printed_name", name)
		for path, page := range map[string]string{"/withdraw": "withdraw", "/pause": "pause", "/consents": "consents", "/documents": "documents", "/consent/research": "consent", "/consent/ehr": "ehr"} {
			b.Sees(path, page)
		}
		if text := b.Sees("/documents", "documents").Text(); !strings.Contains(text, "Dejó el estudio") || !strings.Contains(text, "En pausa") {
			t.Errorf("the decisions: %s", text)
		}
	})
}

// Films come in ranges, for good, and only as they are.
func TestFilms(t *testing.T) {
	open(t, func(d *desk) {
		b := d.browser()
		film := webtest.Find(b.Sees("/consent/research/modules/1", "module").Doc, "video", "", "")
		if film == nil {
			t.Skip("the study has no films")
		}
		source := webtest.Attribute(film, "src")
		p := b.Get(source)
		if p.StatusCode != http.StatusOK || p.Header.Get("Content-Type") != "video/webm" || !strings.Contains(p.Header.Get("Cache-Control"), "immutable") || p.Header.Get("Accept-Ranges") != "bytes" {
			t.Errorf("the film: %d %v", p.StatusCode, p.Header)
		}
		for _, wrong := range []string{strings.Replace(source, source[7:11], "0000", 1), "/films/" + strings.Repeat("0", 64) + "/research/manifest.json", strings.Replace(source, ".webm", ".yaml", 1)} {
			if p := b.Get(wrong); p.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d", wrong, p.StatusCode)
			}
		}
		if track := webtest.Find(film, "track", "kind", "captions"); track == nil || b.Get(webtest.Attribute(track, "src")).StatusCode != http.StatusOK {
			t.Error("the film has no captions")
		}
	})
}

func TestUnknownKinds(t *testing.T) {
	open(t, func(d *desk) {
		b := d.browser()
		for _, path := range []string{"/consent/diary", "/consent/diary/quiz", "/consent/research/modules/99"} {
			if p := b.Get(path); p.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d", path, p.StatusCode)
			}
		}
		if p := b.Post("/consent/research", "decision", "yes", "printed_name", name); p.StatusCode != http.StatusNotFound {
			t.Errorf("a kind with parts is signed in passing: %d", p.StatusCode)
		}
	})
}

// The list of decisions says which of them a proxy took, by name.
func TestTheHistorySaysWhoDecided(t *testing.T) {
	open(t, func(d *desk) {
		bob := d.Join(t, programtest.Bob)
		a, err := d.Accounts.OfPatient(t.Context(), d.Store, bob)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.World.Consent.Delegate(t.Context(), consent.Delegation{Patient: d.patient, Delegate: a.ID, Scopes: "patient/*.rs"}); err != nil {
			t.Fatal(err)
		}
		if err := d.World.Consent.Refuse(t.Context(), consent.Signing{Patient: d.patient, Kind: consent.Research, For: a.ID}); err != nil {
			t.Fatal(err)
		}
		if page := d.browser().Sees("/documents", "documents"); !strings.Contains(page.Text(), "by "+programtest.Bob.Name()+", who acts for you") {
			t.Errorf("who said no is not told: %s", page.Text())
		}
	})
}
