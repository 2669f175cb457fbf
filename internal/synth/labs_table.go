package synth

// analyte is one measured quantity: how it is distributed in the healthy, and
// what diseases (or drugs) add.
type analyte struct {
	code       coding // LOINC
	unit       unit
	decimals   int
	mean, sd   float64
	low, high  float64  // reference range; 0 high: none
	shift      []effect // added while the disease lasts or the drug is taken
	derive     func(known map[string]float64, p *person, age float64) float64
	least      float64 // the smallest value that a laboratory reports
	treatment  string  // the disease whose treatment halves its shift
	bodyOffset func(b body) float64
}

// panel is what is ordered together and reported in one DiagnosticReport.
type panel struct {
	code     coding
	analytes []string
}

var panels = map[string]panel{
	"bmp":         {loinc("24321-2", "Basic metabolic 2000 panel - Serum or Plasma"), []string{"glucose", "bun", "creatinine", "egfr", "sodium", "potassium", "chloride", "co2", "calcium"}},
	"cmp":         {loinc("24323-8", "Comprehensive metabolic 2000 panel - Serum or Plasma"), []string{"glucose", "bun", "creatinine", "egfr", "sodium", "potassium", "chloride", "co2", "calcium", "protein", "albumin", "bilirubin", "alp", "alt", "ast"}},
	"lipid":       {loinc("24331-1", "Lipid 1996 panel - Serum or Plasma"), []string{"triglycerides", "hdl", "ldl", "cholesterol"}},
	"cbc":         {loinc("58410-2", "CBC panel - Blood by Automated count"), []string{"wbc", "rbc", "hemoglobin", "hematocrit", "mcv", "platelets"}},
	"a1c":         {loinc("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"), []string{"a1c"}},
	"albuminuria": {loinc("14959-1", "Microalbumin/Creatinine [Mass Ratio] in Urine"), []string{"microalbumin"}},
	"thyroid":     {loinc("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"), []string{"tsh", "t4"}},
	"psa":         {loinc("2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma"), []string{"psa"}},
	"troponin":    {loinc("10839-9", "Troponin I.cardiac [Mass/volume] in Serum or Plasma"), []string{"troponin"}},
	"bnp":         {loinc("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma"), []string{"ntprobnp"}},
	"inr":         {loinc("6301-6", "INR in Platelet poor plasma by Coagulation assay"), []string{"inr"}},
	"urate":       {loinc("3084-1", "Urate [Mass/volume] in Serum or Plasma"), []string{"urate"}},
	"ferritin":    {loinc("2276-4", "Ferritin [Mass/volume] in Serum or Plasma"), []string{"ferritin"}},
	"spirometry":  {loinc("81459-0", "Spirometry panel"), []string{"fev1", "fev1fvc"}},
	"cd4":         {loinc("24467-3", "CD3+CD4+ (T4 helper) cells [#/volume] in Blood"), []string{"cd4"}},
	"urinalysis":  {loinc("24356-8", "Urinalysis complete panel - Urine"), []string{"urineph", "urinegravity"}},
	"covid":       {loinc("94500-6", "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection"), nil},
}

var (
	mgdl  = ucum("mg/dL")
	mmoll = ucum("mmol/L")
	gdl   = ucum("g/dL")
	ul    = ucum("U/L")
)

var analytes = map[string]analyte{
	"glucose":       {code: loinc("2345-7", "Glucose [Mass/volume] in Serum or Plasma"), unit: mgdl, mean: 90, sd: 7, low: 70, high: 99, shift: []effect{{"diabetes", 55}, {"prediabetes", 16}}, treatment: "diabetes"},
	"bun":           {code: loinc("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma"), unit: mgdl, mean: 14, sd: 3, low: 7, high: 20, shift: []effect{{"kidney", 12}, {"heartfailure", 5}}, least: 4},
	"creatinine":    {code: loinc("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"), unit: mgdl, decimals: 2, mean: 0.86, sd: 0.11, low: 0.5, high: 1.2, shift: []effect{{"kidney", 0.75}}, least: 0.4},
	"egfr":          {code: loinc("98979-8", "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)"), unit: unit{"mL/min/1.73m2", "mL/min/{1.73_m2}"}, low: 60, high: 150, derive: filtrationRate},
	"sodium":        {code: loinc("2951-2", "Sodium [Moles/volume] in Serum or Plasma"), unit: mmoll, mean: 140, sd: 1.8, low: 135, high: 145},
	"potassium":     {code: loinc("2823-3", "Potassium [Moles/volume] in Serum or Plasma"), unit: mmoll, decimals: 1, mean: 4.2, sd: 0.25, low: 3.5, high: 5.1, shift: []effect{{"kidney", 0.4}}},
	"chloride":      {code: loinc("2075-0", "Chloride [Moles/volume] in Serum or Plasma"), unit: mmoll, mean: 102, sd: 2, low: 98, high: 107},
	"co2":           {code: loinc("2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma"), unit: mmoll, mean: 25, sd: 1.7, low: 22, high: 29, shift: []effect{{"kidney", -2}, {"copd", 2}}},
	"calcium":       {code: loinc("17861-6", "Calcium [Mass/volume] in Serum or Plasma"), unit: mgdl, decimals: 1, mean: 9.4, sd: 0.3, low: 8.6, high: 10.2},
	"protein":       {code: loinc("2885-2", "Protein [Mass/volume] in Serum or Plasma"), unit: gdl, decimals: 1, mean: 7.1, sd: 0.3, low: 6, high: 8.3},
	"albumin":       {code: loinc("1751-7", "Albumin [Mass/volume] in Serum or Plasma"), unit: gdl, decimals: 1, mean: 4.3, sd: 0.25, low: 3.5, high: 5.2},
	"bilirubin":     {code: loinc("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma"), unit: mgdl, decimals: 1, mean: 0.6, sd: 0.15, low: 0.1, high: 1.2, shift: []effect{{"gallstones", 1.2}, {"alcohol", 0.5}}, least: 0.1},
	"alp":           {code: loinc("6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma"), unit: ul, mean: 72, sd: 14, low: 40, high: 129, shift: []effect{{"gallstones", 60}}, least: 20},
	"alt":           {code: loinc("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma"), unit: ul, mean: 22, sd: 5, low: 7, high: 56, shift: []effect{{"alcohol", 35}, {"obesity", 8}}, least: 5},
	"ast":           {code: loinc("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma"), unit: ul, mean: 22, sd: 4, low: 10, high: 40, shift: []effect{{"alcohol", 55}}, least: 5},
	"triglycerides": {code: loinc("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma"), unit: mgdl, mean: 115, sd: 22, low: 0, high: 150, shift: []effect{{"hyperlipidemia", 55}, {"diabetes", 30}, {"obesity", 25}}, least: 40},
	"hdl":           {code: loinc("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma"), unit: mgdl, mean: 54, sd: 8, low: 40, high: 100, shift: []effect{{"obesity", -7}}, least: 20},
	"ldl":           {code: loinc("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation"), unit: mgdl, mean: 0, sd: 8, low: 0, high: 130, shift: []effect{{"hyperlipidemia", 50}}, least: 35, treatment: "hyperlipidemia", bodyOffset: func(b body) float64 { return b.ldl }},
	"cholesterol":   {code: loinc("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"), unit: mgdl, low: 0, high: 200, derive: totalCholesterol},
	"wbc":           {code: loinc("6690-2", "Leukocytes [#/volume] in Blood by Automated count"), unit: ucum("10*3/uL"), decimals: 1, mean: 6.8, sd: 0.9, low: 4, high: 11, shift: []effect{{"pneumonia", 7}, {"appendicitis", 7}, {"cellulitis", 4}}, least: 1},
	"rbc":           {code: loinc("789-8", "Erythrocytes [#/volume] in Blood by Automated count"), unit: ucum("10*6/uL"), decimals: 2, mean: 4.75, sd: 0.25, low: 4, high: 5.9, shift: []effect{{"irondeficiency", -0.5}, {"kidney", -0.35}, {"coloncancer", -0.6}}, treatment: "coloncancer"},
	"hemoglobin":    {code: loinc("718-7", "Hemoglobin [Mass/volume] in Blood"), unit: gdl, decimals: 1, mean: 14.2, sd: 0.6, low: 12, high: 17.5, shift: []effect{{"irondeficiency", -3.5}, {"kidney", -1.2}, {"coloncancer", -2}}, least: 7, treatment: "coloncancer"},
	"hematocrit":    {code: loinc("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count"), unit: ucum("%"), decimals: 1, low: 36, high: 52, derive: hematocrit},
	"mcv":           {code: loinc("787-2", "MCV [Entitic volume] by Automated count"), unit: ucum("fL"), decimals: 1, low: 80, high: 100, derive: cellVolume},
	"platelets":     {code: loinc("777-3", "Platelets [#/volume] in Blood by Automated count"), unit: ucum("10*3/uL"), mean: 250, sd: 35, low: 150, high: 400, shift: []effect{{"irondeficiency", 60}, {"alcohol", -60}}, least: 20},
	"a1c":           {code: loinc("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"), unit: ucum("%"), decimals: 1, sd: 0.15, low: 4, high: 5.6, shift: []effect{{"prediabetes", 0.6}, {"diabetes", 2.4}}, treatment: "diabetes", bodyOffset: func(b body) float64 { return b.glycation }},
	"microalbumin":  {code: loinc("14959-1", "Microalbumin/Creatinine [Mass Ratio] in Urine"), unit: ucum("mg/g"), decimals: 1, mean: 12, sd: 4, high: 30, shift: []effect{{"diabetes", 15}, {"kidney", 60}}, least: 2},
	"tsh":           {code: loinc("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"), unit: unit{"mIU/L", "m[IU]/L"}, decimals: 2, mean: 1.9, sd: 0.5, low: 0.4, high: 4.5, shift: []effect{{"hypothyroidism", 6}}, treatment: "hypothyroidism", least: 0.1},
	"t4":            {code: loinc("3024-7", "Thyroxine (T4) free [Mass/volume] in Serum or Plasma"), unit: ucum("ng/dL"), decimals: 2, mean: 1.2, sd: 0.12, low: 0.8, high: 1.8, shift: []effect{{"hypothyroidism", -0.4}}, treatment: "hypothyroidism"},
	"psa":           {code: loinc("2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma"), unit: ucum("ng/mL"), decimals: 2, mean: 1.2, sd: 0.4, high: 4, shift: []effect{{"prostatehyperplasia", 1.5}, {"prostatecancer", 9}}, treatment: "prostatecancer", least: 0.1},
	"troponin":      {code: loinc("10839-9", "Troponin I.cardiac [Mass/volume] in Serum or Plasma"), unit: ucum("ng/mL"), decimals: 2, mean: 0.02, sd: 0.005, high: 0.04, shift: []effect{{"infarction", 6}}, least: 0.01},
	"ntprobnp":      {code: loinc("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma"), unit: ucum("pg/mL"), mean: 90, sd: 25, high: 300, shift: []effect{{"heartfailure", 1800}}, treatment: "heartfailure", least: 10},
	"inr":           {code: loinc("6301-6", "INR in Platelet poor plasma by Coagulation assay"), unit: unit{"INR", "{INR}"}, decimals: 1, mean: 1, sd: 0.06, low: 0.8, high: 1.2, shift: []effect{{"warfarin", 1.4}}},
	"urate":         {code: loinc("3084-1", "Urate [Mass/volume] in Serum or Plasma"), unit: mgdl, decimals: 1, mean: 5.2, sd: 0.7, low: 2.5, high: 7.2, shift: []effect{{"gout", 3}}, treatment: "gout"},
	"ferritin":      {code: loinc("2276-4", "Ferritin [Mass/volume] in Serum or Plasma"), unit: ucum("ng/mL"), mean: 90, sd: 20, low: 15, high: 200, shift: []effect{{"irondeficiency", -80}}, least: 4},
	"fev1":          {code: loinc("20150-9", "FEV1"), unit: ucum("L"), decimals: 2, mean: 3.1, sd: 0.3, shift: []effect{{"copd", -1.2}, {"asthma", -0.4}}, least: 0.6},
	"fev1fvc":       {code: loinc("19926-5", "FEV1/FVC"), unit: ucum("%"), mean: 79, sd: 3, low: 70, high: 100, shift: []effect{{"copd", -20}, {"asthma", -7}}, least: 30},
	"cd4":           {code: loinc("24467-3", "CD3+CD4+ (T4 helper) cells [#/volume] in Blood"), unit: ucum("/uL"), mean: 850, sd: 120, low: 500, high: 1500, shift: []effect{{"hiv", -450}}, treatment: "hiv", least: 20},
	"urineph":       {code: loinc("5803-2", "pH of Urine by Test strip"), unit: unit{"pH", "[pH]"}, decimals: 1, mean: 6, sd: 0.4, low: 5, high: 8, shift: []effect{{"urinary", 0.8}}},
	"urinegravity":  {code: loinc("5811-5", "Specific gravity of Urine by Test strip"), unit: unit{"{ratio}", "{ratio}"}, decimals: 3, mean: 1.016, sd: 0.004, low: 1.005, high: 1.03},
}
