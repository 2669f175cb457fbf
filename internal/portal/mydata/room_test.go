package mydata

import (
	"testing"

	"tributary/internal/mydata"
	"tributary/internal/portal/web/webtest"
)

// words are the titles and refusals of the room's code, and what package mydata says.
func words() []string {
	return append(mydata.Texts(), "Take your data along", "Chart", "There is no such record.", "There is no chart of this.",
		"Choose one of the kinds, and a few words.", "There is no such kind of data.",
		"Your PDF is already being made; please wait until it is there.", "Many people take their data along now; please try again in a minute.")
}

func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	webtest.Complete(t, New(Config{}).Room(), words())
}
