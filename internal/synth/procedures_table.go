package synth

var procedures = map[string]coding{
	"electrocardiogram": snomed("29303009", "Electrocardiographic procedure (procedure)"),
	"echocardiogram":    snomed("40701008", "Echocardiography (procedure)"),
	"angioplasty":       snomed("415070008", "Percutaneous coronary intervention (procedure)"),
	"pacemaker":         snomed("307280005", "Implantation of cardiac pacemaker (procedure)"),
	"spirometry":        snomed("127783003", "Spirometry (procedure)"),
	"chestxray":         snomed("399208008", "Plain chest X-ray (procedure)"),
	"bonedensity":       snomed("312681000", "Bone density scan (procedure)"),
	"lumpectomy":        snomed("392021009", "Lumpectomy of breast (procedure)"),
	"colectomy":         snomed("43075005", "Partial resection of colon (procedure)"),
	"appendectomy":      snomed("80146002", "Excision of appendix (procedure)"),
	"cholecystectomy":   snomed("38102005", "Cholecystectomy (procedure)"),
	"colonoscopy":       snomed("73761001", "Colonoscopy (procedure)"),
	"mammography":       snomed("71651007", "Mammography (procedure)"),
	"reconciliation":    snomed("430193006", "Medication reconciliation (procedure)"),
	"depressionscreen":  snomed("171207006", "Depression screening (procedure)"),
}

// screening is a procedure that wellness visits bring at intervals.
type screening struct {
	procedure string
	gender    string
	from, to  float64 // ages
	every     int     // years
}

var screenings = []screening{
	{"depressionscreen", "", 18, 120, 1},
	{"colonoscopy", "", 45, 76, 10},
	{"mammography", "female", 45, 75, 2},
	{"bonedensity", "female", 65, 85, 5},
}

// implant is a device that procedures put in.
type implant struct {
	code         coding
	name         string
	manufacturer string
	model        string
	identifier   string // UDI device identifier
}

// The device identifiers use the GS1 prefix 0950, which is set aside for demonstration.
var implants = map[string]implant{
	"stent":     {snomed("705643001", "Coronary artery stent (physical object)"), "Coronary stent", "Northfield Cardiovascular", "NF-CS3", "09504000059101"},
	"pacemaker": {snomed("14106009", "Cardiac pacemaker, device (physical object)"), "Dual chamber pacemaker", "Halcyon Rhythm", "HR-D200", "09504000059118"},
}
