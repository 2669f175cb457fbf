package news

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Invitation is how a participant stands with other research.
type Invitation struct {
	program.OtherStudy
	Patient string
	Status  Status
	Invited time.Time
	Changed time.Time
	Later   bool // was put off
}

// LaterExtension is when somebody put an answer off, on ResearchSubject.
const LaterExtension = "https://tributary.example/fhir/StructureDefinition/put-off"

// originOfStudy is the tag of what the service itself wrote.
const originOfStudy = records.OriginSystem + "|" + string(records.Program)

// Setup makes the ResearchStudies; what is there already is left alone.
func (s *Service) Setup(ctx context.Context) error {
	var drafts []records.Draft
	for _, o := range s.Study.Outreach.Studies {
		status := "active"
		if o.Closed {
			status = "closed-to-accrual"
		}
		d, err := records.NewDraft(with(compose.Object{"resourceType": "ResearchStudy", "id": o.ID, "status": status, "description": o.What.String(),
			"contact": compose.List{compose.Object{"name": o.Sponsor, "telecom": compose.List{
				compose.Object{"system": "phone", "value": o.Contact.Phone}, compose.Object{"system": "email", "value": o.Contact.Email}}}}}, "title", o.Title), records.Program)
		if err != nil {
			return err
		}
		d.SkipUnchanged = true
		drafts = append(drafts, d)
	}
	return s.Records.Write(ctx, job("HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, drafts...)
		return err
	})
}

// subjectID is one for a person and a study, so that nobody is invited twice.
func subjectID(study, patient string) string {
	sum := sha256.Sum256([]byte(study + " " + patient))
	return hex.EncodeToString(sum[:16])
}

// Invite invites a participant to other research: a ResearchSubject as candidate, and
// a message, in one transaction. Whoever was invited before is left alone, and may
// have answered: false. ErrNotContacted: the person is not written to any more.
func (s *Service) Invite(ctx context.Context, patient, study string) (invited bool, err error) {
	o, known := s.Study.Outreach.OtherStudy(study)
	if !known || o.Closed {
		return false, errs.New(errs.Conflict, "nobody is invited to this study")
	}
	err = s.Records.Write(ctx, job("HRESCH"), func(ctx context.Context, tx *records.Tx) error {
		invited = false
		if _, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: patient}}); err != nil {
			return err
		}
		if _, err := tx.Read(ctx, "ResearchSubject", subjectID(study, patient)); err == nil || !errs.Is(err, errs.NotFound) {
			return err
		}
		d, err := subject(Invitation{OtherStudy: o, Patient: patient, Status: Candidate, Invited: s.Now()})
		if err != nil {
			return err
		}
		if _, err := tx.Put(ctx, d); err != nil {
			return err
		}
		invited = true
		return s.TellIn(ctx, tx, patient, Message{Topic: "studies", Title: asked.around(o.Title), Text: asks.around(o.Who, o.What)})
	})
	return invited && err == nil, err
}

// phrase is a text with places for others.
type phrase program.Text

var (
	asked = phrase{"en": "Would you like to take part? %", "es": "¿Le gustaría participar? %"}
	asks  = phrase{
		"en": "You are invited to another study.\n\nWho: %\n\nWhat: %\n\nYou can say yes, no, or later, on the page “Other studies”. Your part in this study does not change.",
		"es": "Se le invita a otro estudio.\n\nPara quién: %\n\nQué: %\n\nPuede decir sí, no o más tarde, en la página «Otros estudios». Su participación en este estudio no cambia.",
	}
)

// around puts texts into the places of a phrase, language by language.
func (p phrase) around(texts ...program.Text) program.Text {
	out := program.Text{}
	for lang, text := range p {
		for _, t := range texts {
			text = strings.Replace(text, "%", t.In(lang), 1)
		}
		out[lang] = text
	}
	return out
}

// subject is the resource of an invitation.
func subject(v Invitation) (records.Draft, error) {
	res := compose.Object{"resourceType": "ResearchSubject", "id": subjectID(v.ID, v.Patient), "status": string(v.Status),
		"study": compose.Reference("ResearchStudy", v.ID), "individual": compose.Reference("Patient", v.Patient),
		"period": compose.Object{"start": v.Invited.UTC().Format(compose.Instant)}}
	if v.Later {
		res["extension"] = compose.List{compose.Object{"url": LaterExtension, "valueBoolean": true}}
	}
	return records.NewDraft(res, records.Program)
}

// invitation reads a ResearchSubject; false: of a study that is not in the data any more.
func (s *Service) invitation(r store.Resource) (Invitation, bool, error) {
	var body struct {
		Status            Status
		Study, Individual struct{ Reference string }
		Period            struct{ Start time.Time }
		Extension         []struct {
			URL          string
			ValueBoolean bool
		}
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return Invitation{}, false, err
	}
	o, known := s.Study.Outreach.OtherStudy(strings.TrimPrefix(body.Study.Reference, "ResearchStudy/"))
	v := Invitation{OtherStudy: o, Patient: strings.TrimPrefix(body.Individual.Reference, "Patient/"), Status: body.Status, Invited: body.Period.Start, Changed: r.Updated}
	for _, e := range body.Extension {
		v.Later = v.Later || e.URL == LaterExtension && e.ValueBoolean
	}
	return v, known, nil
}

// Invitations lists what a participant was invited to, the newest first, read as the actor.
func (s *Service) Invitations(ctx context.Context, a access.Actor, patient string) ([]Invitation, error) {
	found, err := s.Records.All(ctx, a, "ResearchSubject", url.Values{"individual": {"Patient/" + patient}})
	if err != nil {
		return nil, err
	}
	var out []Invitation
	for _, r := range found {
		v, known, err := s.invitation(r)
		if err != nil {
			return nil, err
		}
		if known {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(x, y Invitation) int { return y.Invited.Compare(x.Invited) })
	return out, nil
}

// Answer notes what a participant says to an invitation. errs.NotFound: there is
// none. errs.Conflict: it makes no sense as it stands.
func (s *Service) Answer(ctx context.Context, a access.Actor, study string, answer Answer) error {
	if answer == Joined {
		return errs.New(errs.Forbidden, "the other study says who has joined")
	}
	if _, err := s.Records.Read(ctx, a, "ResearchSubject", subjectID(study, a.Patient)); err != nil {
		return err
	}
	return s.move(ctx, a.Patient, study, answer)
}

// HasJoined notes that a participant who said yes takes part in the other study now;
// staff say so.
func (s *Service) HasJoined(ctx context.Context, staff access.Actor, patient, study string) error {
	if staff.Role != access.StudyStaff {
		return errs.New(errs.Forbidden, "this is for the study's staff")
	}
	if _, err := s.Records.Read(ctx, staff, "ResearchSubject", subjectID(study, patient)); err != nil {
		return err
	}
	return s.move(ctx, patient, study, Joined)
}

// open refuses to begin anything with who has left, paused or died; to say no, and to
// leave, is always possible.
func (s *Service) open(ctx context.Context, tx *records.Tx, patient string, answer Answer) error {
	if answer == No || answer == Leave {
		return nil
	}
	ok, err := s.Contacts.MayContact(ctx, tx.Store(), patient)
	if err == nil && !ok {
		err = errs.New(errs.Conflict, "other studies are for people who take part in this one now")
	}
	return err
}

func (s *Service) move(ctx context.Context, patient, study string, answer Answer) error {
	return s.Records.Write(ctx, job("HRESCH"), func(ctx context.Context, tx *records.Tx) error {
		if _, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: patient}}); err != nil {
			return err
		}
		r, err := tx.Read(ctx, "ResearchSubject", subjectID(study, patient))
		if err == nil {
			err = s.open(ctx, tx, patient, answer)
		}
		if err != nil {
			return err
		}
		v, known, err := s.invitation(r)
		if err != nil {
			return err
		}
		if !known || v.Closed && answer == Yes {
			return errs.New(errs.Conflict, "this study does not take anybody any more")
		}
		if v.Status, err = v.Status.Next(answer); err != nil {
			return err
		}
		v.Later = answer == Later
		d, err := subject(v)
		if err != nil {
			return err
		}
		d.IfVersion, d.SkipUnchanged = r.Version, true
		_, err = tx.Put(ctx, d)
		return err
	})
}
