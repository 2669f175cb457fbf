package studies

import (
	"testing"

	"tributary/internal/portal/web/webtest"
)

// refusals are what other packages say on these pages.
var refusals = []string{
	"This link is not complete; copy all of it from the mail, or sign in and choose your mails there.",
	"These mails are about your taking part and cannot be turned off.", "There are no mails of this kind any more.", "There is no such message.",
	"That is not possible as this invitation stands now; look at the page again.", "Choose one of the answers.", "This study does not take anybody any more.",
	"Other studies are for people who take part in this one now.",
}

func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	webtest.Complete(t, New(Config{}).Room(), append(refusals, "No more of these mails?", "Done", "Your mails"))
}
