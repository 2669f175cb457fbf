package biosample

import (
	"fmt"
	"testing"
	"time"

	study "tributary/config/program"
)

var now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestRule(t *testing.T) {
	kit := study.Kit{ID: "blood", Asks: study.Asks{Share: 100, MinAge: 18, Sites: []string{"a"}, Except: []string{"pregnant"}}}
	adult := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		kit   study.Kit
		about About
		want  Why
	}{
		"asked":               {kit, About{Site: "a", Born: adult}, Asked},
		"elsewhere":           {kit, About{Site: "b", Born: adult}, OtherSite},
		"a day too young":     {kit, About{Site: "a", Born: now.AddDate(-18, 0, 1)}, TooYoung},
		"eighteen today":      {kit, About{Site: "a", Born: now.AddDate(-18, 0, 0)}, Asked},
		"pregnant":            {kit, About{Site: "a", Born: adult, Circumstances: map[string]bool{"pregnant": true}}, Circumstance},
		"wheelchair":          {kit, About{Site: "a", Born: adult, Circumstances: map[string]bool{"wheelchair": true}}, Asked},
		"stands in":           {study.Kit{ID: "saliva", InsteadOf: "blood"}, About{Site: "a", Born: adult}, StandsIn},
		"nobody is asked":     {study.Kit{ID: "x", Asks: study.Asks{Share: 0}}, About{Born: adult}, NotInShare},
		"no site is excluded": {study.Kit{ID: "x", Asks: study.Asks{Share: 100}}, About{Site: "z", Born: adult}, Asked},
	} {
		if got := WhyNot(c.kit, c.about, now); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Of many people a share is asked, always the same ones; a larger share asks them too.
func TestShares(t *testing.T) {
	const people = 5000
	asked := map[int]int{}
	for i := range people {
		a := About{Patient: fmt.Sprintf("patient-%d", i)}
		before := false
		for _, share := range []int{10, 50, 90, 100} {
			in := WhyNot(study.Kit{ID: "blood", Asks: study.Asks{Share: share}}, a, now) == Asked
			if before && !in {
				t.Fatalf("%s is asked in a smaller share and not in %d", a.Patient, share)
			}
			if in {
				asked[share]++
			}
			before = in
		}
	}
	for share, n := range asked {
		if want := people * share / 100; n < want-people/40 || n > want+people/40 {
			t.Errorf("%d%% are %d of %d", share, n, people)
		}
	}
}
