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
// A visitor's states, each the condition of the next:
//
//	visitor     landing page, signing up, signing in
//	pending     an account id waits for the mailed code
//	confirmed   the code came back; an authenticator or a passkey is set up or
//	            asked for. Who signs in with a passkey needs no code
//	signed in   the person's own pages
//	fresh       the second factor was given in the last ten minutes: signing,
//	            connecting a provider, approving an app and withdrawing ask for it
//
// Staff have a cookie and a session of their own.
//
// The portal decides nothing that another client could decide differently: what
// is open is internal/program, what is permitted internal/consent and
// internal/access, who somebody is internal/account. What others build, it
// declares as interfaces (ports.go): connections to providers, the answers to
// apps that ask for access.
package portal
