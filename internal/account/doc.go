// Package account knows who a participant is and that it is really they.
//
// An account's life:
//
//	signed up    name, address, birth date and sex, all sealed; a code is mailed.
//	             Under the age of majority nothing is kept, not even for a moment.
//	confirmed    the code came back: the Patient resource is made, and with it the
//	             research id, the biobank id and the date shift, random and sealed
//	enrolled     a TOTP authenticator is set up; from now on it is asked for
//
// An address is found by its keyed hash and kept sealed, so that a stolen table
// names nobody. A mail code is six digits, lives ten minutes, allows five tries
// and works once; a TOTP code works once, and five wrong ones lock the second
// factor for a while. Whether an address has an account cannot be learned: signing
// in with an unknown one looks the same.
//
// Accounts that are never confirmed are deleted after a time (Purge).
//
// Neighbours: internal/portal drives it; Patients are written through
// internal/records; internal/export asks Codes for the research id.
package account
