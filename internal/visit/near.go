package visit

import (
	"math"
	"slices"
	"strconv"
	"strings"

	study "tributary/config/program"
)

// Near is where somebody says that they are: a state, and the first three digits of
// a ZIP code where they gave one. More is not asked, and more is not kept.
type Near struct {
	State string
	ZIP3  string
	state *state
}

// state is a state with the middle of where its people live, in degrees, to a tenth:
// good for an order of centers, not for a distance to the mile.
type state struct {
	code     string
	lat, lon float64
	zips     [][2]int // first three digits of its ZIP codes, from and to
}

// ReadNear reads a ZIP code, or a state's two letters; ok is false for anything else.
func ReadNear(text string) (n Near, ok bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	digits, _, _ := strings.Cut(text, "-")
	if len(digits) == 5 || len(digits) == 3 {
		if first, err := strconv.Atoi(digits[:3]); err == nil && strings.Trim(digits, "0123456789") == "" {
			for i := range states {
				if states[i].has(first) {
					return Near{State: states[i].code, ZIP3: digits[:3], state: &states[i]}, true
				}
			}
			return n, false
		}
	}
	i := slices.IndexFunc(states, func(s state) bool { return s.code == text })
	if i < 0 {
		return n, false
	}
	return Near{State: text, state: &states[i]}, true
}

func (s *state) has(zip3 int) bool {
	return slices.ContainsFunc(s.zips, func(r [2]int) bool { return r[0] <= zip3 && zip3 <= r[1] })
}

// Text is how the place is kept and read again.
func (n Near) Text() string {
	if n.ZIP3 != "" {
		return n.ZIP3
	}
	return n.State
}

// Distance is how far a site is.
type Distance struct {
	Site  study.Site
	Near  bool // the same first three digits of the ZIP code
	Home  bool // the same state
	Miles int  // from the middle of the state, to the nearest ten; 0 where it is not known
}

// Sort puts the nearest sites first: those with the same first digits of the ZIP
// code, those in the same state, then by the distance from the middle of the state.
func (n Near) Sort(sites []study.Site) []Distance {
	out := make([]Distance, len(sites))
	for i, site := range sites {
		out[i] = Distance{Site: site}
		if n.state == nil {
			continue
		}
		out[i].Near = n.ZIP3 != "" && strings.HasPrefix(site.PostalCode, n.ZIP3)
		out[i].Home = site.State == n.State
		if site.Latitude != 0 || site.Longitude != 0 {
			out[i].Miles = max(10, int(math.Round(miles(n.state.lat, n.state.lon, site.Latitude, site.Longitude)/10))*10)
		}
	}
	if n.state != nil {
		slices.SortStableFunc(out, func(a, b Distance) int { return a.rank() - b.rank() })
	}
	return out
}

// rank orders Distances; what is not known comes last.
func (d Distance) rank() int {
	const half, unknown = 12_500, 100_000 // miles: nothing on Earth is further away
	switch {
	case d.Near:
		return -2 * half
	case d.Home:
		return -half + d.Miles
	case d.Miles == 0:
		return unknown
	}
	return d.Miles
}

// earth is its mean radius in miles.
const earth = 3958.8

// miles is the length of the great circle between two places (haversine formula).
func miles(lat1, lon1, lat2, lon2 float64) float64 {
	rad := func(d float64) float64 { return d * math.Pi / 180 }
	s := func(x float64) float64 { return math.Sin(x/2) * math.Sin(x/2) }
	a := s(rad(lat2-lat1)) + math.Cos(rad(lat1))*math.Cos(rad(lat2))*s(rad(lon2-lon1))
	return 2 * earth * math.Asin(min(1, math.Sqrt(a)))
}

// states are those of the United States, the District of Columbia and Puerto Rico.
var states = []state{
	{"AL", 33.0, -86.8, [][2]int{{350, 369}}}, {"AK", 61.4, -148.9, [][2]int{{995, 999}}},
	{"AZ", 33.4, -111.8, [][2]int{{850, 865}}}, {"AR", 35.1, -92.6, [][2]int{{716, 729}}},
	{"CA", 35.5, -119.4, [][2]int{{900, 961}}}, {"CO", 39.5, -105.2, [][2]int{{800, 816}}},
	{"CT", 41.5, -72.9, [][2]int{{60, 69}}}, {"DC", 38.9, -77.0, [][2]int{{200, 200}, {202, 205}, {569, 569}}},
	{"DE", 39.4, -75.6, [][2]int{{197, 199}}}, {"FL", 27.8, -81.6, [][2]int{{320, 349}}},
	{"GA", 33.3, -83.9, [][2]int{{300, 319}, {398, 399}}}, {"HI", 21.1, -157.5, [][2]int{{967, 968}}},
	{"ID", 44.2, -115.1, [][2]int{{832, 838}}}, {"IL", 41.3, -88.4, [][2]int{{600, 629}}},
	{"IN", 40.2, -86.3, [][2]int{{460, 479}}}, {"IA", 42.0, -93.0, [][2]int{{500, 528}}},
	{"KS", 38.5, -96.5, [][2]int{{660, 679}}}, {"KY", 37.8, -85.2, [][2]int{{400, 427}}},
	{"LA", 30.7, -91.5, [][2]int{{700, 714}}}, {"ME", 44.3, -69.7, [][2]int{{39, 49}}},
	{"MD", 39.1, -76.8, [][2]int{{206, 219}}}, {"MA", 42.3, -71.4, [][2]int{{10, 27}, {55, 55}}},
	{"MI", 42.9, -84.2, [][2]int{{480, 499}}}, {"MN", 45.2, -93.6, [][2]int{{550, 567}}},
	{"MS", 32.6, -89.6, [][2]int{{386, 397}}}, {"MO", 38.4, -92.2, [][2]int{{630, 658}}},
	{"MT", 46.8, -111.2, [][2]int{{590, 599}}}, {"NE", 41.2, -97.4, [][2]int{{680, 693}}},
	{"NV", 37.2, -116.3, [][2]int{{889, 898}}}, {"NH", 43.2, -71.5, [][2]int{{30, 38}}},
	{"NJ", 40.4, -74.4, [][2]int{{70, 89}}}, {"NM", 34.6, -106.3, [][2]int{{870, 884}}},
	{"NY", 41.5, -74.6, [][2]int{{5, 5}, {100, 149}}}, {"NC", 35.6, -79.7, [][2]int{{270, 289}}},
	{"ND", 47.4, -99.3, [][2]int{{580, 588}}}, {"OH", 40.5, -82.7, [][2]int{{430, 459}}},
	{"OK", 35.6, -96.8, [][2]int{{730, 732}, {734, 749}}}, {"OR", 44.7, -122.6, [][2]int{{970, 979}}},
	{"PA", 40.5, -77.1, [][2]int{{150, 196}}}, {"PR", 18.2, -66.4, [][2]int{{6, 7}, {9, 9}}},
	{"RI", 41.8, -71.5, [][2]int{{28, 29}}}, {"SC", 34.0, -81.0, [][2]int{{290, 299}}},
	{"SD", 44.0, -99.0, [][2]int{{570, 577}}}, {"TN", 35.8, -86.4, [][2]int{{370, 385}}},
	{"TX", 30.9, -97.4, [][2]int{{733, 733}, {750, 799}, {885, 885}}}, {"UT", 40.4, -111.9, [][2]int{{840, 847}}},
	{"VT", 44.1, -72.8, [][2]int{{50, 54}, {56, 59}}}, {"VA", 37.8, -77.8, [][2]int{{201, 201}, {220, 246}}},
	{"WA", 47.3, -121.6, [][2]int{{980, 994}}}, {"WV", 38.8, -80.8, [][2]int{{247, 268}}},
	{"WI", 43.7, -89.0, [][2]int{{530, 532}, {534, 535}, {537, 549}}}, {"WY", 42.7, -107.0, [][2]int{{820, 831}}},
}
