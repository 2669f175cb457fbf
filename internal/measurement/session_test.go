package measurement

import (
	"errors"
	"net/url"
	"testing"

	study "tributary/config/program"
	"tributary/internal/form"
)

func protocol(t *testing.T) *study.Protocol {
	t.Helper()
	s, err := study.Default()
	if err != nil {
		t.Fatal(err)
	}
	return &s.Protocol
}

func readings() url.Values {
	return url.Values{"height": {"170.5"}, "weight": {"70"}, "waist": {"82"},
		"systolic_1": {"130"}, "systolic_2": {"120"}, "systolic_3": {"121"}, "diastolic_1": {"85"}, "diastolic_2": {"80"}, "diastolic_3": {"80"},
		"heart_rate_1": {"70"}, "heart_rate_2": {"68"}, "heart_rate_3": {"66"}}
}

func TestMeasurementFaults(t *testing.T) {
	for name, c := range map[string]struct{ field, value, at string }{
		"implausible":      {"height", "17", "height"},
		"too fine":         {"systolic_2", "120.5", "systolic_2"},
		"not a number":     {"weight", "7O", "weight"},
		"exponent":         {"weight", "7e1", "weight"},
		"one reading gone": {"heart_rate_3", "", "heart_rate_3"},
		"no reason":        {"waist", "", "waist"},
	} {
		values := readings()
		values.Set(c.field, c.value)
		_, err := ReadSession(protocol(t), "en", values)
		var faults form.Faults
		if !errors.As(err, &faults) || faults.At(c.at) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDeviationsAndSkips(t *testing.T) {
	values := readings()
	values.Set("pregnant", "yes")
	values.Set("weight", "")
	values.Set("deviation.weight", "refused")
	s, err := ReadSession(protocol(t), "en", values)
	if err != nil {
		t.Fatal(err)
	}
	if s.Deviations["waist"] != skipped || s.Readings["waist"] != nil {
		t.Error("the waist of a pregnant participant is measured")
	}
	if s.Deviations["weight"] != "asked-declined" {
		t.Errorf("a refusal is %q", s.Deviations["weight"])
	}
}

func TestPanelIsReadTogether(t *testing.T) {
	values := readings()
	for _, n := range []string{"1", "2", "3"} {
		values.Del("diastolic_" + n)
	}
	values.Set("deviation.diastolic", "device")
	if _, err := ReadSession(protocol(t), "en", values); err == nil {
		t.Error("systolic without diastolic readings is taken")
	}
}

func TestMeanLeavesTheFirstReadingOut(t *testing.T) {
	if got := mean([]string{"180", "120", "121"}); got != "120.5" {
		t.Errorf("mean %s", got)
	}
}
