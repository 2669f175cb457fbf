// Package signin lets people in through an OpenID provider: staff through that of
// their institution, participants through one of their choice. It is the relying
// party of OpenID Connect Core 1.0, with the authorization code flow alone.
//
// A sign-in's life:
//
//	begun     Begin made a state, a nonce and a PKCE verifier, kept for ten
//	          minutes under the state and a random cookie of this browser, and
//	          sends the browser to the provider
//	answered  Finish took what was kept, once: whoever brings the state from
//	          another browser, or a second time, finds nothing
//	known     the code was exchanged, the id_token holds: signed by a key of the
//	          provider with an algorithm of the list, from this issuer, for this
//	          client alone, not expired, with our nonce. Whom the roles of the
//	          configuration name is let in; nobody else is
//	ended     by the browser (EndSession, where the provider has it), or by the
//	          provider (LoggedOut, OpenID Connect Back-Channel Logout 1.0)
//
// Against a mix-up of providers each has a callback of its own, and the iss of the
// answer (RFC 9207) must be right where it is given, and must be there where the
// provider says that it gives it.
//
// The provider is first asked when it is first needed, so that the service starts
// without it; its discovery document is believed for an hour. Requests go to the
// issuer and to the hosts that its discovery names; redirects are not followed,
// bodies and times are bounded.
//
// Neighbours: internal/portal begins and finishes, and keeps the sessions;
// internal/session holds what waits between two requests; internal/app configures.
package signin
