package mydata_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	room "tributary/internal/portal/mydata"
	"tributary/internal/portal/web/webtest"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
)

var day = time.Date(2025, 6, 1, 9, 0, 0, 0, time.UTC)

// some records of several kinds and origins.
func (w *world) some() {
	w.put(records.FromEHR, w.lab("g1", day, "95", ""), w.lab("g2", day.AddDate(0, 1, 0), "120", ""),
		w.resource("Condition", "c1", "subject", `"code":{"text":"Hay fever"},"onsetDateTime":"2019-04","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}`),
		w.resource("CarePlan", "p1", "subject", `"status":"active","intent":"plan","title":"Plan against hay fever","period":{"start":"2024-01-05"}`),
		w.resource("AllergyIntolerance", "a1", "patient", `"code":{"text":"Peanuts"}`),
		w.resource("Procedure", "x1", "subject", `"status":"entered-in-error","code":{"text":"Sewing of a cut"},"performedDateTime":"2023-02-03"`))
	w.put(records.Survey, w.resource("QuestionnaireResponse", "q1", "subject", fmt.Sprintf(`"status":"completed","questionnaire":"%s|1.0","authored":"2026-02-28T10:00:00Z"`, w.Study.Surveys[0].URL)))
	w.put(records.Measurement, w.resource("Observation", "w1", "subject", fmt.Sprintf(`"status":"final","effectiveDateTime":"2026-01-15T10:00:00Z","performer":[{"reference":"Organization/%s"}],
		"code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body weight"}]},"valueQuantity":{"value":70.5,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}`, w.Study.Sites[0].ID)))
	w.put(records.FromEHR, w.resource("Device", "d1", "patient", `"status":"active","deviceName":[{"name":"Pacemaker","type":"user-friendly-name"}],"type":{"text":"Pacemaker"}`))
	w.put("", w.resource("Observation", "s1", "subject", `"status":"final","effectiveDateTime":"2026-01-14","code":{"text":"Steps"},"valueQuantity":{"value":9000,"unit":"steps"}`))
}

// In order: what goes on, then by day, the newest first, then what has no date.
func TestTimelineInOrder(t *testing.T) {
	each(t, func(w *world) {
		w.some()
		page := w.Sees("/data", "data")
		at := -1
		for _, want := range []string{"Still going on", "Plan against hay fever", "28 February 2026", w.Study.Surveys[0].Title.String(), "15 January 2026", "70.5 kg", "14 January 2026", "Steps",
			"1 July 2025", "120 mg/dL above the usual range", "1 June 2025", "95 mg/dL", "3 February 2023", "Sewing of a cut", "April 2019", "Hay fever", "Without a date", "Peanuts"} {
			next := strings.Index(page.Text(), want)
			if next <= at {
				w.Errorf("%q stands at %d, after %d: %s", want, next, at, page.Text())
			}
			at = max(at, next)
		}
		for _, want := range []string{"From Harbor Health", "You told us in the survey", "Measured at " + w.Study.Sites[0].Name.String(), "Sent by an app or another system", "Entered by mistake"} {
			if !strings.Contains(page.Text(), want) {
				w.Errorf("it does not say %q", want)
			}
		}
		if text := w.In("es").Sees("/data", "data").Text(); !strings.Contains(text, "1 de julio de 2025") || !strings.Contains(text, "De Harbor Health") || !strings.Contains(text, "abril de 2019") {
			w.Error(text)
		}
	})
}

func TestNarrowedByKindAndWords(t *testing.T) {
	each(t, func(w *world) {
		w.some()
		for kind, want := range map[string]string{"labs": "Observation/g2 Observation/g1", "exams": "Observation/w1 Observation/s1", "allergies": "AllergyIntolerance/a1", "treatments": "Device/d1 Procedure/x1", "surveys": "QuestionnaireResponse/q1", "vaccines": ""} {
			if got := listed(w.Sees("/data?kind="+kind, "data")); got != want {
				w.Errorf("%s: %q, want %q", kind, got, want)
			}
		}
		for words, want := range map[string]string{"HAY fév": "CarePlan/p1 Condition/c1", "gluc": "Observation/g2 Observation/g1", "\"hay -fever OR": "", "nowhere": "", "%,|$()*": ""} {
			if got := listed(w.found("", words)); got != want {
				w.Errorf("%q finds %q, want %q", words, got, want)
			}
		}
		if got := listed(w.found("conditions", "hay")); got != "Condition/c1" {
			w.Errorf("both: %q", got)
		}
		if p := w.Get("/data?kind=nothing"); p.StatusCode != http.StatusNotFound {
			w.Errorf("an unknown kind: %d", p.StatusCode)
		}
		if p := w.Post("/data", "kind", "nothing"); p.StatusCode != http.StatusBadRequest {
			w.Errorf("an unknown kind: %d", p.StatusCode)
		}
	})
}

// found is what a search shows; its address does not tell the words.
func (w *world) found(kind, words string) webtest.Page {
	w.Helper()
	where := w.Post("/data", "kind", kind, "words", words).Header.Get("Location")
	if where == "" || strings.Contains(where, url.QueryEscape(words)) {
		w.Errorf("the search for %q is at %q", words, where)
	}
	return w.Sees(where, "data")
}

// listed are the records that a page links to, in its order.
func listed(p webtest.Page) string {
	var all []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Data == "li" && webtest.Attribute(n, "data-type") != "" {
			all = append(all, strings.TrimPrefix(webtest.Attribute(n.FirstChild, "href"), "/data/"))
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(p.Doc)
	return strings.Join(all, " ")
}

// Pages have no gaps and repeat nothing, and stay light; a place is the person's own.
func TestPages(t *testing.T) {
	each(t, func(w *world) {
		var all []string
		for i := range 130 {
			all = append(all, w.lab(fmt.Sprintf("n%03d", i), day.Add(time.Duration(i)*time.Hour), "90", ""))
		}
		w.put(records.FromEHR, all...)
		seen, next := map[string]bool{}, "/data?kind=labs"
		for next != "" {
			p := w.Sees(next, "data")
			if len(p.Body) > 30<<10 {
				w.Errorf("a page weighs %d bytes", len(p.Body))
			}
			for _, one := range strings.Fields(listed(p)) {
				if seen[one] {
					w.Errorf("%s is there twice", one)
				}
				seen[one] = true
			}
			next = ""
			if strings.Contains(p.Text(), "Older") {
				next = older(p)
			}
			if strings.Contains(next, "2025") {
				w.Errorf("the address %s tells a date", next)
			}
		}
		if len(seen) != 130 {
			w.Errorf("%d of 130 were shown", len(seen))
		}
		if p := w.Get("/data?at=tampered"); p.StatusCode != http.StatusNotFound {
			w.Errorf("a changed place: %d", p.StatusCode)
		}
	})
}

func older(p webtest.Page) (href string) {
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Data == "a" && webtest.Text(n) == "Older" {
			href = webtest.Attribute(n, "href")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(p.Doc)
	return href
}

// A record is shown with its codes and versions; nobody else's, and nothing that waits
// for a consent of its own.
func TestRecords(t *testing.T) {
	each(t, func(w *world) {
		w.some()
		w.put(records.FromEHR, w.lab("g1", day, "96", ""))
		p := w.Sees("/data/Observation/g1", "data-record")
		for _, want := range []string{"Glucose in the blood", "96 mg/dL", "2345-7", "LOINC", "From Harbor Health", "Version 2", "Version 1", "Usual range", "Show as a chart"} {
			if !strings.Contains(p.Text(), want) {
				w.Errorf("it does not say %q: %s", want, p.Text())
			}
		}
		if old := w.Sees("/data/Observation/g1?version=1", "data-record").Text(); !strings.Contains(old, "95 mg/dL") || !strings.Contains(old, "This is an older version") {
			w.Error(old)
		}
		if text := w.In("es").Sees("/data/Condition/c1", "data-record").Text(); !strings.Contains(text, "Empezó") || !strings.Contains(text, "abril de 2019") {
			w.Error(text)
		}
		var res struct{ ResourceType, ID string }
		if err := json.Unmarshal([]byte(w.Get("/data/Observation/g1/json").Body), &res); err != nil || res.ID != "g1" {
			w.Errorf("its JSON: %+v, %v", res, err)
		}
		for _, path := range []string{"/data/Observation/none", "/data/Nothing/x", "/data/Observation/g1?version=9", "/data/Observation/g1?version=x", "/data/Observation/none/json", "/data/charts/none", "/data/charts/c1", "/data/charts?page=7"} {
			if p := w.Get(path); p.StatusCode != http.StatusNotFound {
				w.Errorf("%s: %d", path, p.StatusCode)
			}
		}
	})
}

func TestOthersSeeNothing(t *testing.T) {
	each(t, func(w *world) {
		w.some()
		w.put(records.FromEHR, w.resource("Observation", "gene", "subject", `"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0074","code":"GE"}]}],"code":{"text":"Genomyx"},"effectiveDateTime":"2026-01-01"`))
		bob := programtest.Bob
		bob.State = "MA"
		other := w.Join(w.T, bob)
		w.put(records.FromEHR, strings.ReplaceAll(strings.ReplaceAll(w.lab("theirs", day, "88", ""), w.patient, other), "Glucose in the blood", "Zyxw"))
		bundle := w.Get("/data/take/bundle").Body
		for _, text := range []string{w.Sees("/data", "data").Body, w.found("", "zyxw").Body, w.found("", "genomyx").Body, w.Sees("/data/charts", "data-charts").Body, bundle} {
			if strings.Contains(text, "Genomyx") || strings.Contains(text, "Zyxw") || strings.Contains(text, "theirs") {
				w.Error("what is not theirs to see is shown")
			}
		}
		for _, id := range []string{"theirs", "gene"} {
			for _, path := range []string{"/data/Observation/" + id, "/data/Observation/" + id + "/json", "/data/charts/" + id} {
				if p := w.Get(path); p.StatusCode != http.StatusNotFound {
					w.Errorf("%s: %d", path, p.StatusCode)
				}
			}
		}
		if !strings.Contains(bundle, `"g1"`) {
			w.Error("their own is missing")
		}
	})
}

func TestCharts(t *testing.T) {
	each(t, func(w *world) {
		w.some()
		w.put(records.FromEHR, w.lab("g3", day.AddDate(0, 2, 0), "110", ""))
		grams := strings.Replace(w.lab("g4", day.AddDate(0, -2, 0), "1.05", ""), `"value":1.05,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"`, `"value":1.05,"unit":"g/L","system":"http://unitsofmeasure.org","code":"g/L"`, 1)
		w.put(records.FromEHR, grams)
		text := w.Sees("/data/charts", "data-charts").Text()
		for _, want := range []string{"Glucose in the blood 110 mg/dL above the usual range", "Weight", "70.5 kg"} {
			if !strings.Contains(text, want) {
				w.Errorf("it does not say %q: %s", want, text)
			}
		}
		p := w.Sees("/data/charts/g1", "data-chart")
		for _, want := range []string{"1 August 2025From Harbor Health110", "1 April 2025From Harbor Health105 high (1.05 g/L)", "the usual range"} {
			if !strings.Contains(p.Text(), want) {
				w.Errorf("it does not say %q: %s", want, p.Text())
			}
		}
		if n := strings.Count(p.Body, "<circle"); n != 4 {
			w.Errorf("%d points are drawn", n)
		}
		if strings.Contains(p.Body, "style=") {
			w.Error("a style stands inline")
		}
	})
}

func TestTakenAlong(t *testing.T) {
	each(t, func(w *world) {
		w.some()
		for i := range 5 {
			w.put(records.FromEHR, w.lab(fmt.Sprintf("m%d", i), day, "90", ""))
		}
		w.Sees("/data/take", "data-take")
		p := w.Get("/data/take/bundle")
		var b struct {
			ResourceType, Type string
			Entry              []struct {
				FullURL  string
				Resource struct{ ResourceType, ID string }
			}
		}
		if err := json.Unmarshal([]byte(p.Body), &b); err != nil || b.ResourceType != "Bundle" || b.Type != "collection" {
			w.Fatalf("%+v, %v", b, err)
		}
		have := map[string]bool{}
		for _, e := range b.Entry {
			have[e.Resource.ResourceType+"/"+e.Resource.ID] = true
			if !strings.HasSuffix(e.FullURL, "/fhir/R4/"+e.Resource.ResourceType+"/"+e.Resource.ID) {
				w.Errorf("the full URL is %q", e.FullURL)
			}
		}
		for _, want := range []string{"Patient/" + w.patient, "Observation/g1", "Observation/m4", "Condition/c1", "QuestionnaireResponse/q1", "Device/d1"} {
			if !have[want] {
				w.Errorf("%s is not in it", want)
			}
		}
		for path, ending := range map[string]string{"/data/take/bundle": ".json", "/data/take/pdf": ".pdf"} {
			if got := w.Get(path).Header.Get("Content-Disposition"); got != `attachment; filename="my-data-2026-03-02`+ending+`"` {
				w.Errorf("%s comes as %q", path, got)
			}
		}
		if pdf := w.Get("/data/take/pdf"); !strings.HasPrefix(pdf.Body, "%PDF-") || pdf.Header.Get("Content-Type") != "application/pdf" {
			w.Errorf("the PDF: %d, %s", pdf.StatusCode, pdf.Header.Get("Content-Type"))
		}
	})
}

// Who has records of care providers shows a second factor of the last minutes.
func TestTheSecondFactorIsAskedFor(t *testing.T) {
	each(t, func(w *world) {
		w.some()
		w.Clock.Advance(11 * time.Minute)
		asks := func(path string) bool {
			return strings.HasPrefix(w.Get(path).Header.Get("Location"), "/second-factor")
		}
		for _, path := range []string{"/data", "/data/charts", "/data/Observation/g1", "/data/Observation/g1/json", "/data/take"} {
			if w.pulled = false; asks(path) {
				w.Errorf("%s asks who has no records of providers", path)
			}
			if w.pulled = true; !asks(path) {
				w.Errorf("%s does not ask who has", path)
			}
		}
		w.pulled = false
		for _, path := range []string{"/data/take/bundle", "/data/take/pdf"} {
			if !asks(path) {
				w.Errorf("%s does not ask", path)
			}
		}
	})
}

func TestReleases(t *testing.T) {
	each(t, func(w *world) {
		if text := w.Sees("/data/releases", "data-releases").Text(); !strings.Contains(text, "in no release so far") {
			w.Error(text)
		}
		w.releases = []room.Release{{At: day, Name: "River Institute", Tier: "registered", EHR: true}, {At: day, Name: "Old Institute", Tier: "registered", Closed: true}}
		text := w.Sees("/data/releases", "data-releases").Text()
		for _, want := range []string{"River Institute1 June 2025", "Your health records were in it.", "can no longer be fetched"} {
			if !strings.Contains(text, want) {
				w.Errorf("it does not say %q: %s", want, text)
			}
		}
	})
}

func TestNothingYet(t *testing.T) {
	each(t, func(w *world) {
		w.Sees("/data?kind=labs", "data")
		if text := w.Sees("/data/charts", "data-charts").Text(); !strings.Contains(text, "Charts show here when something was measured") {
			w.Error(text)
		}
	})
}
