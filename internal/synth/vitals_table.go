package synth

type vitalSign struct {
	key          string
	profile      string
	codes        []coding
	unit         unit
	decimals     int
	wellnessOnly bool
}

var (
	mmHg      = unit{"mmHg", "mm[Hg]"}
	perMinute = ucum("/min")
)

var vitalSigns = []vitalSign{
	{"height", "body-height", []coding{loinc("8302-2", "Body height")}, ucum("cm"), 1, true},
	{"weight", "body-weight", []coding{loinc("29463-7", "Body weight")}, ucum("kg"), 1, false},
	{"bmi", "bmi", []coding{loinc("39156-5", "Body mass index (BMI) [Ratio]")}, unit{"kg/m2", "kg/m2"}, 2, true},
	{"pulse", "heart-rate", []coding{loinc("8867-4", "Heart rate")}, perMinute, 0, false},
	{"respiration", "respiratory-rate", []coding{loinc("9279-1", "Respiratory rate")}, perMinute, 0, false},
	{"temperature", "body-temperature", []coding{loinc("8310-5", "Body temperature")}, unit{"°C", "Cel"}, 1, false},
	{"saturation", "pulse-oximetry", []coding{
		loinc("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
		loinc("2708-6", "Oxygen saturation in Arterial blood"),
	}, ucum("%"), 0, false},
	{"pain", "vital-signs", []coding{loinc("72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported")}, unit{"score", "{score}"}, 0, true},
}
