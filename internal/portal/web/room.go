package web

import (
	"context"
	"html/template"
	"io/fs"
	"net/http"
)

// Room is an area of the site: its pages and the routes to them. Rooms know the
// site's machinery and nothing of each other.
type Room struct {
	Name      string // its assets are under /assets/NAME/
	Routes    []Route
	Templates fs.FS             // NAME.html, each a page; _NAME.html, parts of the room's pages. In its root
	Functions template.FuncMap  // of the room's templates
	Assets    fs.FS             // nil: none
	Spanish   map[string]string // the room's texts, by the English ones
	Menu      []Entry
}

// Route is a page or a form: who may come, and what answers.
type Route struct {
	Method, Path string
	Guard        Guard
	Handle       Handler
	// Upload is the most that a form with files may send, in bytes; they are in
	// Call.R.MultipartForm. 0: the form has none.
	Upload int64
}

// Handler answers a request or returns why not; the site turns that into a page.
type Handler func(c *Call) error

// Guard lets a request pass, or answers it.
type Guard func(c *Call) (pass bool, err error)

// The menus that an entry can be in, by who sees them.
const (
	OfParticipants = "participant"
	OfCenters      = "center"
	OfStudyStaff   = "study"
)

// Entry is a place in a menu.
type Entry struct {
	Menu, Path, Text string
	Order            int // of the entry in its menu, ascending
	// Count is how many things wait there, for the participant who is signed in;
	// nil: none ever.
	Count func(ctx context.Context, patient string) (int, error)
}

// Layout is what is round every page, as a room: the page that tells of an error,
// and the texts that every room can rely on.
func Layout() Room { return Room{Name: "layout", Templates: own("templates"), Spanish: LayoutTexts()} }

// Get is a page.
func Get(path string, g Guard, h Handler) Route {
	return Route{Method: http.MethodGet, Path: path, Guard: g, Handle: h}
}

// Post is a form.
func Post(path string, g Guard, h Handler) Route {
	return Route{Method: http.MethodPost, Path: path, Guard: g, Handle: h}
}
