package consent_test

import (
	"errors"
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/program/programtest"
)

// drawn is a signature by hand.
func drawn(t *testing.T) *consent.Drawing {
	t.Helper()
	d, err := consent.ReadDrawing(`[[[10,100],[40,60],[70,120],[100,60]],[[130,100],[160,100],[190,60],[220,130],[250,100]]]`)
	ok(t, err)
	return d
}

// Who of staff was present at a signature is on record, and the participant signs
// with their own hand.
func TestAssistedSignature(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Understand(t, patient, consent.Research)
		cora := access.Actor{Role: access.CenterStaff, ID: "cora", Site: "harbor-clinic", Unscoped: true}
		g := consent.Signing{Patient: patient, Kind: consent.Research, Name: name, PrintedName: name, Language: "en"}
		var faults form.Faults
		if err := w.Consent.Assisted(ctx, cora, g); !errors.As(err, &faults) || faults.At("drawn") == "" {
			t.Errorf("without a hand: %v", err)
		}
		g.Drawn = drawn(t)
		if err := w.Consent.Assisted(ctx, sam, g); !errs.Is(err, errs.Forbidden) {
			t.Errorf("by who is at no center: %v", err)
		}
		ok(t, w.Consent.Assisted(ctx, cora, g))
		events, err := w.Consent.Events(ctx, patient)
		ok(t, err)
		if events[0].Staff != "cora" || events[0].Site != "harbor-clinic" {
			t.Errorf("the event is %+v", events[0])
		}
		body := string(found(t, w, "Provenance", search.Pair{Name: "target", Value: "Consent/" + events[0].ConsentID})[0].Body)
		for _, want := range []string{`"attester"`, `"cora"`, "harbor-clinic", `"author"`} {
			if !strings.Contains(body, want) {
				t.Errorf("the Provenance lacks %s: %s", want, body)
			}
		}
	})
}

func TestDrawings(t *testing.T) {
	for _, c := range []struct {
		text  string
		none  bool
		fails bool
	}{
		{"", true, false}, {"[]", true, false}, {"  ", true, false},
		{"[[[1,1],[2,2]]]", false, true}, {"{}", false, true}, {"[[[1,2,3]]]", false, true}, {"[[[-1,0],[1,1],[1,1],[1,1],[1,1],[1,1],[1,1],[1,1]]]", false, true},
		{`[[["a",1]]]`, false, true}, {"[[[1,1],[2,2],[3,3],[4,4],[5,5],[6,6],[7,7],[8,8]]]", false, false},
		{"[[" + strings.Repeat("[1,1],", 6000) + "[1,1]]]", false, true},
	} {
		d, err := consent.ReadDrawing(c.text)
		if (err != nil) != c.fails || err == nil && (d == nil) != c.none {
			t.Errorf("%.40s: %v, %v", c.text, d, err)
		}
	}
}
