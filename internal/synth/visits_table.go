package synth

import "time"

// visitKind is a sort of encounter.
type visitKind struct {
	class     coding
	code      coding
	length    time.Duration
	specialty string
	vitals    bool
	note      coding // LOINC document type
	fee       float64
}

var (
	ambulatory = coding{terminology + "v3-ActCode", "AMB", "ambulatory"}
	virtual    = coding{terminology + "v3-ActCode", "VR", "virtual"}
	emergency  = coding{terminology + "v3-ActCode", "EMER", "emergency"}
	inpatient  = coding{terminology + "v3-ActCode", "IMP", "inpatient encounter"}

	progressNote = loinc("11506-3", "Progress note")
	historyNote  = loinc("34117-2", "History and physical note")
)

var visitKinds = map[string]visitKind{
	"wellness":   {ambulatory, snomed("162673000", "General examination of patient (procedure)"), 30 * time.Minute, "family", true, historyNote, 210},
	"followup":   {ambulatory, snomed("390906007", "Follow-up encounter (procedure)"), 20 * time.Minute, "family", true, progressNote, 135},
	"sick":       {ambulatory, snomed("185345009", "Encounter for symptom (procedure)"), 15 * time.Minute, "internal", true, progressNote, 118},
	"telehealth": {virtual, snomed("448337001", "Telemedicine consultation with patient (procedure)"), 15 * time.Minute, "internal", false, progressNote, 88},
	"cardiology": {ambulatory, snomed("185347001", "Encounter for problem (procedure)"), 40 * time.Minute, "cardiology", true, loinc("11488-4", "Consult note"), 260},
	"surgery":    {ambulatory, snomed("185347001", "Encounter for problem (procedure)"), 3 * time.Hour, "surgery", true, loinc("11504-8", "Surgical operation note"), 4200},
	"emergency":  {emergency, snomed("50849002", "Emergency room admission (procedure)"), 4 * time.Hour, "emergency", true, loinc("34111-5", "Emergency department Note"), 1450},
	"inpatient":  {inpatient, snomed("32485007", "Hospital admission (procedure)"), 76 * time.Hour, "cardiology", true, loinc("18842-5", "Discharge summary"), 14800},
}
