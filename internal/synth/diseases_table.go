package synth

import "time"

// disease is one thing that can befall a person, and what medicine does about it.
type disease struct {
	key    string
	code   coding // SNOMED CT
	icd    string // ICD-10-CM
	gender string // empty: anyone
	since  int    // the year before which it did not exist
	// new cases per person and year below 18, 18–39, 40–59, 60–74, and from 75
	incidence [5]float64
	raisedBy  []effect      // factor by disease already present, or by "smoking"
	lasts     time.Duration // zero: for life
	event     time.Duration // when set, the condition itself resolves after it, though its consequences stay
	setting   string        // visit kind of the diagnosis
	followUps int           // visits a year while it lasts
	drugs     []string
	workup    []string // laboratory panels at diagnosis only
	panels    []string // laboratory panels at diagnosis and follow-up
	procedure []string // done at diagnosis
	device    string   // implanted at diagnosis
	goal      string   // what the care plan aims at
}

// effect is what another disease multiplies or adds.
type effect struct {
	key string
	by  float64
}

// chronicDiseases stay, most of them for life.
var chronicDiseases = []disease{
	{key: "obesity", code: snomed("414916001", "Obesity (disorder)"), icd: "E66.9"}, // follows from the body mass index
	{key: "prediabetes", code: snomed("714628002", "Prediabetes (finding)"), icd: "R73.03",
		incidence: [5]float64{0, .003, .010, .015, .012}, raisedBy: []effect{{"obesity", 2.5}},
		setting: "wellness", panels: []string{"a1c"}, goal: "HbA1c below 5.7 % through diet and exercise"},
	{key: "hypertension", code: snomed("59621000", "Essential hypertension (disorder)"), icd: "I10",
		incidence: [5]float64{0, .006, .022, .035, .03}, raisedBy: []effect{{"obesity", 1.8}, {"smoking", 1.3}},
		setting: "wellness", followUps: 1, drugs: []string{"lisinopril", "amlodipine", "hydrochlorothiazide"},
		panels: []string{"bmp"}, goal: "Blood pressure below 130/80 mmHg"},
	{key: "hyperlipidemia", code: snomed("55822004", "Hyperlipidemia (disorder)"), icd: "E78.5",
		incidence: [5]float64{0, .004, .018, .022, .015}, raisedBy: []effect{{"obesity", 1.5}},
		setting: "wellness", drugs: []string{"atorvastatin", "simvastatin"}, panels: []string{"lipid"},
		goal: "LDL cholesterol below 100 mg/dL"},
	{key: "diabetes", code: snomed("44054006", "Diabetes mellitus type 2 (disorder)"), icd: "E11.9",
		incidence: [5]float64{0, .001, .005, .008, .006}, raisedBy: []effect{{"obesity", 2.5}, {"prediabetes", 4}},
		setting: "wellness", followUps: 2, drugs: []string{"metformin", "empagliflozin", "glargine"},
		panels: []string{"a1c", "bmp", "albuminuria"}, goal: "HbA1c below 7 %"},
	{key: "kidney", code: snomed("433144002", "Chronic kidney disease stage 3 (disorder)"), icd: "N18.30",
		incidence: [5]float64{0, .0002, .001, .005, .012}, raisedBy: []effect{{"diabetes", 3}, {"hypertension", 2}},
		setting: "followup", followUps: 1, panels: []string{"bmp", "albuminuria"}, goal: "Stable kidney function"},
	{key: "coronary", code: snomed("53741008", "Coronary arteriosclerosis (disorder)"), icd: "I25.10",
		incidence: [5]float64{0, .0002, .003, .009, .013}, raisedBy: []effect{{"hypertension", 1.6}, {"diabetes", 1.8}, {"hyperlipidemia", 1.6}, {"smoking", 1.8}},
		setting: "cardiology", followUps: 1, drugs: []string{"aspirin", "metoprolol", "nitroglycerin"}, panels: []string{"lipid"},
		procedure: []string{"electrocardiogram"}, goal: "No angina on ordinary effort"},
	{key: "infarction", code: snomed("22298006", "Myocardial infarction (disorder)"), icd: "I21.9",
		incidence: [5]float64{0, .0001, .0008, .002, .004}, raisedBy: []effect{{"coronary", 5}, {"smoking", 1.8}},
		event: 60 * day, setting: "inpatient", drugs: []string{"clopidogrel", "aspirin"}, workup: []string{"troponin", "bmp", "cbc"}, panels: []string{"lipid"},
		procedure: []string{"electrocardiogram", "angioplasty"}, device: "stent", goal: "Complete cardiac rehabilitation"},
	{key: "fibrillation", code: snomed("49436004", "Atrial fibrillation (disorder)"), icd: "I48.91",
		incidence: [5]float64{0, .0001, .001, .006, .018}, raisedBy: []effect{{"hypertension", 1.5}, {"heartfailure", 2.5}},
		setting: "cardiology", followUps: 2, drugs: []string{"apixaban", "warfarin"}, panels: []string{"inr", "bmp"},
		procedure: []string{"electrocardiogram"}, goal: "Rate below 110 /min at rest, no stroke"},
	{key: "bradycardia", code: snomed("36083008", "Sick sinus syndrome (disorder)"), icd: "I49.5",
		incidence: [5]float64{0, 0, .0002, .002, .006}, raisedBy: []effect{{"fibrillation", 2}},
		setting: "inpatient", procedure: []string{"electrocardiogram", "pacemaker"}, device: "pacemaker"},
	{key: "heartfailure", code: snomed("84114007", "Heart failure (disorder)"), icd: "I50.9",
		incidence: [5]float64{0, .0001, .0015, .006, .018}, raisedBy: []effect{{"hypertension", 1.5}, {"coronary", 2}, {"infarction", 2}},
		setting: "cardiology", followUps: 2, drugs: []string{"furosemide", "metoprolol"}, panels: []string{"bnp", "bmp"},
		procedure: []string{"echocardiogram"}, goal: "Daily weight within 1 kg of dry weight"},
	{key: "stroke", code: snomed("230690007", "Cerebrovascular accident (disorder)"), icd: "I63.9",
		incidence: [5]float64{0, .0002, .001, .004, .009}, raisedBy: []effect{{"fibrillation", 2.5}, {"hypertension", 1.8}, {"smoking", 1.5}},
		event: 90 * day, setting: "inpatient", drugs: []string{"clopidogrel", "atorvastatin"}, workup: []string{"bmp", "cbc"}, panels: []string{"lipid"}},
	{key: "asthma", code: snomed("195967001", "Asthma (disorder)"), icd: "J45.909",
		incidence: [5]float64{.006, .001, .001, .001, .0005}, setting: "sick", followUps: 1,
		drugs: []string{"albuterol", "fluticasone"}, procedure: []string{"spirometry"}, panels: []string{"spirometry"},
		goal: "Reliever needed at most twice a week"},
	{key: "copd", code: snomed("13645005", "Chronic obstructive pulmonary disease (disorder)"), icd: "J44.9",
		incidence: [5]float64{0, 0, .002, .006, .008}, raisedBy: []effect{{"smoking", 4}}, setting: "followup", followUps: 2,
		drugs: []string{"albuterol", "salmeterol"}, procedure: []string{"spirometry", "chestxray"}, panels: []string{"spirometry"},
		goal: "No exacerbation within a year"},
	{key: "hypothyroidism", code: snomed("40930008", "Hypothyroidism (disorder)"), icd: "E03.9",
		incidence: [5]float64{.0002, .001, .002, .003, .003}, setting: "followup", followUps: 1, drugs: []string{"levothyroxine"},
		panels: []string{"thyroid"}},
	{key: "depression", code: snomed("370143000", "Major depressive disorder (disorder)"), icd: "F32.9",
		incidence: [5]float64{.002, .008, .006, .004, .004}, setting: "followup", followUps: 2,
		drugs: []string{"sertraline", "fluoxetine"}, goal: "PHQ-2 score below 3"},
	{key: "anxiety", code: snomed("21897009", "Generalized anxiety disorder (disorder)"), icd: "F41.1",
		incidence: [5]float64{.002, .005, .004, .002, .001}, setting: "telehealth", followUps: 1, drugs: []string{"sertraline"}},
	{key: "reflux", code: snomed("235595009", "Gastroesophageal reflux disease (disorder)"), icd: "K21.9",
		incidence: [5]float64{0, .004, .008, .008, .006}, raisedBy: []effect{{"obesity", 1.6}}, setting: "followup", drugs: []string{"omeprazole"}},
	{key: "migraine", code: snomed("37796009", "Migraine (disorder)"), icd: "G43.909",
		incidence: [5]float64{.002, .006, .003, .001, 0}, setting: "followup", drugs: []string{"sumatriptan"}},
	{key: "apnea", code: snomed("78275009", "Obstructive sleep apnea syndrome (disorder)"), icd: "G47.33",
		incidence: [5]float64{0, .001, .004, .004, .002}, raisedBy: []effect{{"obesity", 4}}, setting: "followup"},
	{key: "osteoarthritis", code: snomed("239873007", "Osteoarthritis of knee (disorder)"), icd: "M17.9",
		incidence: [5]float64{0, .0005, .006, .014, .012}, raisedBy: []effect{{"obesity", 2}}, setting: "followup", followUps: 1,
		drugs: []string{"naproxen", "acetaminophen"}, goal: "Walk 30 minutes a day without severe pain"},
	{key: "osteoporosis", code: snomed("64859006", "Osteoporosis (disorder)"), icd: "M81.0", gender: "female",
		incidence: [5]float64{0, 0, .003, .015, .02}, setting: "followup", drugs: []string{"alendronate"}, procedure: []string{"bonedensity"}},
	{key: "rheumatoid", code: snomed("69896004", "Rheumatoid arthritis (disorder)"), icd: "M06.9",
		incidence: [5]float64{0, .0003, .0008, .001, .0006}, setting: "followup", followUps: 2, drugs: []string{"methotrexate"},
		panels: []string{"cbc", "cmp"}, goal: "Remission"},
	{key: "gout", code: snomed("90560007", "Gout (disorder)"), icd: "M10.9",
		incidence: [5]float64{0, .0005, .002, .004, .004}, raisedBy: []effect{{"kidney", 2}, {"obesity", 1.5}}, setting: "sick",
		drugs: []string{"allopurinol"}, panels: []string{"urate"}},
	{key: "rhinitis", code: snomed("61582004", "Allergic rhinitis (disorder)"), icd: "J30.9",
		incidence: [5]float64{.01, .006, .003, .001, .001}, setting: "sick", drugs: []string{"loratadine"}},
	{key: "irondeficiency", code: snomed("87522002", "Iron deficiency anemia (disorder)"), icd: "D50.9", gender: "female",
		incidence: [5]float64{.001, .006, .005, .003, .004}, lasts: 300 * day, setting: "followup", drugs: []string{"iron"}, panels: []string{"cbc", "ferritin"}},
	{key: "prostatehyperplasia", code: snomed("266569009", "Benign prostatic hyperplasia (disorder)"), icd: "N40.0", gender: "male",
		incidence: [5]float64{0, 0, .006, .02, .02}, setting: "followup", drugs: []string{"tamsulosin"}, panels: []string{"psa"}},
	{key: "breastcancer", code: snomed("254837009", "Malignant neoplasm of breast (disorder)"), icd: "C50.919", gender: "female",
		incidence: [5]float64{0, .0003, .002, .004, .004}, setting: "surgery", followUps: 2, drugs: []string{"anastrozole"},
		panels: []string{"cbc", "cmp"}, procedure: []string{"lumpectomy"}, goal: "No recurrence"},
	{key: "prostatecancer", code: snomed("399068003", "Malignant tumor of prostate (disorder)"), icd: "C61", gender: "male",
		incidence: [5]float64{0, 0, .001, .006, .006}, setting: "surgery", followUps: 2, panels: []string{"psa"}, goal: "PSA stable"},
	{key: "coloncancer", code: snomed("363406005", "Malignant neoplasm of colon (disorder)"), icd: "C18.9",
		incidence: [5]float64{0, .0001, .0005, .0015, .0025}, setting: "surgery", followUps: 2, panels: []string{"cbc", "cmp"}, procedure: []string{"colectomy"}, goal: "No recurrence"},
	{key: "alzheimer", code: snomed("26929004", "Alzheimer's disease (disorder)"), icd: "G30.9",
		incidence: [5]float64{0, 0, .0002, .004, .025}, setting: "followup", followUps: 2, drugs: []string{"donepezil"}, goal: "Safe living at home"},
	{key: "hiv", code: snomed("86406008", "Human immunodeficiency virus infection (disorder)"), icd: "B20", since: 1985,
		incidence: [5]float64{0, .0003, .0002, .00005, 0}, setting: "followup", followUps: 2, panels: []string{"cbc", "cmp", "cd4"}, goal: "Viral load undetectable"},
	{key: "alcohol", code: snomed("7200002", "Alcoholism (disorder)"), icd: "F10.20",
		incidence: [5]float64{0, .002, .0015, .0006, .0002}, setting: "followup", panels: []string{"cmp"}},
}
