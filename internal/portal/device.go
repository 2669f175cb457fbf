package portal

import (
	"net/http"
	"strings"
)

// browsers and systems are what a browser says of itself, the more particular
// first: each names itself as others too.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"HeadlessChrome", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems = [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"}}
)

// device is the browser of a request in a few words, for its owner to know it by;
// nothing is decided by it.
func device(r *http.Request) string {
	agent := r.UserAgent()
	browser, system := first(browsers, agent), first(systems, agent)
	switch {
	case browser == "":
		return "An unknown browser"
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func first(names [][2]string, agent string) string {
	for _, n := range names {
		if strings.Contains(agent, n[0]) {
			return n[1]
		}
	}
	return ""
}
