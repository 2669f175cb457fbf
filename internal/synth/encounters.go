package synth

import (
	"encoding/xml"
	"strings"
)

type encounter struct {
	header
	Identifier      []identifier           `json:"identifier"`
	Status          string                 `json:"status"`
	Class           coding                 `json:"class"`
	Type            []concept              `json:"type"`
	Subject         *reference             `json:"subject"`
	Participant     []encounterParticipant `json:"participant"`
	Period          period                 `json:"period"`
	ReasonCode      []concept              `json:"reasonCode,omitempty"`
	Hospitalization *hospitalization       `json:"hospitalization,omitempty"`
	Location        []encounterLocation    `json:"location"`
	ServiceProvider *reference             `json:"serviceProvider"`
}

type encounterParticipant struct {
	Type       []concept  `json:"type"`
	Period     period     `json:"period"`
	Individual *reference `json:"individual"`
}

type encounterLocation struct {
	Location *reference `json:"location"`
}

type hospitalization struct {
	DischargeDisposition concept `json:"dischargeDisposition"`
}

func (c *chart) writeEncounter(v *visit) {
	h := c.header("Encounter", "encounter")
	span := period{stampOf(v.start), stampOf(v.end)}
	e := &encounter{
		header:     h,
		Identifier: []identifier{{Use: "official", System: ownSystems + "encounter", Value: h.ID}},
		Status:     "finished",
		Class:      v.class,
		Type:       conceptList(v.code),
		Subject:    c.subject,
		Participant: []encounterParticipant{{
			conceptList(hl7("v3-ParticipationType", "PPRF", "primary performer")), span, c.clinician(v.specialty).ref(),
		}},
		Period:          span,
		Location:        []encounterLocation{{locationRef(c.at, siteOf(c.clinician(v.specialty).specialty))}},
		ServiceProvider: organizationRef(c.at),
	}
	for _, p := range v.reasons() {
		e.ReasonCode = append(e.ReasonCode, conceptOf(p.code))
	}
	if v.class == inpatient {
		e.Hospitalization = &hospitalization{conceptOf(hl7("discharge-disposition", "home", "Home"))}
	}
	v.ref = c.add(e)
}

// reasons are why the patient came: what is new, or else what is followed up.
func (v *visit) reasons() []*problem {
	if v.kind == "wellness" {
		return nil
	}
	if len(v.onset) > 0 {
		return v.onset
	}
	return v.reviewed
}

func escapeXML(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder does not fail
	return b.String()
}
