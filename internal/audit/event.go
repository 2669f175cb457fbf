package audit

import (
	"bytes"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// maxEntities is how many entities one event names.
const maxEntities = 100

// rows renders an interaction as its events: one for each patient, and one for
// what belongs to none.
func (l *Log) rows(rows []store.AuditRow, q queued) []store.AuditRow {
	if len(q.event.Entities) == 0 {
		return append(rows, l.row(q, q.event.Patient, nil))
	}
	if len(q.event.Entities) == 1 {
		if patients := q.event.Entities[0].patients(); len(patients) <= 1 {
			return append(rows, l.row(q, first(patients), q.event.Entities))
		}
	}
	for _, g := range byPatient(q.event.Entities) {
		for part := range slices.Chunk(g.entities, maxEntities) {
			rows = append(rows, l.row(q, g.patient, part))
		}
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

func (l *Log) row(q queued, patient string, entities []Entity) store.AuditRow {
	id := l.config.IDs.New("AuditEvent")
	f := factsOf(id, q, patient, entities)
	r := store.AuditRow{
		Chain: l.chain.id, Key: search.KeyOf("AuditEvent", id), At: q.at, Actor: store.AuditActor(f.Actor.Role, f.Actor.who()), Facts: f.encode(),
	}
	if patient != "" {
		r.Patient = int64(search.KeyOf("Patient", patient))
	}
	if len(entities) == 1 && entities[0].ID != "" {
		r.Resource = int64(search.KeyOf(entities[0].Type, entities[0].ID))
	}
	return r
}
