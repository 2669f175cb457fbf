// Package profile is where people see and change what the study knows of them as a
// person: name, telephone, address, language; and what does not belong elsewhere:
// what the site keeps in a browser, and how staff help somebody who lost the second
// factor.
//
// A new mail address becomes that of the account when the code comes back that was
// mailed to it; until then the old one stays, and it is told afterwards.
//
// Lost factors are taken off by staff of a center or of the study, after they have
// seen who asks. It ends every session, is put on record with who did it, and a mail
// tells the person.
//
// Neighbours: internal/account keeps it; internal/portal/web shows.
package profile
