package portal

import (
	"embed"
	"html/template"
	"io/fs"
	"time"
	"tributary/internal/apps"
	"tributary/internal/portal/web"
)

// The routes, their guards and the fields of their forms. Names are stable: tests
// and other programs fill these forms in. A form that is refused answers 422
// with the list of its faults in <div class="errors">; one that is accepted 303.
//
//	GET  /
//	GET  /signup                      POST given, family, email, birth_date, state, sex
//	GET  /confirm                     POST code; POST /confirm/resend
//	GET  /second-factor/enroll        POST code; the key is in #totp-secret and in /second-factor/qr.png
//	GET  /second-factor?next=         POST code, next
//	GET  /signin                      POST email; POST /signout
//	POST /signin/passkey              credential, next; POST /signin/passkey/options: JSON
//	POST /second-factor/passkey       credential, next; POST /second-factor/passkey/options: JSON
//	POST /signin/openid               next; GET /signin/callback; the provider: POST /signin/backchannel logout_token
//	GET  /security                    POST /security/passkeys name, credential; POST /security/passkeys/options: JSON
//	                                  POST /security/passkeys/ID/rename name, /security/passkeys/ID/remove
//	                                  POST /security/sessions/ID/end, /security/signout apps=yes, /security/identity/remove
//	GET  /apps/authorize?id=          POST id, decision=approve|deny, scope (pieces); by=group: group as well
//	GET  /apps                        GET /apps/access/CLIENT; POST /apps/access/CLIENT/end about; POST /apps/delegates/end id
//	GET  /apps/connect                POST /apps/open/CLIENT; GET /apps/logo/CLIENT
//	GET  /security/seen?who=&before=  who has seen my data
//	POST /language                    language=en|es, next
//	GET  /center/appointments/ID/apps POST /center/appointments/ID/apps/CLIENT
//	GET  /center/signin               POST login, password; POST /center/signout
//	GET  /staff/signin                POST login, password; POST /staff/signout
//	POST /center/signin/passkey       credential; POST /center/signin/passkey/options: JSON; likewise /staff
//	GET  /center/signin/factor        POST credential; POST /center/signin/factor/options: JSON; likewise /staff
//	POST /center/security/passkeys    name, password, credential; POST /center/security/passkeys/options: JSON
//	                                  POST /center/security/passkeys/remove key, again; likewise /staff
//	GET  /center/security             POST /center/security/sessions/ID/end, /center/security/signout; likewise /staff/security
//	POST /center/openid, /staff/openid      GET /signin/staff/callback; POST /signin/staff/backchannel logout_token
//	GET  /dev/mail?to=                GET /dev/mail.json?to=   (development only)
func (p *Portal) routes() []web.Route {
	return append(append(p.staffKeyRoutes("center", p.CenterStaff), p.staffKeyRoutes("staff", p.StudyStaff)...), []web.Route{
		web.Get("/", p.Anybody, p.landing),
		web.Get("/signup", p.Anybody, p.signUpForm), web.Post("/signup", p.Anybody, p.signUp),
		web.Get("/signin", p.Anybody, p.signInForm), web.Post("/signin", p.Anybody, p.signIn),
		web.Post("/signout", p.Anybody, p.signOut),
		web.Get("/confirm", p.Pending, p.confirmForm), web.Post("/confirm", p.Pending, p.confirm),
		web.Post("/confirm/resend", p.Pending, p.resend),
		web.Get("/second-factor/enroll", p.adding, p.enrollForm), web.Post("/second-factor/enroll", p.adding, p.enroll),
		web.Get("/second-factor/qr.png", p.adding, p.qrCode),
		web.Post("/signin/passkey/options", p.Anybody, p.withPasskeys(p.askSignIn)), web.Post("/signin/passkey", p.Anybody, p.withPasskeys(p.keySignIn)),
		web.Post("/second-factor/passkey/options", p.Confirmed, p.withPasskeys(p.askFactorKey)), web.Post("/second-factor/passkey", p.Confirmed, p.withPasskeys(p.factorKey)),
		web.Post("/signin/openid", p.Anybody, p.withProvider(p.openPerson)), web.Get("/signin/callback", p.Anybody, p.withProvider(p.personCallback)),
		web.Get("/security/seen", p.SignedIn, p.trail),
		web.Get("/security", p.SignedIn, p.security), web.Post("/security/identity/remove", p.Fresh, p.unlink),
		web.Post("/security/passkeys/options", p.adding, p.withPasskeys(p.offerKey)), web.Post("/security/passkeys", p.adding, p.withPasskeys(p.keepKey)),
		web.Post("/security/passkeys/{id}/rename", p.SignedIn, p.withPasskeys(p.renameKey)), web.Post("/security/passkeys/{id}/remove", p.Fresh, p.withPasskeys(p.removeKey)),
		web.Post("/security/sessions/{id}/end", p.SignedIn, p.endSession), web.Post("/security/signout", p.SignedIn, p.signOutEverywhere),
		web.Get("/second-factor", p.Confirmed, p.factorForm), web.Post("/second-factor", p.Confirmed, p.factor),

		web.Get("/apps/authorize", p.answering, p.authorizeForm), web.Post("/apps/authorize", p.answering, p.authorize),
		web.Get("/apps", p.SignedIn, p.appList), web.Get("/apps/access/{client}", p.SignedIn, p.appDetails),
		web.Post("/apps/access/{client}/end", p.SignedIn, p.endApp),
		web.Post("/apps/delegates/end", p.SignedIn, p.endDelegates),
		web.Get("/apps/connect", p.SignedIn, p.gallery), web.Post("/apps/open/{client}", p.SignedIn, p.openApp),
		web.Get("/apps/logo/{client}", p.Anybody, p.logo),
		web.Get("/center/appointments/{id}/apps", p.CenterStaff, p.centerGallery), web.Post("/center/appointments/{id}/apps/{client}", p.CenterStaff, p.centerOpen),

		web.Get("/center/signin", p.Anybody, p.staffSignInForm("center")), web.Post("/center/signin", p.Anybody, p.staffSignIn("center")),
		web.Post("/center/signout", p.Anybody, p.staffSignOut("center")),
		web.Get("/center/security", p.CenterStaff, p.staffSecurity("center")), web.Get("/staff/security", p.StudyStaff, p.staffSecurity("staff")),
		web.Post("/center/security/sessions/{id}/end", p.CenterStaff, p.endStaffSession("center")), web.Post("/staff/security/sessions/{id}/end", p.StudyStaff, p.endStaffSession("staff")),
		web.Post("/center/security/signout", p.CenterStaff, p.staffOutEverywhere("center")), web.Post("/staff/security/signout", p.StudyStaff, p.staffOutEverywhere("staff")),
		web.Get("/staff/signin", p.Anybody, p.staffSignInForm("staff")), web.Post("/staff/signin", p.Anybody, p.staffSignIn("staff")),
		web.Post("/staff/signout", p.Anybody, p.staffSignOut("staff")),
		web.Post("/center/openid", p.Anybody, p.openStaff("center")), web.Post("/staff/openid", p.Anybody, p.openStaff("staff")),
		web.Get("/signin/staff/callback", p.Anybody, p.staffCallback), web.Post("/signin/staff/backchannel", p.Anybody, p.backChannel(p.StaffProvider, p.endStaff)),
		web.Post("/signin/backchannel", p.Anybody, p.backChannel(p.PersonProvider, p.endPerson)),
	}...)
}

// staffKeyRoutes are those of passkeys of one console's staff.
func (p *Portal) staffKeyRoutes(area string, staff web.Guard) []web.Route {
	door, room := "/"+area+"/signin", "/"+area+"/security/passkeys"
	return []web.Route{
		web.Post(door+"/passkey/options", p.Anybody, p.withStaffKeys(area, p.askStaffSignIn)), web.Post(door+"/passkey", p.Anybody, p.withStaffKeys(area, p.staffKeySignIn)),
		web.Get(door+"/factor", p.Anybody, p.halfway(area, p.staffFactorForm)), web.Post(door+"/factor", p.Anybody, p.halfway(area, p.staffFactor)),
		web.Post(door+"/factor/options", p.Anybody, p.halfway(area, p.askStaffFactor)),
		web.Post(room+"/options", staff, p.withStaffKeys(area, p.offerStaffKey)), web.Post(room, staff, p.withStaffKeys(area, p.keepStaffKey)),
		web.Post(room+"/remove", staff, p.withStaffKeys(area, p.removeStaffKey)),
	}
}

// Room is the portal's part of a site.
func (p *Portal) Room() web.Room {
	routes := p.routes()
	if p.Mailbox != nil {
		routes = append(routes, web.Get("/dev/mail", p.Anybody, p.devMail), web.Get("/dev/mail.json", p.Anybody, p.devMailJSON))
	}
	return web.Room{Name: "door", Routes: routes, Templates: folder("templates"), Assets: folder("assets"), Functions: functions, Spanish: texts(), Menu: menu}
}

// menu is where people go from here.
var menu = []web.Entry{
	{Menu: web.OfParticipants, Path: "/security", Text: "Security", Order: 80},
	{Menu: web.OfParticipants, Path: "/apps", Text: "Apps", Order: 90},
	{Menu: web.OfCenters, Path: "/center/security", Text: "Security", Order: 90}, {Menu: web.OfStudyStaff, Path: "/staff/security", Text: "Security", Order: 90},
}

//go:embed templates/*.html assets/*
var files embed.FS

// folder is one of this package's.
func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic("portal: " + err.Error()) // the name is a constant
	}
	return sub
}

// functions are what the templates call beside those of every page.
var functions = template.FuncMap{
	"day":  func(t time.Time) string { return t.Format("Monday, 2 January 2006") },
	"date": func(t time.Time) string { return t.Format("2 January 2006") },
	"hour": func(t time.Time) string { return t.Format("3:04 pm") },

	"group": func(v web.View, a letIn) map[string]any { return map[string]any{"View": v, "App": a} },
	"cards": func(v web.View, all []card, action string) map[string]any {
		return map[string]any{"View": v, "Apps": all, "Action": action}
	},
	"titleOf": apps.TitleOf,
	"keyPath": keyPath,
	"about":   about,
	"party":   func(v web.View, kind string) map[string]any { return map[string]any{"View": v, "Kind": kind} },
}
