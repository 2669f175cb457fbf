package compose

import (
	"encoding/json"
	"testing"
)

func TestWithReplacesAndRemoves(t *testing.T) {
	got, err := With([]byte(`{"status":"booked","a":1.50,"gone":true}`), Object{"status": "arrived", "gone": nil, "new": List{"x"}})
	if err != nil || string(got) != `{"a":1.50,"new":["x"],"status":"arrived"}` {
		t.Errorf("%s %v", got, err)
	}
	if _, err := With([]byte(`[]`), nil); err == nil {
		t.Error("a list is taken for a resource")
	}
}

func TestQuantityKeepsDigits(t *testing.T) {
	got, err := json.Marshal(Quantity("70.0", "kg"))
	if err != nil || string(got) != `{"code":"kg","system":"http://unitsofmeasure.org","unit":"kg","value":70.0}` {
		t.Errorf("%s %v", got, err)
	}
}
