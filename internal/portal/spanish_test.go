package portal_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// What is refused, and every door, is told in Spanish to who reads Spanish.
func TestRefusalsAndDoorsInSpanish(t *testing.T) {
	x, _ := locked(t)
	b := x.browser(t)
	b.sent("/", "/language", "language", "es", "next", "/")
	says := func(name string, a answer, want string) {
		t.Helper()
		sound(t, a)
		if said := textOf(find(a.page, "main", "", "")); !strings.Contains(said, want) {
			t.Errorf("%s does not say %q:\n%s", name, want, said)
		}
	}
	says("no page", b.get("/nowhere"), "No existe esa página.")
	says("a form with faults", b.post("/signup", "given", ""), "Escriba su nombre.")
	says("the center’s door", b.get("/center/signin"), "Contraseña")
	says("a wrong password", b.post("/staff/signin", "login", "nobody", "password", "nothing"), "El usuario o la contraseña no es correcto.")
	says("the mailbox", b.get("/dev/mail"), "No hay correo.")
	b.join(ada)
	says("security", b.get("/security"), "Un navegador desconocido")
	says("a passkey’s name", b.post("/security/passkeys", "name", strings.Repeat("a", 99), "credential", "{}"), "letras como mucho")
	says("a passkey that is not there", b.post("/security/passkeys/AAAA/remove"), "Usted no tiene esa llave de acceso.")
	inOneLanguage(t, b.get("/security").page)
}

// inOneLanguage: a Spanish page holds none of the commonest English words.
func inOneLanguage(t *testing.T, page *html.Node) {
	t.Helper()
	for word := range strings.FieldsSeq(textOf(find(page, "main", "", ""))) {
		for _, english := range []string{"the", "you", "your", "and", "with", "this"} {
			if strings.EqualFold(strings.Trim(word, ".,:;"), english) {
				t.Errorf("English on a Spanish page: %q", word)
			}
		}
	}
}
