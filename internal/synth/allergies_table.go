package synth

// allergen is a substance and what it does to those allergic to it.
type allergen struct {
	key       string // what drugs name in notWith
	code      coding
	category  string
	share     float64 // of all people
	reactions []coding
}

var (
	hives       = snomed("126485001", "Urticaria (disorder)")
	anaphylaxis = snomed("39579001", "Anaphylaxis (disorder)")
	rash        = snomed("271807003", "Eruption of skin (disorder)")
	nausea      = snomed("422587007", "Nausea (finding)")
	itching     = snomed("418290006", "Itching (finding)")
	cough       = snomed("49727002", "Cough (finding)")
)

var allergens = []allergen{
	{"penicillin", rxnorm("7980", "penicillin G"), "medication", .08, []coding{hives, rash, anaphylaxis}},
	{"aspirin", rxnorm("1191", "aspirin"), "medication", .015, []coding{hives, nausea}},
	{"ibuprofen", rxnorm("5640", "ibuprofen"), "medication", .015, []coding{rash, nausea}},
	{"peanut", snomed("762952008", "Peanut (substance)"), "food", .015, []coding{anaphylaxis, hives}},
	{"shellfish", snomed("735029006", "Shellfish (substance)"), "food", .02, []coding{hives, nausea}},
	{"pollen", snomed("256277009", "Grass pollen (substance)"), "environment", .1, []coding{itching, cough}},
	{"mite", snomed("260147004", "House dust mite (substance)"), "environment", .06, []coding{cough, itching}},
	{"latex", snomed("111088007", "Latex (substance)"), "environment", .015, []coding{rash, itching}},
}
