package survey_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	study "tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/survey"
)

var ctx = context.Background()

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// health is a survey of three sections, with a condition across them and a file.
const health = `{"resourceType":"Questionnaire","id":"health","url":"https://tributary.example/fhir/Questionnaire/health","version":"2","status":"active","title":"Health","item":[
	{"linkId":"one","text":"One","type":"group","item":[{"linkId":"a","text":"A","type":"integer","required":true},{"linkId":"b","text":"B","type":"string"}]},
	{"linkId":"two","text":"Two","type":"group","item":[{"linkId":"c","text":"C","type":"string","enableWhen":[{"question":"a","operator":">","answerInteger":10}]},{"linkId":"f","text":"F","type":"attachment","repeats":true}]},
	{"linkId":"three","text":"Three","type":"group","item":[{"linkId":"d","text":"D","type":"boolean","required":true}]}]}`

// world is a participant with a survey.
type world struct {
	*programtest.World
	me access.Actor
}

func each(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) {
		w := world{World: programtest.New(t, s, clock)}
		ok(t, w.Records.Write(ctx, access.Job("program", "HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
			_, err := tx.Put(ctx, records.Draft{Type: "Questionnaire", ID: "health", JSON: []byte(health), Origin: records.Program})
			return err
		}))
		w.Study.Surveys = append(w.Study.Surveys, study.Survey{ID: "health", URL: "https://tributary.example/fhir/Questionnaire/health", Asked: study.Asked{RepeatMonths: 12}})
		w.me = person(w.Join(t, programtest.Ada))
		w.Agree(t, w.me.Patient, consent.Research, programtest.Ada.Name())
		test(t, w)
	})
}

func person(patient string) access.Actor {
	return access.Actor{Role: access.Participant, ID: "account", Patient: patient, Unscoped: true, Purpose: "PATRQT"}
}

var english = survey.Locale{Lang: "en"}

// save keeps a section: pairs of field and text.
func (w world) save(t *testing.T, p survey.Page, pairs ...string) *survey.Saved {
	t.Helper()
	p.Locale = english
	p.Form.Values = url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		p.Form.Values.Add("q."+pairs[i], pairs[i+1])
	}
	saved, err := w.Surveys.Save(ctx, w.me, "health", p)
	ok(t, err)
	return saved
}

// sit is the survey as it stands.
func (w world) sit(t *testing.T) *survey.Sitting {
	t.Helper()
	sitting, err := w.Surveys.Sit(ctx, w.me, "health")
	ok(t, err)
	return sitting
}

// page is a section as it would be shown now.
func (w world) page(t *testing.T, n int) survey.Page {
	t.Helper()
	p := survey.Page{Section: n}
	if d := w.sit(t).Draft; d != nil {
		p.Of, p.Seen = d.ID, d.Version
	}
	return p
}

func (w world) kept(t *testing.T) []store.Resource {
	t.Helper()
	page, err := w.Records.Search(ctx, access.Job("program", "HOPERAT"), records.Search{Type: "QuestionnaireResponse", Query: []search.Pair{{Name: "subject", Value: "Patient/" + w.me.Patient}}})
	ok(t, err)
	return page.Resources
}

// fill answers all that must be answered.
func (w world) fill(t *testing.T) {
	t.Helper()
	ok(t, w.Surveys.Begin(ctx, w.me, "health", english))
	w.save(t, w.page(t, 1), "a", "11", "b", "bee")
	w.save(t, w.page(t, 2), "c", "sea")
	w.save(t, w.page(t, 3), "d", "true")
}

func TestASurveyIsKeptAtEachStepAndGoneOnWith(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ok(t, w.Surveys.Begin(ctx, w.me, "health", english))
		ok(t, w.Surveys.Begin(ctx, w.me, "health", english))
		if n := len(w.kept(t)); n != 1 {
			t.Fatalf("begun twice, there are %d drafts", n)
		}
		if at := w.sit(t).Resume(); at != 1 {
			t.Errorf("it goes on at %d", at)
		}
		w.save(t, w.page(t, 1), "a", "11")
		s := w.sit(t)
		if s.Resume() != 2 || s.Standing.State != survey.Begun || s.Standing.Done != 1 || s.Standing.Of != 3 {
			t.Errorf("after one section: at %d, %+v", s.Resume(), s.Standing)
		}
		if done, _ := w.Surveys.Completed(ctx, w.me.Patient); len(done) != 0 {
			t.Error("a draft counts as answered")
		}
		saved := w.save(t, w.page(t, 3))
		if saved.Faults.At("q.d") == "" || w.sit(t).Resume() != 2 {
			t.Errorf("a section with faults is behind the person: %v", saved.Faults)
		}
	})
}

func TestOfASectionWithFaultsWhatIsRightIsKept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		saved := w.save(t, survey.Page{Section: 1}, "a", "eleven", "b", "bee")
		if saved.Faults.At("q.a") == "" || saved.Fields.Get("q.a") != "eleven" {
			t.Errorf("faults %v, fields %v", saved.Faults, saved.Fields)
		}
		s := w.sit(t)
		if given := s.Sheet.Of(s.Item("b"), nil); len(given) != 1 || given[0].Text != "bee" {
			t.Errorf("what was right is lost: %v", given)
		}
	})
}

func TestTwoWindowsLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ok(t, w.Surveys.Begin(ctx, w.me, "health", english))
		older := w.page(t, 1)
		w.save(t, w.page(t, 1), "a", "11", "b", "bee")
		w.save(t, w.page(t, 2), "c", "sea")
		w.save(t, older, "a", "", "b", "bumblebee") // it showed both empty
		s := w.sit(t)
		for link, want := range map[string]string{"a": "11", "b": "bumblebee", "c": "sea"} {
			if given := s.Sheet.Of(s.Item(link), nil); len(given) != 1 || given[0].Text != want {
				t.Errorf("%s is %v, want %s", link, given, want)
			}
		}
		w.save(t, w.page(t, 1), "a", "11", "b", "")
		if s = w.sit(t); len(s.Sheet.Of(s.Item("b"), nil)) != 0 {
			t.Error("what was taken back stays")
		}
	})
}

func TestSentOnceAndWithoutWhatIsNotAsked(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.fill(t)
		w.save(t, w.page(t, 1), "a", "3", "b", "bee") // c is not asked any more
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := w.Surveys.Send(ctx, w.me, "health", english); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		kept := w.kept(t)
		if len(kept) != 1 {
			t.Fatalf("%d responses", len(kept))
		}
		body := string(kept[0].Body)
		for _, want := range []string{`"status":"completed"`, `"valueInteger":3`, `"valueBoolean":true`, survey.ReceivedExtension, `"code":"survey"`} {
			if !strings.Contains(body, want) {
				t.Errorf("it lacks %s: %s", want, body)
			}
		}
		for _, never := range []string{"sea", "Ada", "example.org", survey.ReachedExtension} {
			if strings.Contains(body, never) {
				t.Errorf("it holds %q: %s", never, body)
			}
		}
	})
}

func TestWhatIsMissingIsNotSent(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		if err := w.Surveys.Send(ctx, w.me, "health", english); !errs.Is(err, errs.Conflict) {
			t.Errorf("nothing was sent: %v", err)
		}
		w.save(t, survey.Page{Section: 1}, "a", "3")
		err := w.Surveys.Send(ctx, w.me, "health", survey.Locale{Lang: "es"})
		if err == nil || !strings.Contains(err.Error(), "q.d") {
			t.Errorf("a required answer is missing: %v", err)
		}
	})
}

func TestACorrectionAmendsAndTheOriginalStays(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.fill(t)
		ok(t, w.Surveys.Send(ctx, w.me, "health", english))
		first := w.kept(t)[0]
		done, err := w.Surveys.Completed(ctx, w.me.Patient)
		ok(t, err)
		w.Clock.Advance(48 * time.Hour)
		ok(t, w.Surveys.Begin(ctx, w.me, "health", english))
		w.save(t, w.page(t, 1), "a", "12", "b", "bee")
		now, err := w.Records.Read(ctx, w.me, "QuestionnaireResponse", first.ID)
		ok(t, err)
		if now.Version != first.Version {
			t.Error("what was sent changes before the correction is sent")
		}
		ok(t, w.Surveys.Send(ctx, w.me, "health", english))
		now, err = w.Records.Read(ctx, w.me, "QuestionnaireResponse", first.ID)
		ok(t, err)
		if body := string(now.Body); !strings.Contains(body, `"status":"amended"`) || !strings.Contains(body, `"valueInteger":12`) {
			t.Errorf("corrected: %s", body)
		}
		was, err := w.Records.ReadVersion(ctx, w.me, "QuestionnaireResponse", first.ID, first.Version)
		if ok(t, err); !strings.Contains(string(was.Body), `"valueInteger":11`) {
			t.Error("the original is gone")
		}
		again, err := w.Surveys.Completed(ctx, w.me.Patient)
		if ok(t, err); len(again) != 1 || !again[0].At.Equal(done[0].At) {
			t.Errorf("answered %v, and after the correction %v", done, again)
		}
	})
}

func TestACorrectionCanBeGivenUp(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.fill(t)
		ok(t, w.Surveys.Send(ctx, w.me, "health", english))
		w.save(t, survey.Page{Section: 1}, "a", "12") // an old page: it begins a correction
		if s := w.sit(t); s.Draft == nil || s.Draft.Corrects == "" {
			t.Fatal("what was changed after sending is lost")
		}
		ok(t, w.Surveys.Drop(ctx, w.me, "health"))
		s := w.sit(t)
		if given := s.Sheet.Of(s.Item("a"), nil); s.Draft != nil || given[0].Text != "11" {
			t.Errorf("after giving up: draft %v, a is %v", s.Draft, given)
		}
		for _, r := range w.kept(t) {
			if strings.Contains(string(r.Body), `"valueInteger":12`) {
				t.Error("the answers of a correction that was given up stay")
			}
		}
	})
}

func TestAnOldPageWithoutChangesBeginsNothing(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.fill(t)
		old := w.page(t, 3)
		ok(t, w.Surveys.Send(ctx, w.me, "health", english))
		w.save(t, old, "d", "true")
		if s := w.sit(t); s.Draft != nil || len(w.kept(t)) != 1 {
			t.Error("the same page sent again is a correction")
		}
	})
}

func TestAYearLaterItIsANewRound(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.fill(t)
		ok(t, w.Surveys.Send(ctx, w.me, "health", english))
		w.Clock.Advance(366 * 24 * time.Hour)
		if s := w.sit(t); s.Standing.State != survey.Again {
			t.Fatalf("a year later it is %s", s.Standing.State)
		}
		w.fill(t)
		ok(t, w.Surveys.Send(ctx, w.me, "health", english))
		if done, err := w.Surveys.Completed(ctx, w.me.Patient); err != nil || len(done) != 2 {
			t.Errorf("answered %v %v", done, err)
		}
		open, err := w.Surveys.Open(ctx, w.me.Patient)
		ok(t, err)
		for _, o := range open {
			if o.Survey.ID == "health" {
				t.Error("it is open again at once")
			}
		}
	})
}

func TestFilesAreOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		picture := []byte("\x89PNG\r\n\x1a\n and so on")
		p := survey.Page{Section: 2, Form: survey.Form{Files: map[string][]survey.Upload{"q.f": {{Data: picture}}}}}
		w.save(t, p)
		s := w.sit(t)
		given := s.Sheet.Of(s.Item("f"), nil)
		if len(given) != 1 || given[0].Attachment.ContentType != "image/png" {
			t.Fatalf("kept: %v", given)
		}
		id := given[0].Attachment.ID()
		typ, data, err := w.Surveys.File(ctx, w.me, "health", id)
		if ok(t, err); typ != "image/png" || string(data) != string(picture) {
			t.Errorf("it comes back as %s %q", typ, data)
		}
		other := w.Join(t, programtest.Bob)
		if _, _, err := w.Surveys.File(ctx, person(other), "health", id); !errs.Is(err, errs.NotFound) {
			t.Errorf("somebody else's file: %v", err)
		}
		older := w.page(t, 2)
		p = w.page(t, 2)
		p.Form.Files = map[string][]survey.Upload{"q.f": {{Data: append(picture, '2')}}}
		w.save(t, p)
		w.save(t, older, "f.drop", id)
		if s = w.sit(t); len(s.Sheet.Of(s.Item("f"), nil)) != 1 || s.Sheet.Of(s.Item("f"), nil)[0].Attachment.ID() == id {
			t.Errorf("one removed, one added in two windows: %v", s.Sheet.Of(s.Item("f"), nil))
		}
	})
}

func TestNobodyAnswersWithoutConsent(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.me = person(w.Join(t, programtest.Bob))
		for name, do := range map[string]func() error{
			"begin": func() error { return w.Surveys.Begin(ctx, w.me, "health", english) },
			"save":  func() error { _, err := w.Surveys.Save(ctx, w.me, "health", survey.Page{Section: 1}); return err },
			"send":  func() error { return w.Surveys.Send(ctx, w.me, "health", english) },
		} {
			if err := do(); !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s without consent: %v", name, err)
			}
		}
	})
}

func TestDraftsAreValidResources(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.fill(t)
		var r struct {
			Status, Language, Questionnaire string
			Extension                       []struct{ URL string }
		}
		ok(t, json.Unmarshal(w.kept(t)[0].Body, &r))
		if r.Status != "in-progress" || r.Language != "en" || !strings.HasSuffix(r.Questionnaire, "/health|2") || len(r.Extension) != 2 {
			t.Errorf("the draft is %+v", r)
		}
	})
}
