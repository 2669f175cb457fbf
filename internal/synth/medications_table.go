package synth

// drug is a product that can be ordered, with its usual instructions.
type drug struct {
	code     coding // RxNorm
	sig      string
	perDay   int  // doses a day; zero: as needed
	supply   int  // days of supply
	resource bool // ordered through a Medication resource, as pharmacy systems do
	notWith  string
}

var drugs = map[string]drug{
	"lisinopril":          {code: rxnorm("314076", "lisinopril 10 MG Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90},
	"amlodipine":          {code: rxnorm("197361", "amlodipine 5 MG Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90},
	"hydrochlorothiazide": {code: rxnorm("310798", "hydrochlorothiazide 25 MG Oral Tablet"), sig: "Take 1 tablet by mouth every morning", perDay: 1, supply: 90},
	"metformin":           {code: rxnorm("861007", "metformin hydrochloride 500 MG Oral Tablet"), sig: "Take 1 tablet by mouth twice daily with meals", perDay: 2, supply: 90},
	"empagliflozin":       {code: rxnorm("1545653", "empagliflozin 10 MG Oral Tablet"), sig: "Take 1 tablet by mouth every morning", perDay: 1, supply: 90},
	"glargine":            {code: rxnorm("311041", "insulin glargine 100 UNT/ML Injectable Solution"), sig: "Inject 12 units under the skin at bedtime", perDay: 1, supply: 30, resource: true},
	"atorvastatin":        {code: rxnorm("617311", "atorvastatin 40 MG Oral Tablet"), sig: "Take 1 tablet by mouth at bedtime", perDay: 1, supply: 90},
	"simvastatin":         {code: rxnorm("312961", "simvastatin 20 MG Oral Tablet"), sig: "Take 1 tablet by mouth at bedtime", perDay: 1, supply: 90},
	"aspirin":             {code: rxnorm("243670", "aspirin 81 MG Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90, notWith: "aspirin"},
	"metoprolol":          {code: rxnorm("866412", "24 HR metoprolol succinate 100 MG Extended Release Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90},
	"nitroglycerin":       {code: rxnorm("705129", "nitroglycerin 0.4 MG/ACTUAT Mucosal Spray"), sig: "1 spray under the tongue for chest pain; may repeat every 5 minutes up to 3 times", supply: 180, resource: true},
	"clopidogrel":         {code: rxnorm("309362", "clopidogrel 75 MG Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90},
	"apixaban":            {code: rxnorm("1364445", "apixaban 5 MG Oral Tablet"), sig: "Take 1 tablet by mouth twice daily", perDay: 2, supply: 90},
	"warfarin":            {code: rxnorm("855332", "warfarin sodium 5 MG Oral Tablet"), sig: "Take 1 tablet by mouth every evening", perDay: 1, supply: 30},
	"furosemide":          {code: rxnorm("313988", "furosemide 40 MG Oral Tablet"), sig: "Take 1 tablet by mouth every morning", perDay: 1, supply: 90},
	"albuterol":           {code: rxnorm("745679", "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"), sig: "Inhale 2 puffs every 4 to 6 hours as needed for wheezing", supply: 60, resource: true},
	"fluticasone":         {code: rxnorm("895994", "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler"), sig: "Inhale 2 puffs twice daily", perDay: 2, supply: 30, resource: true},
	"salmeterol":          {code: rxnorm("896209", "60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler"), sig: "Inhale 1 puff twice daily", perDay: 2, supply: 30, resource: true},
	"levothyroxine":       {code: rxnorm("966222", "levothyroxine sodium 0.075 MG Oral Tablet"), sig: "Take 1 tablet by mouth every morning on an empty stomach", perDay: 1, supply: 90},
	"sertraline":          {code: rxnorm("312941", "sertraline 50 MG Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90},
	"fluoxetine":          {code: rxnorm("310385", "fluoxetine 20 MG Oral Capsule"), sig: "Take 1 capsule by mouth every morning", perDay: 1, supply: 90},
	"omeprazole":          {code: rxnorm("198051", "omeprazole 20 MG Delayed Release Oral Capsule"), sig: "Take 1 capsule by mouth before breakfast", perDay: 1, supply: 90},
	"sumatriptan":         {code: rxnorm("313161", "sumatriptan 50 MG Oral Tablet"), sig: "Take 1 tablet at the onset of migraine; may repeat once after 2 hours", supply: 90},
	"naproxen":            {code: rxnorm("198014", "naproxen 500 MG Oral Tablet"), sig: "Take 1 tablet by mouth twice daily with food", perDay: 2, supply: 30, notWith: "ibuprofen"},
	"acetaminophen":       {code: rxnorm("198440", "acetaminophen 500 MG Oral Tablet"), sig: "Take 2 tablets by mouth every 8 hours as needed for pain", supply: 30},
	"ibuprofen":           {code: rxnorm("310965", "ibuprofen 200 MG Oral Tablet"), sig: "Take 2 tablets by mouth every 6 hours as needed for pain", supply: 10, notWith: "ibuprofen"},
	"alendronate":         {code: rxnorm("904419", "alendronic acid 10 MG Oral Tablet"), sig: "Take 1 tablet by mouth every morning, sitting upright, with a full glass of water", perDay: 1, supply: 90},
	"methotrexate":        {code: rxnorm("105585", "methotrexate 2.5 MG Oral Tablet"), sig: "Take 6 tablets by mouth once a week", supply: 84},
	"allopurinol":         {code: rxnorm("197319", "allopurinol 100 MG Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90},
	"loratadine":          {code: rxnorm("311372", "loratadine 10 MG Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90},
	"iron":                {code: rxnorm("310325", "ferrous sulfate 325 MG Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90},
	"tamsulosin":          {code: rxnorm("863669", "tamsulosin hydrochloride 0.4 MG Oral Capsule"), sig: "Take 1 capsule by mouth after dinner", perDay: 1, supply: 90},
	"anastrozole":         {code: rxnorm("199224", "anastrozole 1 MG Oral Tablet"), sig: "Take 1 tablet by mouth once daily", perDay: 1, supply: 90},
	"donepezil":           {code: rxnorm("997223", "donepezil hydrochloride 10 MG Oral Tablet"), sig: "Take 1 tablet by mouth at bedtime", perDay: 1, supply: 90},
	"amoxicillin":         {code: rxnorm("308191", "amoxicillin 500 MG Oral Capsule"), sig: "Take 1 capsule by mouth three times daily until finished", perDay: 3, supply: 10, notWith: "penicillin"},
	"azithromycin":        {code: rxnorm("308460", "azithromycin 250 MG Oral Tablet"), sig: "Take 2 tablets on day 1, then 1 tablet daily", perDay: 1, supply: 5},
	"ciprofloxacin":       {code: rxnorm("309309", "ciprofloxacin 500 MG Oral Tablet"), sig: "Take 1 tablet by mouth twice daily", perDay: 2, supply: 7},
}
