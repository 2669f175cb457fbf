package audit

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
)

// maxEntities is how many entities one event names.
const maxEntities = 100

// rows renders an interaction as its events: one for each patient, and one for
// what belongs to none.
func (l *Log) rows(rows []store.AuditRow, q queued) []store.AuditRow {
	if len(q.event.Entities) == 0 {
		return append(rows, l.row(q, "", nil))
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

var reference = []byte(`"Patient/`)

// PatientsNamed finds the ids of the Patients that JSON refers to, without decoding it.
func PatientsNamed(body []byte) []string {
	var ids []string
	for {
		i := bytes.Index(body, reference)
		if i < 0 {
			return ids
		}
		body = body[i+len(reference):]
		end := bytes.IndexAny(body[:min(len(body), 65)], `"/?`)
		if end > 0 && !slices.Contains(ids, string(body[:end])) {
			ids = append(ids, string(body[:end]))
		}
	}
}

func (l *Log) row(q queued, patient string, entities []Entity) store.AuditRow {
	id := l.config.IDs.New("AuditEvent")
	who := q.actor.ID
	if who == "" {
		who = q.actor.Client
	}
	r := store.AuditRow{
		Key: search.KeyOf("AuditEvent", id), At: q.at,
		Actor: store.AuditActor(string(q.actor.Role), who), Body: l.body(id, q, patient, entities),
	}
	if patient != "" {
		r.Patient = int64(search.KeyOf("Patient", patient))
	}
	if len(entities) == 1 && entities[0].ID != "" {
		r.Resource = int64(search.KeyOf(entities[0].Type, entities[0].ID))
	}
	return r
}

// idOf reads the id of a body that this package rendered.
func idOf(body []byte) string {
	_, rest, _ := bytes.Cut(body, []byte(`"id":"`))
	id, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(id)
}

// actions are the AuditEvent.action of the interactions.
var actions = map[access.Interaction]string{
	access.Create: "C", access.Update: "U", access.Patch: "U", access.Delete: "D",
	access.Read: "R", access.VRead: "R", access.History: "R", access.Metadata: "R",
}

// codes are the interactions whose code in restful-interaction is another than ours.
var codes = map[access.Interaction]string{
	access.History: "history-instance", access.Search: "search-type", access.Export: "operation", access.Metadata: "capabilities",
}

// body renders the AuditEvent by appending: it is on the way of every access.
func (l *Log) body(id string, q queued, patient string, entities []Entity) []byte {
	b := make([]byte, 0, 900+120*len(entities))
	b = append(b, `{"resourceType":"AuditEvent","id":"`...)
	b = append(b, id...)
	b = append(b, `","meta":{"versionId":"1","lastUpdated":"`...)
	b = instant(b, q.at)
	b = append(b, `"},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest"},`+
		`"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":`...)
	code, ok := codes[q.event.Interaction]
	if !ok {
		code = string(q.event.Interaction)
	}
	b = text(b, code)
	b = append(b, `}],"action":"`...)
	action, ok := actions[q.event.Interaction]
	if !ok {
		action = "E"
	}
	b = append(b, action...)
	b = append(b, `","recorded":"`...)
	b = instant(b, q.at)
	b = append(b, `","outcome":"`...)
	b = append(b, cmp.Or(string(q.event.Outcome), "0")...)
	b = append(b, '"')
	if q.event.Reason != "" {
		b = append(b, `,"outcomeDesc":`...)
		b = text(b, q.event.Reason)
	}
	b = append(b, `,"purposeOfEvent":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":`...)
	b = text(b, string(q.purpose))
	b = append(b, `}]}],"agent":[`...)
	b = agents(b, q.actor)
	b = append(b, `],"source":{"observer":{"display":`...)
	b = text(b, l.config.Source)
	b = append(b, `}}`...)
	b = what(b, q, patient, entities)
	return append(b, '}')
}

// ActorSystem is what the identifier systems of actors begin with; the role, or
// "client" for the software that a person uses, follows.
const ActorSystem = "https://tributary.example/fhir/actor/"

// agents names who asked and, when a person asked through an app, the app too.
func agents(b []byte, a access.Actor) []byte {
	id := a.ID
	if id == "" {
		id = a.Client
	}
	b = agent(b, string(a.Role), id, a.Address, true)
	if a.Client != "" && a.ID != "" && a.ID != a.Client {
		b = append(b, ',')
		b = agent(b, "client", a.Client, "", false)
	}
	return b
}

func agent(b []byte, role, id, address string, requestor bool) []byte {
	if role == "" {
		role = "anonymous"
	}
	b = append(b, `{"who":{"identifier":{"system":`...)
	b = text(b, ActorSystem+role)
	if id != "" {
		b = append(b, `,"value":`...)
		b = text(b, id)
	}
	b = append(b, `}},"requestor":`...)
	b = strconv.AppendBool(b, requestor)
	if address != "" {
		b = append(b, `,"network":{"address":`...)
		b = text(b, address)
		b = append(b, `,"type":"2"}`...)
	}
	return append(b, '}')
}

// what lists the entities: the patient, the resources, the query, the request.
func what(b []byte, q queued, patient string, entities []Entity) []byte {
	open := `,"entity":[`
	next := func() {
		b = append(b, open...)
		open = ","
	}
	if patient != "" && !(len(entities) == 1 && entities[0].Type == "Patient") {
		next()
		b = append(b, `{"what":{"reference":`...)
		b = text(b, "Patient/"+patient)
		b = append(b, `},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"1"},`+
			`"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1"}}`...)
	}
	for _, e := range entities {
		next()
		b = entity(b, e)
	}
	if q.event.Query != "" || (len(entities) == 0 && q.event.Type != "") {
		next()
		b = query(b, q.event)
	}
	if q.actor.RequestID != "" {
		next()
		b = append(b, `{"what":{"identifier":{"value":`...)
		b = text(b, q.actor.RequestID)
		b = append(b, `}},"type":{"system":"https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType","code":"XrequestId"}}`...)
	}
	if open == "," {
		b = append(b, ']')
	}
	return b
}

func entity(b []byte, e Entity) []byte {
	b = append(b, `{"what":{"reference":`...)
	ref := e.Type + "/" + e.ID
	if e.Version > 0 {
		ref += "/_history/" + strconv.FormatInt(e.Version, 10)
	}
	b = text(b, ref)
	b = append(b, '}')
	if e.Action != "" {
		b = append(b, `,"detail":[{"type":"interaction","valueString":`...)
		b = text(b, string(e.Action))
		b = append(b, `}]`...)
	}
	return append(b, '}')
}

func query(b []byte, e Event) []byte {
	b = append(b, `{"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2"},`+
		`"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"24"},"query":"`...)
	b = base64.StdEncoding.AppendEncode(b, []byte(e.Type+"?"+e.Query))
	return append(b, `"}`...)
}

func instant(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
}

// text appends a JSON string.
func text(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string cannot fail to encode
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
