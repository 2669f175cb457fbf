package search

import (
	"math"
	"strconv"
	"strings"

	"tributary/fhir/tree"
)

// earth is the mean radius of the earth in metres (IUGG).
const earth = 6_371_008.8

// nearby is how far near reaches without a distance, in metres.
const nearby = 50_000

// metres of the units of a distance: those of UCUM, and what people write.
var metres = map[string]float64{
	"": 1000, "km": 1000, "m": 1, "cm": 0.01, "[mi_i]": 1609.344, "mi": 1609.344, "[mi_us]": 1609.347219, "[ft_i]": 0.3048, "ft": 0.3048,
	"[yd_i]": 0.9144, "[nmi_i]": 1852, "nmi": 1852,
}

// near reads latitude|longitude|distance|units (R4, Location): what lies within
// the distance on the sphere; kilometres without units, 50 km without a distance.
func near(text string) (Value, *QueryError) {
	parts := cut(text, '|')
	if len(parts) < 2 || len(parts) > 4 {
		return nil, invalid("latitude|longitude|distance|units is expected, as in 52.37|4.89|5|km")
	}
	lat, ok1 := degrees(parts[0], 90)
	lon, ok2 := degrees(parts[1], 180)
	if !ok1 || !ok2 {
		return nil, invalid("a latitude from -90 to 90 and a longitude from -180 to 180 are expected, in degrees")
	}
	distance := float64(nearby)
	if len(parts) > 2 && parts[2] != "" {
		unit := ""
		if len(parts) == 4 {
			unit = plainText(parts[3])
		}
		number, err := strconv.ParseFloat(parts[2], 64)
		factor, known := metres[unit]
		if err != nil || !known || number < 0 || math.IsNaN(number) || math.IsInf(number, 0) {
			return nil, &QueryError{Reason: "the distance is a number that is not negative, its units one of those", Valid: []string{"km", "m", "[mi_i]", "[nmi_i]", "[ft_i]", "[yd_i]"}}
		}
		distance = number * factor
	}
	return reachOf(lat, lon, distance), nil
}

func degrees(text string, most float64) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return n, err == nil && n >= -most && n <= most
}

// reachOf is what lies within so many metres of a point.
func reachOf(lat, lon, distance float64) NearValue {
	angle := min(distance/earth, math.Pi)
	x, y, z := onSphere(lat, lon)
	half := math.Sin(angle / 2)
	reach := angle * 180 / math.Pi
	return NearValue{
		X: x, Y: y, Z: z, Chord: 4*half*half + 1e-15, // a point is within no distance of itself
		South: int64(math.Floor((lat - reach) * 1e6)), North: int64(math.Ceil((lat + reach) * 1e6)),
	}
}

// onSphere is a place as a point of the unit sphere: there distances are those of
// straight lines, and neither poles nor the date line are special.
func onSphere(lat, lon float64) (x, y, z float64) {
	lat, lon = lat*math.Pi/180, lon*math.Pi/180
	return rounded(math.Cos(lat) * math.Cos(lon)), rounded(math.Cos(lat) * math.Sin(lon)), rounded(math.Sin(lat))
}

// rounded keeps a coordinate to some nanometres, so that no square of a difference
// is smaller than a database can say.
func rounded(x float64) float64 { return math.Round(x*1e15) / 1e15 }

// positionRows is the converter of near: the latitude, in millionths of a degree,
// and the point on the sphere.
func positionRows(x *extraction, e *emit, v tree.Value) {
	lat, ok1 := float(v.Get("latitude"))
	lon, ok2 := float(v.Get("longitude"))
	if !ok1 || !ok2 || math.Abs(lat) > 90 || math.Abs(lon) > 180 {
		return
	}
	px, py, pz := onSphere(lat, lon)
	x.Composites = append(x.Composites, CompositeEntry{
		Param: e.param.Number, First: int64(math.Round(lat * 1e6)), Second: Cell{Lo: px, Hi: py}, Third: Cell{Lo: pz, Hi: pz},
	})
}

// Holds tells whether a row of positionRows is within reach.
func (v NearValue) Holds(e CompositeEntry) bool {
	dx, dy, dz := e.Second.Lo-v.X, e.Second.Hi-v.Y, e.Third.Lo-v.Z
	return e.First >= v.South && e.First <= v.North && dx*dx+dy*dy+dz*dz <= v.Chord
}
