package browsertest

import "testing"

// TestMyData is what a participant with health records reads of what is kept: at a desk
// and on a phone, in English with scripts and in Spanish without.
func TestMyData(t *testing.T) {
	first := chrome(t)
	w := newWorld(t)
	b, p := w.desk(t, first, "mydata", "en"), &w.people[0]
	b.join(p)
	b.visit("/data", "data")
	b.visit("/data/charts", "data-charts")
	b.visit("/data/releases", "data-releases")
	b.visit("/home", "home")
	b.read()
	b.send("sign")
	b.agree(p)
	b.send("ehr")
	b.decide(p, "yes")
	b.survey()
	b.connect(p.record)
	b.until(`document.querySelector("[data-connection]").dataset.state === "complete"`)
	b.visit("/home", "home")
	b.press(`nav a[href="/data"]`, "data")
	b.readsAll("zzzz", "hypertension")
	b.scripts = false
	b.runScripts(false)
	b.visit("/home", "home")
	b.story, b.lang = "mydata-es", "es"
	b.speaks("es", "home")
	b.readsAll("zzzz", "hypertension")
	b.silent()
}

// readsAll goes through the pages by their links; one word is nowhere.
func (b *tab) readsAll(nowhere, word string) {
	b.Helper()
	b.visit("/data", "data")
	if b.count(`[data-origin="ehr"]`) == 0 || b.count(`[data-origin="survey"]`) == 0 {
		b.Error("the timeline lacks what a provider sent, or the answers")
	}
	b.finds(nowhere, false)
	b.visit("/data?kind=labs", "data")
	if b.count(`[data-type]`) != b.count(`[data-type="Observation"], [data-type="DiagnosticReport"], [data-type="Specimen"]`) {
		b.Error("among the lab results are other records")
	}
	b.visit("/data", "data")
	b.press(`[rel="next"]`, "data")
	b.visit("/data?kind=visits", "data")
	b.press(`[data-type="Encounter"] a`, "data-record")
	b.visit("/data/take", "data-take")
	b.press(`.ways a[href="/data/charts"]`, "data-charts")
	b.press(`[data-quantity] a`, "data-chart")
	b.press(`tbody a`, "data-record")
	b.visit("/data/releases", "data-releases")
}
