package store

import "time"

// The places that show an app to people who can open it there.
const (
	ForParticipants = "participants"
	ForStaff        = "staff"
	ForEverybody    = "everybody"
)

// Listing is what people are told of a registered app before they let it in. It is
// kept apart from the Client, which every token check reads.
type Listing struct {
	Client      string // id
	Name        string // the Client's; read only
	Scopes      string // the Client's: the most that it asks for; read only
	Publisher   string // who publishes it; "" when nobody said
	Description string // in English, in plain words
	Spanish     string // the same in Spanish; "" for none
	Website     string // of the publisher; "" for none
	LaunchURL   string // where it is opened with iss and launch; "" when it cannot be
	Audience    string // one of the places above; "" for none
	LogoType    string // media type of the logo; "" for none
	Changed     time.Time
}

// Shows reports whether a place lists the app.
func (l Listing) Shows(place string) bool {
	return l.LaunchURL != "" && (l.Audience == place || l.Audience == ForEverybody)
}

// Choice is what somebody last answered an app: what it asked for, and what of
// that it was given.
type Choice struct {
	Subject, Client string
	Asked, Granted  string // scopes, space-separated
	DecidedAt       time.Time
}
