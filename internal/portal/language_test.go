package portal

import (
	"maps"
	"slices"
	"testing"

	"tributary/internal/apps"
	"tributary/internal/portal/web/webtest"
)

// The room says all in both languages, its refusals too, in easy words.
func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	words := slices.Concat(apps.Words(), titles, refusals)
	webtest.Complete(t, New(Config{}).Room(), slices.AppendSeq(words, maps.Values(consoleTitles())))
}

func consoleTitles() map[string]string {
	all := map[string]string{}
	for area, c := range consoles {
		all[area] = c.title
	}
	return all
}

// titles are those of pages whose heading is theirs alone.
var titles = []string{
	"An app asks for access", "This request is over", "No app can be connected", "Apps with access", "Connect an app", "Open an app",
	"Welcome", "See you later", "Development mailbox", "An unknown browser", "%s on %s",
}

// refusals are what the code behind the pages says of a form or of a request.
var refusals = []string{
	"Tick at least one thing, or choose “Do not allow”.",
	"Write your first name.", "Write your last name.", "Write your email address, such as name@example.org.",
	"Write your birth date as year-month-day, such as 1980-12-31.", "Choose one of the answers.", "Choose where you live.",
	"That code is not right, or is no longer valid; check it, or ask for a new one.",
	"That code is not right, or was used before; wait for the next one in your app.", "Too many wrong codes; wait five minutes and try again.",

	"The login or the password is not right.", "There are no passwords here; please sign in with %s.", "There are no pages for your role.",
	"This account is closed; please ask the study’s office.",
	"Your institution knows you, but you have no part in this study’s work; please ask the study’s office.",

	"Choose the passkey that you want to remove.", "The password is not right.",
	"That passkey does not open this; please try again. If it does not work, ask an administrator for a new password.",
	"You have no such passkey.", "You have no passkey yet.", "You have %d passkeys; remove one first.", "This passkey is in use already.",
	"Write a name for the passkey, of %d letters at most, such as My phone.", "This is your only second lock; add another passkey or an authenticator app first.",
	"That passkey could not be used; please try again, or use a code.",
	"This passkey may have been copied and no longer opens your account; please use a code, and remove it.",
	"Your authenticator is already set up.", "Set up your authenticator first.",

	"There is no such account.", "This sign-in belongs to another account.", "This address belongs to another account.",
	"This address was confirmed for an account meanwhile; please sign in.",
	"%s has not verified an email address of yours; please sign in with a mailed code.",
	"This answer does not belong to a sign-in that began in this browser; please sign in again.",
	"This answer is not from %s; please sign in again.", "%s did not sign you in.", "%s gave no code; please sign in again.",
	"%s gave no answer that can be used; please sign in again.", "%s’s answer does not hold; please sign in again.",
	"%s cannot be reached at the moment; please try again later.",

	"This app was opened by somebody else; open it again from your own page.", "The form did not say whether you allow it.",
	"The form did not say whose data the app may have.", "There is no such app.", "There is no such app to open here.",
	"This app cannot be opened from here.", "Apps are opened for who is checked in.", "This app has no access.",
}
