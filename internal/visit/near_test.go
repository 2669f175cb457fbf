package visit

import (
	"fmt"
	"testing"

	study "tributary/config/program"
)

// Every first part of a ZIP code is one state's at most, and every state has some.
func TestStatesShareNoZIPCodes(t *testing.T) {
	for zip := range 1000 {
		var of []string
		for i := range states {
			if states[i].has(zip) {
				of = append(of, states[i].code)
			}
		}
		if len(of) > 1 {
			t.Errorf("%03d is of %v", zip, of)
		}
	}
	if len(states) != 52 {
		t.Errorf("%d states", len(states))
	}
	for _, s := range states {
		if len(s.zips) == 0 || s.lat < 18 || s.lat > 62 || s.lon > -66 || s.lon < -158 {
			t.Errorf("%+v", s)
		}
	}
}

func TestReadNear(t *testing.T) {
	for text, want := range map[string]string{
		"02139": "MA 021", " 60616-1234 ": "IL 606", "az": "AZ ", "850": "AZ 850", "00501": "NY 005",
		"": "none", "XX": "none", "1": "none", "0213": "none", "abcde": "none", "00100": "none", "02-39": "none", "0２139": "none",
	} {
		n, ok := ReadNear(text)
		got := "none"
		if ok {
			got = n.State + " " + n.ZIP3
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		if again, _ := ReadNear(n.Text()); ok && again != n {
			t.Errorf("%q is read back as %+v", n.Text(), again)
		}
	}
}

func TestNearestSitesFirst(t *testing.T) {
	s, err := study.Default()
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{
		"02101": "[harbor-clinic prairie-clinic mesa-clinic]", "NV": "[mesa-clinic prairie-clinic harbor-clinic]",
		"WI": "[prairie-clinic harbor-clinic mesa-clinic]", "85004": "[mesa-clinic prairie-clinic harbor-clinic]", "nowhere": "[harbor-clinic prairie-clinic mesa-clinic]",
	} {
		n, _ := ReadNear(from)
		var ids []string
		for _, d := range n.Sort(s.Sites) {
			ids = append(ids, d.Site.ID)
		}
		if fmt.Sprint(ids) != want {
			t.Errorf("from %s: %v, want %s", from, ids, want)
		}
	}
	n, _ := ReadNear("02101")
	if d := n.Sort(s.Sites)[1]; d.Miles < 700 || d.Miles > 1000 {
		t.Errorf("Chicago is %d miles from Massachusetts", d.Miles)
	}
}
