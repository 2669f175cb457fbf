package audit

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"tributary/internal/access"
)

// actions are the AuditEvent.action of the interactions.
var actions = map[access.Interaction]string{
	access.Create: "C", access.Update: "U", access.Patch: "U", access.Delete: "D",
	access.Read: "R", access.VRead: "R", access.History: "R", access.Metadata: "R",
}

// codes are the interactions whose code in restful-interaction is another than ours.
var codes = map[access.Interaction]string{
	access.History: "history-instance", access.Search: "search-type", access.Export: "operation", access.Metadata: "capabilities",
}

// render makes the AuditEvent of the facts.
func (f *facts) render(source string, at time.Time) []byte {
	b := make([]byte, 0, 900+120*len(f.Entities))
	b = append(b, `{"resourceType":"AuditEvent","id":"`...)
	b = append(b, f.ID...)
	b = append(b, `","meta":{"versionId":"1","lastUpdated":"`...)
	b = instant(b, at)
	b = append(b, `"},"type":{"system":`...)
	b = f.kind(b)
	b = append(b, `}],"action":"`...)
	action, ok := actions[f.Interaction]
	if !ok {
		action = "E"
	}
	b = append(b, action...)
	b = append(b, `","recorded":"`...)
	b = instant(b, at)
	b = append(b, `","outcome":"`...)
	b = append(b, cmp.Or(string(f.Outcome), "0")...)
	b = append(b, '"')
	if f.Reason != "" {
		b = append(b, `,"outcomeDesc":`...)
		b = text(b, f.Reason)
	}
	b = append(b, `,"purposeOfEvent":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":`...)
	b = text(b, string(f.Purpose))
	b = append(b, `}]}],"agent":[`...)
	b = agents(b, &f.Actor)
	b = append(b, `],"source":{"observer":{"display":`...)
	b = text(b, source)
	b = append(b, `}}`...)
	b = f.what(b)
	return append(b, '}')
}

// signings are the DICOM codes of sign-ins.
var signings = map[access.Interaction]string{SignIn: "110122", SignOut: "110123"}

// kind is the type and the subtype.
func (f *facts) kind(b []byte) []byte {
	if code, ok := signings[f.Interaction]; ok {
		b = append(b, `"http://dicom.nema.org/resources/ontology/DCM","code":"110114"},"subtype":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":`...)
		return text(b, code)
	}
	b = append(b, `"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":`...)
	code, ok := codes[f.Interaction]
	if !ok {
		code = string(f.Interaction)
	}
	return text(b, code)
}

// ActorSystem is what the identifier systems of actors begin with; the role, or
// "client" for the software that a person uses, follows.
const ActorSystem = "https://tributary.example/fhir/actor/"

// agents names who asked and, when a person asked through an app, the app too; of a
// delegate, also on whose behalf.
func agents(b []byte, a *actorFacts) []byte {
	b = agent(b, a.Role, a.who(), a.Address, true)
	if a.Client != "" && a.ID != "" && a.ID != a.Client {
		b = append(b, ',')
		b = agent(b, "client", a.Client, "", false)
	}
	if a.For != "" {
		b = append(b, `,{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleClass","code":"PAT","display":"patient"}],`+
			`"text":"on behalf of"},"who":{"reference":`...)
		b = text(b, "Patient/"+a.For)
		b = append(b, `},"requestor":false}`...)
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
func (f *facts) what(b []byte) []byte {
	open := `,"entity":[`
	next := func() {
		b = append(b, open...)
		open = ","
	}
	if f.Patient != "" && !(len(f.Entities) == 1 && f.Entities[0].Type == "Patient") {
		next()
		b = append(b, `{"what":{"reference":`...)
		b = text(b, "Patient/"+f.Patient)
		b = append(b, `},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"1"},`+
			`"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1"}}`...)
	}
	for _, e := range f.Entities {
		next()
		b = entity(b, e)
	}
	if f.Query != "" || (len(f.Entities) == 0 && f.Type != "") {
		next()
		b = query(b, f.Type, f.Query)
	}
	if f.Actor.Request != "" {
		next()
		b = append(b, `{"what":{"identifier":{"value":`...)
		b = text(b, f.Actor.Request)
		b = append(b, `}},"type":{"system":"https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType","code":"XrequestId"}}`...)
	}
	if open == "," {
		b = append(b, ']')
	}
	return b
}

func entity(b []byte, e entityFacts) []byte {
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

func query(b []byte, typ, query string) []byte {
	b = append(b, `{"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2"},`+
		`"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"24"},"query":"`...)
	b = base64.StdEncoding.AppendEncode(b, []byte(typ+"?"+query))
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
