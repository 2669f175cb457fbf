package program

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestTextIsAStringOrAMap(t *testing.T) {
	var in struct{ Plain, Both Text }
	if err := yaml.Unmarshal([]byte("plain: Yes\nboth: {en: Yes, es: Sí}\n"), &in); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text     Text
		in, want string
	}{
		{in.Plain, "en", "Yes"}, {in.Plain, "es", "Yes"}, {in.Both, "es", "Sí"}, {in.Both, "fr", "Yes"}, {nil, "en", ""},
	} {
		if got := c.text.In(c.in); got != c.want {
			t.Errorf("%v in %s: %q, not %q", c.text, c.in, got, c.want)
		}
	}
	if err := yaml.Unmarshal([]byte("both: [Yes, Sí]"), &in); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a list was taken for a text: %v", err)
	}
}

func TestTextsOfTheStudyAreInEveryLanguage(t *testing.T) {
	broken := copied(t)
	broken["study.yaml"].Data = []byte(strings.Replace(string(broken["study.yaml"].Data), ", es: El Estudio Tributary}", "}", 1))
	if _, err := Load(broken); err == nil || !strings.Contains(err.Error(), `title: the text in "es" is missing`) {
		t.Errorf("a title that is missing in Spanish: %v", err)
	}
}

func TestSurveysTitleIsTranslated(t *testing.T) {
	s, err := Load(copied(t))
	if err != nil {
		t.Fatal(err)
	}
	v, _ := s.Survey("basics")
	if v.Title.In("en") != "The Basics" {
		t.Errorf("the title is %v", v.Title)
	}
	text := translated{Extension: []extension{{URL: translation, Extension: []extension{{ValueCode: "es"}, {ValueString: "Lo básico"}}}}}.text("The Basics")
	if text.In("es") != "Lo básico" || text.In("en") != "The Basics" {
		t.Errorf("translated: %v", text)
	}
}
