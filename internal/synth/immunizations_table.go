package synth

// vaccine is one that adults get at wellness visits.
type vaccine struct {
	key   string
	code  coding  // CVX
	from  float64 // age
	since int     // year of introduction
	every float64 // years between doses
	doses int     // zero: for life
	take  float64 // share of visits at which a due dose is accepted
}

var vaccines = []vaccine{
	{"influenza", cvx("140", "Influenza, seasonal, injectable, preservative free"), 18, 2009, 0.8, 0, 0.55},
	{"tdap", cvx("115", "Tdap"), 18, 2006, 10, 0, 0.6},
	{"zoster", cvx("187", "zoster recombinant"), 50, 2018, 0.4, 2, 0.5},
	{"pneumococcal", cvx("133", "Pneumococcal conjugate PCV 13"), 65, 2012, 1, 1, 0.6},
	{"pneumococcal23", cvx("33", "pneumococcal polysaccharide vaccine, 23 valent"), 66, 2000, 1, 1, 0.6},
	{"covid", cvx("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose"), 18, 2021, 0.8, 3, 0.6},
	{"hepatitisb", cvx("43", "Hep B, adult"), 20, 1992, 0.5, 3, 0.1},
}

// childhoodShot is a dose that is only remembered, from a card.
type childhoodShot struct {
	code  coding
	age   float64
	since int
}

var childhoodShots = []childhoodShot{
	{cvx("10", "IPV"), 0.3, 1990},
	{cvx("20", "DTaP"), 0.5, 1992},
	{cvx("03", "MMR"), 1.1, 1971},
	{cvx("21", "varicella"), 1.2, 1995},
	{cvx("114", "meningococcal MCV4P"), 11.5, 2005},
}
