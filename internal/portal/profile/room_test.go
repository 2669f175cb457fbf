package profile

import (
	"testing"

	"tributary/internal/portal/web/webtest"
)

// refusals are what the room's code and package account say on these pages.
var refusals = []string{
	"A mail address is that of your own account; go back to your own pages first.", "First make sure who it is, then tick the box.", "This person has no account.", "Who has left the study stays as they were.", "Write your first name.", "Write your last name.",
	"Write a telephone number, such as (555) 010-0123.", "Write the street and the number in one line.", "Write the name of the place.",
	"Write a ZIP code of five digits.", "This address belongs to another account.", "No new address was asked for; please write it again.",
	"Your data was changed in another place meanwhile; please look at it and try again.", "Write your email address, such as name@example.org.",
	"That code is not right, or is no longer valid; check it, or ask for a new one.",
}

// elsewhere are texts that the door says in Spanish as well.
var elsewhere = map[string]string{
	"Write your first name.": "Escriba su nombre.", "Write your last name.": "Escriba su apellido.",
	"Write your email address, such as name@example.org.":                            "Escriba su correo electrónico, como nombre@example.org.",
	"That code is not right, or is no longer valid; check it, or ask for a new one.": "Ese código no es correcto o ya no vale; revíselo o pida uno nuevo.",
}

func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	words := refusals
	for _, c := range cookies {
		words = append(words, c.Use, c.Stays)
	}
	webtest.Complete(t, New(Config{}).Room(), words, elsewhere)
}
