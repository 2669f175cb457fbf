// Package portal is the study's web pages: for participants, for the staff of
// partner centers, for the study's staff.
//
// Pages are rendered on the server and work without scripts. There is one, of ours,
// for what only a script can do: passkeys, on the pages that ask for one.
// Every form is checked where it arrives and comes back with all its faults,
// listed above it and told beside each field. Nothing is fetched from elsewhere,
// nothing is inline: the Content-Security-Policy says so. Cross-origin posts are
// refused (net/http.CrossOriginProtection), cookies hold a random token only.
//
// The machinery - what is round a page, guards, languages, forms - is internal/portal/web;
// areas that have moved out are rooms of their own, in folders beside it. What is here is
// the door (joining, signing in, factors, sessions) and what has not moved yet.
//
// The portal decides nothing that another client could decide differently: what
// is open is internal/program, what is permitted internal/consent and
// internal/access, who somebody is internal/account. What others build, it
// declares as interfaces (ports.go): connections to providers, the answers to
// apps that ask for access.
package portal
