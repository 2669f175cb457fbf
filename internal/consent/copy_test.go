package consent

import (
	"strings"
	"testing"

	"tributary/config/program"
)

func TestTheMailOfACopySaysNothingOfThePerson(t *testing.T) {
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	s := New(Config{Study: study})
	for lang, subject := range map[string]string{"en": "Your signed copy", "es": "Su copia firmada", "fr": "Your signed copy"} {
		m := s.copyMail(lang, []byte("%PDF"))
		if m.Subject != subject || len(m.Attachments) != 1 || m.Attachments[0].Name != "signed-document.pdf" || !strings.Contains(m.Text, study.Contact.Email) || strings.Contains(m.Text, "%!") {
			t.Errorf("%s: %+v", lang, m)
		}
	}
}
