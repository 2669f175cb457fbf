package apps_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"tributary/internal/apps"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

func picture(t *testing.T, side int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPublish(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	if err := (tables.OAuth{}).AddClient(t.Context(), s, store.Client{ID: "steps", Name: "Steps", Purpose: store.PurposeApp}); err != nil {
		t.Fatal(err)
	}
	service := &apps.Service{Store: s, Now: time.Now}
	good := store.Listing{Client: "steps", LaunchURL: "https://steps.example/launch?a=b", Audience: store.ForParticipants}
	for name, c := range map[string]struct {
		change func(*store.Listing)
		logo   []byte
	}{
		"script as a logo":    {func(*store.Listing) {}, []byte("<svg onload='x'/>")},
		"huge logo":           {func(*store.Listing) {}, picture(t, 600)},
		"insecure launch":     {func(l *store.Listing) { l.LaunchURL = "http://steps.example/launch" }, nil},
		"launch by script":    {func(l *store.Listing) { l.LaunchURL = "javascript:alert(1)" }, nil},
		"nobody may open it":  {func(l *store.Listing) { l.Audience = "" }, nil},
		"nowhere to open it":  {func(l *store.Listing) { l.LaunchURL = "" }, nil},
		"unknown audience":    {func(l *store.Listing) { l.Audience = "all" }, nil},
		"a novel":             {func(l *store.Listing) { l.Spanish = strings.Repeat("a", 1001) }, nil},
		"website with a user": {func(l *store.Listing) { l.Website = "https://a@b.example/" }, nil},
	} {
		l := good
		c.change(&l)
		if err := apps.Publish(t.Context(), s, l, c.logo); errs.Of(err).Kind != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := apps.Publish(t.Context(), s, good, picture(t, 64)); err != nil {
		t.Fatal(err)
	}
	shown, err := service.Gallery(t.Context(), store.ForParticipants)
	if err != nil || len(shown) != 1 || shown[0].LogoType != "image/png" {
		t.Fatalf("gallery %+v, %v", shown, err)
	}
	if other, err := service.Gallery(t.Context(), store.ForStaff); err != nil || len(other) != 0 {
		t.Errorf("the gallery of staff: %+v, %v", other, err)
	}
	at, err := apps.LaunchAddress(shown[0], "https://here.example/fhir/R4", "x y")
	if want := "https://steps.example/launch?a=b&iss=https%3A%2F%2Fhere.example%2Ffhir%2FR4&launch=x+y"; err != nil || at != want {
		t.Errorf("launched at %q, %v", at, err)
	}
}

func TestAnswersLastAYear(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	service := &apps.Service{Store: storetest.SQLite(t, storetest.Options{}), Now: func() time.Time { return now }}
	if err := service.Answered(t.Context(), "ada", "steps", []string{"patient/Goal.rs"}, []string{"patient/Goal.rs"}); err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]bool{time.Hour: true, 366 * 24 * time.Hour: false} {
		service.Now = func() time.Time { return now.Add(after) }
		if _, known, err := service.Memory(t.Context(), "ada", "steps"); err != nil || known != want {
			t.Errorf("after %v: known %v, %v", after, known, err)
		}
	}
	if _, known, err := service.Memory(t.Context(), "bo", "steps"); err != nil || known {
		t.Errorf("somebody else: %v, %v", known, err)
	}
}
