package measurement

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	study "tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/store"
)

// The identities that a set carries.
const (
	VisitSystem = "https://tributary.example/fhir/visit" // the visit, as the set's identifier
	StaffSystem = "https://tributary.example/fhir/staff" // who took it

	circumstanceExtension = "https://tributary.example/fhir/StructureDefinition/circumstance"
	alertExtension        = "https://tributary.example/fhir/StructureDefinition/alert"
	reasonExtension       = "https://tributary.example/fhir/StructureDefinition/reason"
	replacesExtension     = "http://hl7.org/fhir/StructureDefinition/diagnosticReport-replaces"
)

// The statuses of a set (R4, DiagnosticReportStatus).
const (
	Final     = "final"
	Amended   = "amended" // stands in for another
	Cancelled = "entered-in-error"
)

// Set is what one session left: a DiagnosticReport and its Observations.
type Set struct {
	ID, Visit, Patient, Site, Status string
	At                               time.Time // when it was measured
	By                               string    // id of the staff member
	Replaces                         string    // the set that it stands in for
	Reason                           string    // why it was cancelled, or stands in for another
	Alert                            string    // id of the tier that staff were told of
	Session                          Session
	// Values are what counts, by measure and derived quantity: the mean where there
	// are several readings.
	Values       map[string]string
	observations []string
	version      int64
	body         []byte
}

// InForce reports whether the set counts.
func (s Set) InForce() bool { return s.Status != Cancelled }

// reportBody is what is read of a DiagnosticReport.
type reportBody struct {
	Status     string
	Identifier []struct{ System, Value string }
	Subject    struct{ Reference string }
	Performer  []struct {
		Reference  string
		Identifier struct{ System, Value string }
	}
	EffectiveDateTime time.Time
	Result            []struct{ Reference string }
	Extension         []struct {
		URL            string
		ValueCode      string
		ValueString    string
		ValueReference struct{ Reference string }
	}
}

func readReport(r store.Resource) (Set, error) {
	var b reportBody
	err := json.Unmarshal(r.Body, &b)
	s := Set{ID: r.ID, Status: b.Status, At: b.EffectiveDateTime, version: r.Version, body: r.Body, Values: map[string]string{},
		Session: Session{Readings: map[string][]string{}, Deviations: map[string]string{}, Circumstances: map[string]bool{}}}
	s.Patient = strings.TrimPrefix(b.Subject.Reference, "Patient/")
	for _, i := range b.Identifier {
		s.Visit = i.Value
	}
	for _, p := range b.Performer {
		s.By += p.Identifier.Value
		s.Site += strings.TrimPrefix(p.Reference, "Organization/")
	}
	for _, o := range b.Result {
		s.observations = append(s.observations, strings.TrimPrefix(o.Reference, "Observation/"))
	}
	for _, e := range b.Extension {
		switch e.URL {
		case circumstanceExtension:
			s.Session.Circumstances[e.ValueCode] = true
		case alertExtension:
			s.Alert = e.ValueCode
		case reasonExtension:
			s.Reason = e.ValueString
		case replacesExtension:
			s.Replaces = strings.TrimPrefix(e.ValueReference.Reference, "DiagnosticReport/")
		}
	}
	return s, err
}

// Of lists a participant's sets as the actor may see them, the newest first.
func (s *Service) Of(ctx context.Context, a access.Actor, patient string) ([]Set, error) {
	tagged := records.OriginSystem + "|" + string(records.Measurement)
	reports, err := s.Records.All(ctx, a, "DiagnosticReport", url.Values{"subject": {"Patient/" + patient}, "_tag": {tagged}})
	if err != nil || len(reports) == 0 {
		return nil, err
	}
	observations, err := s.Records.All(ctx, a, "Observation", url.Values{"subject": {"Patient/" + patient}, "_tag": {tagged}, "_count": {"1000"}})
	if err != nil {
		return nil, err
	}
	byID := map[string]store.Resource{}
	for _, o := range observations {
		byID[o.ID] = o
	}
	sets := make([]Set, len(reports))
	for i, r := range reports {
		if sets[i], err = s.assemble(r, byID); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(sets, newestFirst)
	return sets, nil
}

// newestFirst orders sets by when they were measured; of those of one time, the one
// that stands in for another comes first.
func newestFirst(a, b Set) int {
	if c := b.At.Compare(a.At); c != 0 {
		return c
	}
	return strings.Compare(b.ID, a.ID)
}

func (s *Service) assemble(report store.Resource, byID map[string]store.Resource) (Set, error) {
	set, err := readReport(report)
	for _, id := range set.observations {
		if o, there := byID[id]; there && err == nil {
			err = set.read(&s.Study.Protocol, o)
		}
	}
	return set, err
}

// observationBody is what is read of an Observation.
type observationBody struct {
	Code                 codes
	ValueQuantity        struct{ Value json.Number }
	ValueCodeableConcept codes
	DataAbsentReason     codes
	DerivedFrom          []struct{ Reference string }
	Component            []struct {
		Code          codes
		ValueQuantity struct{ Value json.Number }
	}
}

type codes struct{ Coding []struct{ Code string } }

func (c codes) first() string {
	if len(c.Coding) == 0 {
		return ""
	}
	return c.Coding[0].Code
}

// read puts an Observation where it belongs. The readings come in their order, the
// mean last.
func (s *Set) read(p *study.Protocol, r store.Resource) error {
	var b observationBody
	if err := json.Unmarshal(r.Body, &b); err != nil {
		return err
	}
	code, absent := b.Code.first(), b.DataAbsentReason.first()
	if code == pregnancyCode {
		s.Session.Pregnancy = pregnancyOf(b.ValueCodeableConcept.first())
		return nil
	}
	for _, panel := range p.Panels {
		for _, id := range panel.Measures {
			if code == panel.Code && absent != "" {
				s.Session.Deviations[id] = absent
			}
		}
	}
	s.value(p, code, absent, b.ValueQuantity.Value.String(), len(b.DerivedFrom) > 0)
	for _, c := range b.Component {
		s.value(p, c.Code.first(), "", c.ValueQuantity.Value.String(), len(b.DerivedFrom) > 0)
	}
	return nil
}

// value is one value of the code, or why there is none.
func (s *Set) value(p *study.Protocol, code, absent, value string, mean bool) {
	for _, m := range p.Measures {
		switch {
		case m.Code != code:
		case absent != "":
			s.Session.Deviations[m.ID] = absent
		case mean:
			s.Values[m.ID] = value
		default:
			s.Session.Readings[m.ID] = append(s.Session.Readings[m.ID], value)
			s.Values[m.ID] = value
		}
	}
	for _, d := range p.Derived {
		if d.Code == code && absent == "" {
			s.Values[d.ID] = value
		}
	}
}

func pregnancyOf(code string) string {
	for answer, concept := range pregnancies {
		if concept["coding"].(list)[0].(object)["code"] == code {
			return answer
		}
	}
	return ""
}
