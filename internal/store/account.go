package store

import "time"

// Account is a participant's or would-be participant's account. What says who
// the person is, is sealed; the row alone tells nothing.
type Account struct {
	ID       string
	Patient  string // id of the Patient; "" until the mail address is confirmed
	Email    []byte // sealed
	Profile  []byte // sealed: name, birth date and sex until the Patient exists, then nil
	Secret   []byte // sealed TOTP secret; nil until one is offered
	Enrolled time.Time
	Step     int64 // the last TOTP time step that was used: a code works once
	Failures int64 // wrong second factors in a row
	Locked   time.Time
	Created  time.Time
	Language string // that the person chose; "": none
}

// MailCode is the one-time code last mailed to an account.
type MailCode struct {
	Account  string
	Hash     []byte // nil: none is open
	Expires  time.Time
	Attempts int64     // wrong tries of this code
	Sent     int64     // codes mailed since Window
	Window   time.Time // start of the window in which sendings are counted
}

// ParticipantCode is the sealed entry of the map from a participant to what
// stands for the person in research: the only place that links them.
type ParticipantCode struct {
	Patient string
	Sealed  []byte
}

// Staff is somebody who works at a partner center or for the study.
type Staff struct {
	ID, Login, Name string
	Password        string // argon2id, in PHC string format
	Role            string // as access.Role: center, study
	Site            string // of center staff
	Disabled        bool
}

// ConsentEvent is one decision of a participant. Events are only ever added.
type ConsentEvent struct {
	ID        string
	Patient   string
	Kind      string // research, ehr
	Decision  string // agree, decline, revoke, withdraw
	At        time.Time
	Expires   time.Time // zero: does not
	Consent   string    // id of the Consent resource
	Document  string    // id and version of the document
	Hash      string    // SHA-256 of its content, hex
	Language  string
	PrintedAs []byte // sealed: the name as typed at the signature
	Drawn     []byte // sealed: the strokes of a signature by hand
	Providers string // ids of those that an authorization is limited to, parted by spaces
	Staff     string // who of staff was present, or acted
	Site      string // where that was
	Reason    []byte // sealed: why staff acted, and on what evidence
	// Represented is the account of who decided for the participant; "" they themselves.
	Represented string
	ReceivedAt  time.Time
}

// ConsentEvidence is a step on the way to a decision: a module that was viewed,
// the answers of a quiz. It is kept apart from the decision.
type ConsentEvidence struct {
	ID      string
	Patient string
	Hash    string // of the document
	Step    string // module, quiz
	Detail  string // which module; the answers as JSON
	At      time.Time
}

// Mail is a message in the development mailbox.
type Mail struct {
	ID, To, Subject, Text string
	At                    time.Time
}

// Passkey is a WebAuthn credential. What says whose authenticator it is, is sealed.
type Passkey struct {
	ID      []byte // the credential's
	Realm   string // whose accounts: participant, staff
	Account string
	Sealed  []byte // the credential and its name
	Created time.Time
	Used    time.Time
	Suspect bool // its counter went back: there may be a copy
}

// LegalHold keeps all of a person's data, whatever the retention times say.
type LegalHold struct {
	Patient string
	Reason  []byte // sealed
	Staff   string // who placed it
	At      time.Time
}
