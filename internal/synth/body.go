package synth

// body holds what a person's measurements are drawn around. Values are at
// age 40; they drift with the years and with disease.
type body struct {
	height    float64 // cm
	bmi       float64 // kg/m2
	bmiDrift  float64 // a year
	systolic  float64 // mm[Hg]
	pulse     float64 // /min
	glycation float64 // HbA1c without diabetes, %
	ldl       float64 // mg/dL without treatment
	smoker    smoking
}

type smoking int

const (
	neverSmoked smoking = iota
	formerSmoker
	currentSmoker
)

func newBody(r source, p *person) body {
	height := map[string]float64{"female": 162, "male": 176}[p.Gender]
	return body{
		height: r.normal(height, 6.5), bmi: r.normal(27.5, 4), bmiDrift: r.normal(0.08, 0.08),
		systolic: r.normal(120, 7), pulse: r.normal(72, 7), glycation: r.normal(5.3, 0.2), ldl: r.normal(108, 22),
		smoker: pickWeighted(r, []weighted[smoking]{{0.6, neverSmoked}, {0.25, formerSmoker}, {0.15, currentSmoker}}),
	}
}

// bmiAt is the body mass index at an age, which levels off at 70.
func (b body) bmiAt(age float64) float64 {
	return max(17, b.bmi+b.bmiDrift*(min(age, 70)-40))
}

// heightAt loses about a millimetre a year after 50.
func (b body) heightAt(age float64) float64 {
	return b.height - 0.1*max(0, age-50)
}
