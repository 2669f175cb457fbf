package synth

// place is a city where patients live and one health system cares for them.
type place struct {
	city, state, zip string // zip: the first three digits
	offset           int    // hours from UTC, standard time
	area             string // telephone area code
	lat, lon         float64
	system           string // the local health system
}

var places = []place{
	{"Worcester", "MA", "016", -5, "508", 42.27, -71.80, "Blackstone Valley Health"},
	{"Rochester", "NY", "146", -5, "585", 43.16, -77.61, "Genesee Community Health"},
	{"Allentown", "PA", "181", -5, "610", 40.60, -75.48, "Lehigh Ridge Health"},
	{"Richmond", "VA", "232", -5, "804", 37.54, -77.44, "James River Medical Group"},
	{"Durham", "NC", "277", -5, "919", 35.99, -78.90, "Eno Health Partners"},
	{"Macon", "GA", "312", -5, "478", 32.84, -83.63, "Ocmulgee Health"},
	{"Gainesville", "FL", "326", -5, "352", 29.65, -82.32, "Paynes Prairie Health"},
	{"Dayton", "OH", "454", -5, "937", 39.76, -84.19, "Miami Valley Care"},
	{"Flint", "MI", "485", -5, "810", 43.01, -83.69, "Saginaw Basin Health"},
	{"Peoria", "IL", "616", -6, "309", 40.69, -89.59, "Prairie River Health"},
	{"Madison", "WI", "537", -6, "608", 43.07, -89.40, "Four Lakes Health"},
	{"Duluth", "MN", "558", -6, "218", 46.79, -92.10, "North Shore Clinics"},
	{"Des Moines", "IA", "503", -6, "515", 41.59, -93.62, "Raccoon River Health"},
	{"Jackson", "MS", "392", -6, "601", 32.30, -90.18, "Pearl River Medical"},
	{"Lafayette", "LA", "705", -6, "337", 30.22, -92.02, "Bayou Vermilion Health"},
	{"El Paso", "TX", "799", -7, "915", 31.76, -106.49, "Franklin Mountains Health"},
	{"Lubbock", "TX", "794", -6, "806", 33.58, -101.86, "Caprock Health"},
	{"Tulsa", "OK", "741", -6, "918", 36.15, -95.99, "Green Country Health"},
	{"Pueblo", "CO", "810", -7, "719", 38.25, -104.61, "Front Range Community Care"},
	{"Billings", "MT", "591", -7, "406", 45.78, -108.50, "Yellowstone Plains Health"},
	{"Tucson", "AZ", "857", -7, "520", 32.22, -110.97, "Sonoran Health"},
	{"Fresno", "CA", "937", -8, "559", 36.74, -119.79, "San Joaquin Family Care"},
	{"Eugene", "OR", "974", -8, "541", 44.05, -123.09, "Willamette Care"},
	{"Spokane", "WA", "992", -8, "509", 47.66, -117.43, "Inland Pines Health"},
}

var streets = []string{
	"Alder Street", "Birch Lane", "Canal Street", "Cedar Avenue", "Church Street", "Depot Road", "Elm Street",
	"Fairview Avenue", "Garden Court", "Hillcrest Drive", "Juniper Way", "Lakeview Terrace", "Linden Avenue",
	"Main Street", "Maple Avenue", "Meadow Lane", "Mill Road", "Oak Hollow Road", "Orchard Street", "Park Place",
	"Pine Street", "Prospect Street", "River Road", "School Street", "Spring Street", "Summit Avenue",
	"Sycamore Drive", "Union Street", "Walnut Street", "Willow Bend",
}
