package consents

import (
	"testing"

	"tributary/internal/portal/web/webtest"
)

// words are the texts that the code says.
var words = []string{"Your consents", "A few questions", "Your documents", "Leave the study", "Pause your part in the study",
	"Please choose an answer:", "Not quite.", "Tick the box if you agree.", "Choose yes or no.",
	"Choose at least one care provider, or all that you connect.", "Tick the box if you want to leave the study.", "Tick the box if you want a pause.",
	"You have left the study; nothing can be decided any more.", "Your account is deactivated; nothing can be signed until it is active again.",
	"A death was recorded for this account; please speak with our staff.",
	"Your signature could not be read. Please draw it again, or type your name."}

func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	webtest.Complete(t, New(Config{}).Room(), words)
}
