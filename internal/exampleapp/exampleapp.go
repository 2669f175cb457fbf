// Package exampleapp is a small SMART app to launch and to read: three static files
// that go through SMART App Launch 2.2 by hand, without a library.
//
//	launch.html   is opened with iss and launch, or by itself; finds the server's
//	              endpoints, makes a PKCE challenge, sends the browser to authorize
//	index.html    comes back with a code, exchanges it, reads the Patient and the
//	              newest Observations, shows them
//	app.js        what both do
//
// It is a public client named Client. internal/app serves it in development only,
// and cmd/tributary run registers it.
package exampleapp

import (
	"embed"
	"io/fs"
	"net/http"

	"tributary/internal/store"
)

//go:embed pages
var pages embed.FS

// Path is where the app is, with a slash at the end.
const Path = "/example/"

// Client is the registration of the app on a server with this origin, and what
// people are told of it.
func Client(origin string) (store.Client, store.Listing) {
	c := store.Client{
		ID: "example", Name: "Example app", Purpose: store.PurposeApp, RedirectURIs: []string{origin + Path},
		Scopes: "launch launch/patient launch/encounter openid fhirUser patient/Patient.rs patient/Observation.rs user/Patient.rs user/Observation.rs user/Practitioner.rs",
	}
	return c, store.Listing{
		Client: c.ID, Publisher: "Tributary", LaunchURL: origin + Path + "launch.html", Audience: store.ForEverybody,
		Description: "Shows your name and your newest measurements. It keeps nothing.",
		Spanish:     "Muestra su nombre y sus mediciones más nuevas. No guarda nada.",
	}
}

// policy lets the app's own script run, and talk to this origin alone.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves the app at Path.
func Handler() http.Handler {
	root, err := fs.Sub(pages, "pages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	files := http.StripPrefix(Path, http.FileServerFS(root))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		files.ServeHTTP(w, r)
	})
}
