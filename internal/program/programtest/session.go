package programtest

import (
	"fmt"
	"net/url"

	study "tributary/config/program"
	"tributary/internal/measurement"
)

// Session is a set of usual measurements, with changes: field and value in turn.
func Session(s *study.Study, changes ...string) (measurement.Session, error) {
	values := url.Values{"height": {"170.5"}, "weight": {"70.0"}, "waist": {"82"}, "pregnant": {"no"}, "wheelchair": {"no"}, "symptoms": {"no"}}
	for n := 1; n <= 3; n++ {
		values.Set(fmt.Sprintf("systolic_%d", n), "118")
		values.Set(fmt.Sprintf("diastolic_%d", n), "76")
		values.Set(fmt.Sprintf("heart_rate_%d", n), "68")
	}
	for i := 0; i+1 < len(changes); i += 2 {
		values.Set(changes[i], changes[i+1])
	}
	return measurement.ReadSession(&s.Protocol, "en", values)
}
