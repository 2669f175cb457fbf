package portal

import (
	"net/http"

	"github.com/gorilla/mux"
)

// The routes, their guards and the fields of their forms. Names are stable: tests
// and other programs fill these forms in. A form that is refused answers 422
// with the list of its faults in <div class="errors">; one that is accepted 303.
//
//	GET  /
//	GET  /signup                      POST given, family, email, birth_date, sex
//	GET  /confirm                     POST code; POST /confirm/resend
//	GET  /second-factor/enroll        POST code; the key is in #totp-secret and in /second-factor/qr.png
//	GET  /second-factor?next=         POST code, next
//	GET  /signin                      POST email; POST /signout
//	POST /signin/passkey              credential, next; POST /signin/passkey/options: JSON
//	POST /second-factor/passkey       credential, next; POST /second-factor/passkey/options: JSON
//	POST /signin/openid               next; GET /signin/callback
//	GET  /security                    POST /security/passkeys name, credential; POST /security/passkeys/options: JSON
//	                                  POST /security/passkeys/ID/rename name, /security/passkeys/ID/remove
//	                                  POST /security/sessions/ID/end, /security/signout apps=yes, /security/identity/remove
//	GET  /home
//	GET  /consent/research            key information
//	GET  /consent/research/modules/N  POST: viewed
//	GET  /consent/research/quiz       POST q.ID for each question
//	GET  /consent/research/sign       POST printed_name, agree=yes; POST /consent/research/decline
//	GET  /consent/ehr                 POST decision=yes|no, printed_name; POST /consent/ehr/revoke confirm=revoke
//	GET  /documents                   GET /documents/ID.pdf
//	GET  /withdraw                    POST confirm=withdraw, printed_name
//	GET  /providers                   POST /providers/ID/connect
//	GET  /connect/callback            GET /connections, /connections.json; POST /connections/ID/retry
//	GET  /surveys/ID                  POST q.LINKID, q.LINKID.other; GET /surveys/ID.css
//	GET  /visits?site=                POST /visits/book slot; POST /visits/cancel appointment
//	GET  /apps/authorize?id=          POST id, decision=approve|deny, scope (pieces); by=group: group as well
//	GET  /apps                        GET /apps/access/CLIENT; POST /apps/access/CLIENT/end
//	GET  /apps/connect                POST /apps/open/CLIENT; GET /apps/logo/CLIENT
//	GET  /security/seen?who=&before=  who has seen my data
//	POST /language                    language=en|es, next
//	GET  /center/appointments/ID/apps POST /center/appointments/ID/apps/CLIENT
//	GET  /connections?still=1         still=1: does not look again by itself
//	GET  /connections.json            POST /connections/ID/retry
//	GET  /center/signin               POST login, password; POST /center/signout
//	GET  /center?date=                POST /center/appointments/ID/checkin
//	GET  /center/appointments/ID/measurements
//	                                  POST MEASURE or MEASURE_N, deviation.MEASURE, pregnant, wheelchair
//	GET  /staff/signin                POST login, password; POST /staff/signout
//	GET  /staff/held                  POST /staff/held/ID decision=accept|refuse, reason
//	GET  /staff/quarantine            GET /staff/quarantine/ID: the bytes
//	POST /center/openid, /staff/openid      GET /signin/staff/callback; POST /signin/staff/backchannel logout_token
//	GET  /dev/mail?to=                GET /dev/mail.json?to=   (development only)
type route struct {
	method, path string
	guard        guard
	handle       handler
}

func (p *Portal) routes() []route {
	return []route{
		{"GET", "/", anybody, p.landing},
		{"GET", "/signup", anybody, p.signUpForm}, {"POST", "/signup", anybody, p.signUp},
		{"GET", "/signin", anybody, p.signInForm}, {"POST", "/signin", anybody, p.signIn},
		{"POST", "/signout", anybody, p.signOut},
		{"GET", "/confirm", pending, p.confirmForm}, {"POST", "/confirm", pending, p.confirm},
		{"POST", "/confirm/resend", pending, p.resend},
		{"GET", "/second-factor/enroll", adding, p.enrollForm}, {"POST", "/second-factor/enroll", adding, p.enroll},
		{"GET", "/second-factor/qr.png", adding, p.qrCode},
		{"POST", "/signin/passkey/options", anybody, p.withPasskeys(p.askSignIn)}, {"POST", "/signin/passkey", anybody, p.withPasskeys(p.keySignIn)},
		{"POST", "/second-factor/passkey/options", confirmed, p.withPasskeys(p.askFactorKey)}, {"POST", "/second-factor/passkey", confirmed, p.withPasskeys(p.factorKey)},
		{"POST", "/signin/openid", anybody, p.withProvider(p.openPerson)}, {"GET", "/signin/callback", anybody, p.withProvider(p.personCallback)},
		{"GET", "/security/seen", signedIn, p.trail},
		{"GET", "/security", signedIn, p.security}, {"POST", "/security/identity/remove", fresh, p.unlink},
		{"POST", "/security/passkeys/options", adding, p.withPasskeys(p.offerKey)}, {"POST", "/security/passkeys", adding, p.withPasskeys(p.keepKey)},
		{"POST", "/security/passkeys/{id}/rename", signedIn, p.withPasskeys(p.renameKey)}, {"POST", "/security/passkeys/{id}/remove", fresh, p.withPasskeys(p.removeKey)},
		{"POST", "/security/sessions/{id}/end", signedIn, p.endSession}, {"POST", "/security/signout", signedIn, p.signOutEverywhere},
		{"GET", "/second-factor", confirmed, p.factorForm}, {"POST", "/second-factor", confirmed, p.factor},

		{"GET", "/home", signedIn, p.home},
		{"GET", "/consent/research", signedIn, p.consentStart},
		{"GET", "/consent/research/modules/{n:[0-9]+}", signedIn, p.module}, {"POST", "/consent/research/modules/{n:[0-9]+}", signedIn, p.viewed},
		{"GET", "/consent/research/quiz", signedIn, p.quiz}, {"POST", "/consent/research/quiz", signedIn, p.answerQuiz},
		{"GET", "/consent/research/sign", fresh, p.signForm}, {"POST", "/consent/research/sign", fresh, p.sign},
		{"POST", "/consent/research/decline", signedIn, p.decline},
		{"GET", "/consent/ehr", fresh, p.ehrForm}, {"POST", "/consent/ehr", fresh, p.ehrChoice},
		{"POST", "/consent/ehr/revoke", fresh, p.revoke},
		{"GET", "/documents", signedIn, p.documents}, {"GET", "/documents/{id}.pdf", signedIn, p.document},
		{"GET", "/withdraw", fresh, p.withdrawForm}, {"POST", "/withdraw", fresh, p.withdraw},

		{"GET", "/providers", signedIn, p.providers}, {"POST", "/providers/{id}/connect", fresh, p.connect},
		{"GET", "/connect/callback", signedIn, p.callback},
		{"GET", "/connections", signedIn, p.connections}, {"GET", "/connections.json", signedIn, p.connectionsJSON},
		{"POST", "/connections/{id}/retry", signedIn, p.retry},
		{"GET", "/surveys/{id}.css", signedIn, p.surveyStyle},
		{"GET", "/surveys/{id}", signedIn, p.survey}, {"POST", "/surveys/{id}", signedIn, p.submitSurvey},
		{"GET", "/visits", signedIn, p.visits}, {"POST", "/visits/book", signedIn, p.book}, {"POST", "/visits/cancel", signedIn, p.cancelVisit},
		{"GET", "/apps/authorize", answering, p.authorizeForm}, {"POST", "/apps/authorize", answering, p.authorize},
		{"GET", "/apps", signedIn, p.appList}, {"GET", "/apps/access/{client}", signedIn, p.appDetails},
		{"POST", "/apps/access/{client}/end", signedIn, p.endApp},
		{"GET", "/apps/connect", signedIn, p.gallery}, {"POST", "/apps/open/{client}", signedIn, p.openApp},
		{"GET", "/apps/logo/{client}", anybody, p.logo}, {"POST", "/language", anybody, p.chooseLanguage},
		{"GET", "/center/appointments/{id}/apps", centerStaff, p.centerGallery}, {"POST", "/center/appointments/{id}/apps/{client}", centerStaff, p.centerOpen},

		{"GET", "/center/signin", anybody, p.staffSignInForm("center")}, {"POST", "/center/signin", anybody, p.staffSignIn("center")},
		{"POST", "/center/signout", anybody, p.staffSignOut("center")},
		{"GET", "/center", centerStaff, p.center},
		{"POST", "/center/appointments/{id}/checkin", centerStaff, p.checkIn},
		{"GET", "/center/appointments/{id}/measurements", centerStaff, p.measureForm}, {"POST", "/center/appointments/{id}/measurements", centerStaff, p.measure},
		{"GET", "/staff/signin", anybody, p.staffSignInForm("staff")}, {"POST", "/staff/signin", anybody, p.staffSignIn("staff")},
		{"POST", "/staff/signout", anybody, p.staffSignOut("staff")},
		{"POST", "/center/openid", anybody, p.openStaff("center")}, {"POST", "/staff/openid", anybody, p.openStaff("staff")},
		{"GET", "/signin/staff/callback", anybody, p.staffCallback}, {"POST", "/signin/staff/backchannel", anybody, p.staffBackChannel},
		{"GET", "/staff/held", studyStaff, p.held}, {"POST", "/staff/held/{id}", studyStaff, p.decideHeld},
		{"GET", "/staff/quarantine", studyStaff, p.quarantine}, {"GET", "/staff/quarantine/{id}", studyStaff, p.setAside},
	}
}

// Handler serves the portal. Cross-origin posts are refused before anything else.
func (p *Portal) Handler() http.Handler {
	r := mux.NewRouter()
	routes := p.routes()
	if p.Mailbox != nil {
		routes = append(routes, route{"GET", "/dev/mail", anybody, p.devMail}, route{"GET", "/dev/mail.json", anybody, p.devMailJSON})
	}
	for _, e := range routes {
		r.Handle(e.path, p.serve(e.guard, e.handle)).Methods(e.method)
	}
	r.PathPrefix("/assets/").Handler(p.assets()).Methods("GET")
	r.NotFoundHandler = p.serve(anybody, p.notFound)
	return http.NewCrossOriginProtection().Handler(p.headers(r))
}
