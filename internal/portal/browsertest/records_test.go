package browsertest

import (
	"context"
	"testing"

	"tributary/connectors/sandbox"
)

// TestHealthRecords is the life of a connection: found in the directory, some records
// amiss, access that lapses and is repaired, then ended with all that came.
func TestHealthRecords(t *testing.T) {
	first := chrome(t)
	w := newWorld(t)
	for _, lang := range []string{"en", "es"} {
		t.Run(lang, func(t *testing.T) { w.healthRecords(t, first, lang) })
	}
}

var inRecords = map[string]map[string]string{
	"en": {"none": "No provider has such a name", "kept": "What came before is still here", "removed": "What came has been removed", "lapsed": "has ended our access"},
	"es": {"none": "Ningún centro médico tiene ese nombre", "kept": "Lo que llegó antes sigue aquí", "removed": "Se borró lo que llegó", "lapsed": "terminó nuestro acceso"},
}

func (w *world) healthRecords(t *testing.T, first context.Context, lang string) {
	b, p, says := w.open(t, first, "records-"+lang), &w.people[map[string]int{"en": 0, "es": 1}[lang]], inRecords[lang]
	b.join(p)
	b.sign(p)
	b.decide(p, "yes")
	if lang == "es" {
		b.press(`form.language button`, "home")
	}
	b.visit("/providers", "providers")
	b.fill("q", "nowhere")
	b.press(`form[role="search"] button`, "providers")
	b.tells(says["none"])
	w.faults.Set(sandbox.Misbehaviour{TokenTTL: 1, Malformed: "Condition"})
	b.connect(p.record)
	b.until(`document.querySelector("[data-connection]").dataset.state === "partial"`)
	b.shows("connections")
	w.faults.Set(sandbox.Misbehaviour{TokenTTL: 1, EndAccess: true})
	b.press(`form[action$="/retry"] button`, "connections")
	b.until(`document.querySelector("[data-connection]").dataset.reason === "refresh"`)
	b.shows("connections")
	b.tells(says["lapsed"])
	w.faults.Set(sandbox.Misbehaviour{})
	b.press(`form[action$="/connect"] button`, "login")
	b.pick(p.record)
	b.until(`document.querySelector("[data-connection]").dataset.state === "complete"`)
	b.shows("connections")
	b.press(`[data-state="complete"] a[href$="/end"]`, "connection-end")
	b.send("connection-end")
	b.status(422)
	b.choose("what", "keep")
	b.send("connections")
	b.tells(says["kept"])
	b.press(`[data-reason="disconnected"] a[href$="/end"]`, "connection-end")
	b.choose("confirm", "yes")
	b.send("connections")
	b.until(`document.querySelector("[data-reason='removed']") !== null`)
	b.shows("connections")
	b.tells(says["removed"])
	b.silent()
}
