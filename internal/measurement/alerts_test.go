package measurement

import (
	"errors"
	"testing"

	"tributary/internal/form"
)

func TestAlerts(t *testing.T) {
	well := map[string][]string{"systolic": {"125", "125", "125"}, "diastolic": {"80", "80", "80"}, "heart_rate": {"70", "70", "70"}}
	for name, c := range map[string]struct {
		measure  string
		readings []string
		symptoms bool
		want     string
	}{
		"well":                        {"systolic", []string{"120", "121", "119"}, false, ""},
		"well with symptoms":          {"systolic", []string{"120", "121", "119"}, true, ""},
		"high once":                   {"systolic", []string{"190", "121", "119"}, false, ""},
		"high apart":                  {"systolic", []string{"190", "121", "190"}, false, ""},
		"high twice":                  {"systolic", []string{"190", "181", "119"}, false, "expedited"},
		"at the limit":                {"systolic", []string{"180", "180", "180"}, false, ""},
		"above 110":                   {"diastolic", []string{"80", "111", "111"}, false, "expedited"},
		"very high":                   {"systolic", []string{"201", "201", "150"}, false, "immediate"},
		"very high diastolic":         {"diastolic", []string{"100", "121", "122"}, false, "immediate"},
		"low without symptoms":        {"systolic", []string{"99", "99", "99"}, false, ""},
		"low with symptoms":           {"systolic", []string{"99", "99", "120"}, true, "emergent"},
		"low diastolic with symptoms": {"diastolic", []string{"59", "59", "59"}, true, "emergent"},
		"slow pulse with symptoms":    {"heart_rate", []string{"59", "59", "59"}, true, "emergent"},
		"fast pulse with symptoms":    {"heart_rate", []string{"70", "101", "101"}, true, "emergent"},
		"fast pulse without":          {"heart_rate", []string{"101", "101", "101"}, false, ""},
		"nothing was read":            {"systolic", nil, true, ""},
	} {
		readings := map[string][]string{}
		for id, r := range well {
			readings[id] = r
		}
		readings[c.measure] = c.readings
		got := ""
		for _, a := range AlertsOf(protocol(t), Session{Readings: readings, Circumstances: map[string]bool{"symptoms": c.symptoms}}) {
			got += a.ID
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestMeanings(t *testing.T) {
	for name, c := range map[string]struct {
		of     string
		values map[string]string
		want   string
	}{
		"usual":             {"blood_pressure", map[string]string{"systolic": "118", "diastolic": "76"}, "usual"},
		"a little high":     {"blood_pressure", map[string]string{"systolic": "125", "diastolic": "76"}, "look"},
		"high":              {"blood_pressure", map[string]string{"systolic": "131", "diastolic": "76"}, "look"},
		"very high":         {"blood_pressure", map[string]string{"systolic": "150", "diastolic": "111"}, "care"},
		"body mass index":   {"bmi", map[string]string{"bmi": "24.9"}, "usual"},
		"above":             {"bmi", map[string]string{"bmi": "25"}, "look"},
		"nothing is told":   {"height", map[string]string{"height": "170"}, ""},
		"pulse of athletes": {"heart_rate", map[string]string{"heart_rate": "52.5"}, "look"},
	} {
		level, _ := MeaningOf(protocol(t), c.of, c.values)
		if level.Tone != c.want {
			t.Errorf("%s: %q, want %q", name, level.Tone, c.want)
		}
	}
}

func TestFaultsAreInTheLanguage(t *testing.T) {
	values := readings()
	values.Set("height", "")
	_, err := ReadSession(protocol(t), "es", values)
	var faults form.Faults
	if !errors.As(err, &faults) || faults.At("height") != "Estatura: escriba lo que se midió, o elija por qué no se midió." {
		t.Errorf("%+v", faults)
	}
}
