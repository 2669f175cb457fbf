package audit

import (
	"bytes"
	"slices"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
)

// maxEntities is how many entities one event names.
const maxEntities = 100

// eventOf renders an interaction as its rows: one for each patient, and one for what
// belongs to none.
func eventOf(at time.Time, a access.Actor, why Purpose, e Event) queued {
	f := factsOf(a, why, e)
	q := queued{at: at, actor: store.AuditActor(f.Actor.Role, f.Actor.who())}
	if len(e.Entities) == 0 {
		q.add(&f, e.Patient, nil)
		return q
	}
	if len(e.Entities) == 1 {
		if patients := e.Entities[0].patients(); len(patients) <= 1 {
			q.add(&f, first(patients), e.Entities)
			return q
		}
	}
	for _, g := range byPatient(e.Entities) {
		for part := range slices.Chunk(g.entities, maxEntities) {
			q.add(&f, g.patient, part)
		}
	}
	return q
}

// add adds a row: what all of the event's have, and what it has of its own.
func (q *queued) add(f *facts, patient string, entities []Entity) {
	f.Patient, f.Entities = patient, f.Entities[:0]
	for _, e := range entities {
		f.Entities = append(f.Entities, entityFacts{e.Type, e.ID, e.Version, e.Action})
	}
	d := draft{facts: f.rest(make([]byte, 0, 256))}
	if patient != "" {
		d.patient = int64(search.KeyOf("Patient", patient))
	}
	if len(entities) == 1 && entities[0].ID != "" {
		d.resource = int64(search.KeyOf(entities[0].Type, entities[0].ID))
	}
	q.drafts = append(q.drafts, d)
}

// rows are those of an event, with keys.
func (l *Log) rows(rows []store.AuditRow, q queued) []store.AuditRow {
	for _, d := range q.drafts {
		id, key := l.config.IDs.Keyed("AuditEvent")
		rows = append(rows, store.AuditRow{
			Chain: l.chain.id, Key: key, At: q.at, Actor: q.actor, Patient: d.patient, Resource: d.resource, Facts: identified(id, d.facts),
		})
	}
	return rows
}

func first(patients []string) string {
	if len(patients) == 0 {
		return ""
	}
	return patients[0]
}

type group struct {
	patient  string
	entities []Entity
}

func byPatient(entities []Entity) []group {
	var groups []group
	place := map[string]int{}
	add := func(patient string, e Entity) {
		i, ok := place[patient]
		if !ok {
			i = len(groups)
			place[patient] = i
			groups = append(groups, group{patient: patient})
		}
		groups[i].entities = append(groups[i].entities, e)
	}
	for _, e := range entities {
		patients := e.patients()
		for _, p := range patients {
			add(p, e)
		}
		if len(patients) == 0 {
			add("", e)
		}
	}
	return groups
}

// patients are the patients that the entity belongs to.
func (e *Entity) patients() []string {
	switch {
	case e.Patients != nil:
		return e.Patients
	case e.Type == "Patient":
		return []string{e.ID}
	}
	return PatientsNamed(e.Body)
}

// patientReference has no quote in front, which would be met too often to be
// searched for quickly.
var patientReference = []byte(`Patient/`)

// PatientsNamed finds the ids of the Patients that JSON refers to, without decoding it.
func PatientsNamed(body []byte) []string {
	var ids []string
	for {
		i := bytes.Index(body, patientReference)
		if i < 0 {
			return ids
		}
		quoted := i > 0 && body[i-1] == '"'
		body = body[i+len(patientReference):]
		if !quoted {
			continue
		}
		end := bytes.IndexAny(body[:min(len(body), 65)], `"/?`)
		if end > 0 && !slices.Contains(ids, string(body[:end])) {
			ids = append(ids, string(body[:end]))
		}
	}
}
