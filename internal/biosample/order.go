package biosample

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/records"
	"tributary/internal/store"
)

type (
	object = compose.Object
	list   = compose.List
)

// The identities that orders carry.
const (
	KitSystem       = "https://tributary.example/fhir/kit"
	VisitSystem     = "https://tributary.example/fhir/visit"
	StaffSystem     = "https://tributary.example/fhir/staff"
	StepSystem      = "https://tributary.example/fhir/biosample-step"
	AccessionSystem = "https://tributary.example/fhir/accession"
	TubeSystem      = "https://tributary.example/fhir/tube"
	ReasonSystem    = "https://tributary.example/fhir/biosample-reason"
	stepExtension   = "https://tributary.example/fhir/StructureDefinition/biosample-step"
	snomed          = "http://snomed.info/sct"
)

// The steps of an order, in their order.
const (
	Created   = "created"
	Collected = "collected"
	Processed = "processed"
	Finalized = "finalized"
	Cancelled = "cancelled"
)

// next is the step that follows each.
var next = map[string]string{Created: Collected, Collected: Processed, Processed: Finalized}

// Reasons are why an order may be cancelled.
var Reasons = []string{"error", "wrong-participant", "label", "not-possible", "declined"}

// Step is one thing that was done.
type Step struct {
	What, By, Site string
	At             time.Time
}

// Sample is one tube of an order.
type Sample struct {
	Tube      study.Tube
	ID        string // of the Specimen
	Accession string // on the label
	Status    string // R4, SpecimenStatus
	Note      string
	version   int64
	body      []byte
}

// Order is one kit on its way.
type Order struct {
	ID, Request          string // of the Task and of the ServiceRequest
	Patient, Site, Visit string
	Kit                  study.Kit
	State                string
	Reason, Note         string // why it was cancelled
	InsteadReason        string // why it stands in for another kit
	Steps                []Step
	Samples              []Sample
	version              int64
	body                 []byte
}

// Open reports whether something is still to be done.
func (o Order) Open() bool { return next[o.State] != "" }

// Next is the step that comes.
func (o Order) Next() string { return next[o.State] }

type identified struct{ System, Value string }

type coded struct {
	Coding []struct{ System, Code string }
}

func (c coded) first() string {
	if len(c.Coding) == 0 {
		return ""
	}
	return c.Coding[0].Code
}

type referring struct {
	Reference  string
	Identifier identified
}

func (r referring) id() string { return r.Reference[strings.LastIndexByte(r.Reference, '/')+1:] }

// taskBody is what is read of a Task.
type taskBody struct {
	Identifier     []identified
	Focus          referring
	For            referring
	Location       referring
	BusinessStatus coded
	StatusReason   struct {
		coded
		Text string
	}
	ReasonCode coded
	Input      []struct{ ValueReference referring }
	Extension  []struct {
		URL       string
		Extension []struct {
			URL                    string
			ValueCode, ValueString string
			ValueDateTime          time.Time
			ValueReference         referring
		}
	}
}

func readOrder(b *study.Biosamples, r store.Resource, samples map[string]store.Resource) (Order, error) {
	var t taskBody
	if err := json.Unmarshal(r.Body, &t); err != nil {
		return Order{}, err
	}
	o := Order{ID: r.ID, Request: t.Focus.id(), Patient: t.For.id(), Site: t.Location.id(), State: t.BusinessStatus.first(),
		Reason: t.StatusReason.first(), Note: t.StatusReason.Text, InsteadReason: t.ReasonCode.first(), version: r.Version, body: r.Body}
	for _, i := range t.Identifier {
		switch i.System {
		case KitSystem:
			o.Kit, _ = b.Kit(i.Value)
		case VisitSystem:
			o.Visit = i.Value
		}
	}
	for _, e := range t.Extension {
		var step Step
		for _, part := range e.Extension {
			step.What += part.ValueCode
			step.By += part.ValueString
			step.Site += part.ValueReference.id()
			if !part.ValueDateTime.IsZero() {
				step.At = part.ValueDateTime
			}
		}
		if e.URL == stepExtension {
			o.Steps = append(o.Steps, step)
		}
	}
	return o, o.samples(t, samples)
}

func (o *Order) samples(t taskBody, all map[string]store.Resource) error {
	for _, in := range t.Input {
		r, there := all[in.ValueReference.id()]
		if !there {
			continue
		}
		s, err := readSample(o.Kit, r)
		if err != nil {
			return err
		}
		o.Samples = append(o.Samples, s)
	}
	return nil
}

func readSample(k study.Kit, r store.Resource) (Sample, error) {
	var body struct {
		Status              string
		AccessionIdentifier identified
		Identifier          []identified
		Note                []struct{ Text string }
	}
	err := json.Unmarshal(r.Body, &body)
	s := Sample{ID: r.ID, Accession: body.AccessionIdentifier.Value, Status: body.Status, version: r.Version, body: r.Body}
	for _, n := range body.Note {
		s.Note = n.Text
	}
	for _, i := range body.Identifier {
		if n := slices.IndexFunc(k.Tubes, func(t study.Tube) bool { return i.System == TubeSystem && t.ID == i.Value }); n >= 0 {
			s.Tube = k.Tubes[n]
		}
	}
	return s, err
}

// step is a Step as an extension of the Task.
func (s Step) extension() object {
	return object{"url": stepExtension, "extension": list{
		object{"url": "step", "valueCode": s.What}, object{"url": "by", "valueString": s.By},
		object{"url": "at", "valueDateTime": s.At.UTC().Format(compose.Instant)}, object{"url": "where", "valueReference": compose.Reference("Location", s.Site)}}}
}

func staffReference(id string) object {
	return object{"identifier": object{"system": StaffSystem, "value": id}}
}

// request is the ServiceRequest of an order.
func (o Order) request(by string, at time.Time) object {
	r := object{"resourceType": "ServiceRequest", "status": "active", "intent": "order",
		"identifier": list{object{"system": KitSystem, "value": o.Kit.ID}, object{"system": VisitSystem, "value": o.Visit}},
		"code":       object{"coding": list{compose.Coding(snomed, o.Kit.Code, o.Kit.Display)}, "text": o.Kit.Title.String()},
		"subject":    compose.Reference("Patient", o.Patient),
		"authoredOn": at.UTC().Format(compose.Instant), "requester": staffReference(by),
		"performer":         list{compose.Reference("Organization", o.Site)},
		"locationReference": list{compose.Reference("Location", o.Site)}}
	if o.InsteadReason != "" {
		r["reasonCode"] = list{compose.Concept(ReasonSystem, o.InsteadReason, "")}
	}
	return r
}

// specimen is the Specimen of a tube that is still empty.
func (o Order) specimen(t study.Tube, accession string) object {
	container := object{"description": t.Title.String(), "capacity": compose.Quantity(t.Volume, "mL")}
	if t.Additive != "" {
		container["additiveCodeableConcept"] = object{"text": t.Additive}
	}
	return object{"resourceType": "Specimen", "status": "unavailable", "type": compose.Concept(snomed, t.Code, t.Display),
		"identifier":          list{object{"system": TubeSystem, "value": t.ID}},
		"accessionIdentifier": object{"system": AccessionSystem, "value": accession},
		"subject":             compose.Reference("Patient", o.Patient),
		"request":             list{compose.Reference("ServiceRequest", o.Request)}, "container": list{container}}
}

// task is the Task of an order, at its first step.
func (o Order) task(specimens list, step Step) object {
	var inputs list
	for _, ref := range specimens {
		inputs = append(inputs, object{"type": object{"text": "specimen"}, "valueReference": ref})
	}
	t := object{"resourceType": "Task", "status": "requested", "intent": "order", "businessStatus": compose.Concept(StepSystem, Created, ""),
		"identifier": list{object{"system": KitSystem, "value": o.Kit.ID}, object{"system": VisitSystem, "value": o.Visit}},
		"focus":      compose.Reference("ServiceRequest", o.Request), "for": compose.Reference("Patient", o.Patient),
		"location": compose.Reference("Location", o.Site), "owner": compose.Reference("Organization", o.Site), "requester": staffReference(step.By),
		"authoredOn": step.At.UTC().Format(compose.Instant), "lastModified": step.At.UTC().Format(compose.Instant),
		"input": inputs, "extension": list{step.extension()}}
	if o.InsteadReason != "" {
		t["reasonCode"] = compose.Concept(ReasonSystem, o.InsteadReason, "")
	}
	return t
}

// origin: orders are the program's; what was taken is measured of the person.
var origin = map[string]records.Origin{"ServiceRequest": records.Program, "Task": records.Program, "Specimen": records.Measurement}
