package synth

// specialty is a kind of practitioner that every health system employs.
type specialty struct {
	key  string
	code coding
}

// The specialties, primary care first.
var specialties = []specialty{
	{"family", coding{nuccSystem, "207Q00000X", "Family Medicine Physician"}},
	{"internal", coding{nuccSystem, "207R00000X", "Internal Medicine Physician"}},
	{"emergency", coding{nuccSystem, "207P00000X", "Emergency Medicine Physician"}},
	{"cardiology", coding{nuccSystem, "207RC0000X", "Cardiovascular Disease Physician"}},
	{"surgery", coding{nuccSystem, "208600000X", "Surgery Physician"}},
}

// sites are the locations of every health system.
var sites = []struct {
	suffix string
	kind   coding
}{
	{"Family Clinic", coding{terminology + "v3-RoleCode", "OF", "Outpatient facility"}},
	{"Hospital", coding{terminology + "v3-RoleCode", "HOSP", "Hospital"}},
}
