package consent

import (
	"crypto/sha1" // Attachment.hash is SHA-1 by definition
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"tributary/config/program"
)

// object is a JSON object in the making.
type object = map[string]any

type list = []any

// HashExtension holds the SHA-256 of a document's content: Attachment.hash is
// SHA-1 and R4's Consent has no place of its own for it.
const HashExtension = "https://tributary.example/fhir/StructureDefinition/document-sha256"

const (
	scopeSystem   = "http://terminology.hl7.org/CodeSystem/consentscope"
	policySystem  = "http://terminology.hl7.org/CodeSystem/consentpolicycodes"
	purposeSystem = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	actorSystem   = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
	instant       = time.RFC3339
)

func coding(system, code, display string) object {
	return object{"coding": list{object{"system": system, "code": code, "display": display}}}
}

func concept(c program.Code) object { return coding(c.System, c.Code, c.Display) }

func concepts(codes []program.Code) list {
	out := list{}
	for _, c := range codes {
		out = append(out, concept(c))
	}
	return out
}

func reference(typ, id string) object { return object{"reference": typ + "/" + id} }

// policyURI names the document's version; its content is named by the hash.
func policyURI(d *program.Document) string {
	return fmt.Sprintf("https://tributary.example/consent/%s/%s/%s", d.ID, d.Version, d.Language)
}

func hashExtension(d *program.Document) list {
	return list{object{"url": HashExtension, "valueString": d.Hash()}}
}

// consent is the Consent of an entry; document is the id of its
// DocumentReference, "" when nothing was signed.
func (e entry) consent(study *program.Study, kind *program.Consent, document string) ([]byte, error) {
	d := e.Document
	res := object{
		"resourceType": "Consent",
		"extension":    hashExtension(d),
		"status":       statusOf[e.Decision],
		"scope":        object{"coding": list{object{"system": scopeSystem, "code": kind.Scope}}},
		"category":     concepts(kind.Categories),
		"patient":      reference("Patient", e.Patient),
		"dateTime":     e.At.Format(instant),
		"performer":    list{e.performer()},
		"organization": list{object{"display": study.Sponsor}},
		"policy":       list{object{"uri": policyURI(d)}},
		"policyRule":   object{"coding": list{object{"system": policySystem, "code": kind.Policy}}},
		"provision":    e.provision(study, d),
	}
	if document != "" {
		res["sourceReference"] = reference("DocumentReference", document)
	}
	return json.Marshal(res)
}

// statusOf: a no is rejected, what is taken back is inactive.
var statusOf = map[Decision]string{Agree: "active", Decline: "rejected", Revoke: "inactive", Withdraw: "inactive"}

func (e entry) provision(study *program.Study, d *program.Document) object {
	if e.Decision != Agree {
		return object{"type": "deny"}
	}
	period := object{"start": e.At.Format(instant)}
	if end := e.expires(); !end.IsZero() {
		period["end"] = end.Format(instant)
	}
	purposes := list{}
	for _, code := range study.Purposes {
		purposes = append(purposes, object{"system": purposeSystem, "code": code})
	}
	return object{"type": "permit", "period": period, "purpose": purposes,
		"actor": list{object{"role": coding(actorSystem, "IRCP", "information recipient"), "reference": object{"display": study.Sponsor}}}}
}

// binary holds the PDF; only who may read the Patient may read it.
func (e entry) binary() ([]byte, error) {
	return json.Marshal(object{"resourceType": "Binary", "contentType": "application/pdf",
		"securityContext": reference("Patient", e.Patient), "data": base64.StdEncoding.EncodeToString(e.PDF)})
}

func (e entry) documentReference(typ program.Code, binary string) ([]byte, error) {
	d, title := e.Document, e.Document.Title
	if d.Version != "" {
		title += wordsIn(d.Language)("edition") + d.Version
	}
	sum := sha1.Sum(e.PDF)
	return json.Marshal(object{
		"resourceType": "DocumentReference", "extension": hashExtension(d), "status": "current", "docStatus": "final",
		"type": concept(typ), "subject": reference("Patient", e.Patient),
		"date": e.At.Format(instant), "author": list{reference("Patient", e.Patient)}, "description": d.Title,
		"content": list{object{"attachment": object{
			"contentType": "application/pdf", "language": d.Language, "url": "Binary/" + binary, "size": len(e.PDF),
			"hash": base64.StdEncoding.EncodeToString(sum[:]), "title": title, "creation": e.At.Format(instant)}}},
	})
}

// performer is who decided: the participant, or a representative, named by the account.
func (e entry) performer() object {
	if e.For != "" {
		return object{"identifier": object{"system": delegateSystem, "value": e.For}}
	}
	return reference("Patient", e.Patient)
}

// agents are who decided, and who of staff was present.
func (e entry) agents() list {
	author := object{"type": coding(participation, "author", "Author"), "who": e.performer()}
	if e.For != "" {
		author["onBehalfOf"] = reference("Patient", e.Patient)
	}
	out := list{author}
	if e.Witness.Staff == "" {
		return out
	}
	return append(out, object{"type": coding(participation, "attester", "Attester"),
		"who":        object{"identifier": object{"system": staffSystem, "value": e.Witness.Staff}},
		"onBehalfOf": object{"display": "Partner center " + e.Witness.Site}})
}

const (
	participation = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
	staffSystem   = "https://tributary.example/fhir/actor/center" // as the audit names staff
)

// consentSignature is the purpose of the signature (ASTM E1762-95, 1.2.840.10065.1.12.1.7).
var consentSignature = object{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.7", "display": "Consent Signature"}

// who signed: the participant, or a representative, who is named by the account.
func (e entry) who() object {
	if e.For != "" {
		return object{"identifier": object{"system": delegateSystem, "value": e.For}, "display": e.PrintedName}
	}
	return object{"reference": "Patient/" + e.Patient, "display": e.PrintedName}
}

// acting says of a version of a Consent who decided for the participant.
func (e entry) acting(consent, version string) ([]byte, error) {
	return json.Marshal(object{
		"resourceType":     "Provenance",
		"target":           list{object{"reference": "Consent/" + consent + "/_history/" + version}},
		"occurredDateTime": e.At.Format(instant), "recorded": e.At.Format(instant),
		"agent": e.agents(),
	})
}

// provenance carries the signature over the exact bytes of the Consent version
// that it targets.
func (e entry) provenance(consent, version, document string, cms []byte) ([]byte, error) {
	return json.Marshal(object{
		"resourceType":     "Provenance",
		"target":           list{object{"reference": "Consent/" + consent + "/_history/" + version}, reference("DocumentReference", document)},
		"occurredDateTime": e.At.Format(instant), "recorded": e.At.Format(instant),
		"activity": coding("http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion", "LA", "legally authenticated"),
		"agent":    e.agents(),
		"signature": list{object{"type": list{consentSignature}, "when": e.At.Format(instant),
			"who": e.who(), "onBehalfOf": reference("Patient", e.Patient),
			"targetFormat": "application/fhir+json", "sigFormat": "application/pkcs7-signature",
			"data": base64.StdEncoding.EncodeToString(cms)}},
	})
}
