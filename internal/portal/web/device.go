package web

import (
	"net/http"
	"time"

	"tributary/internal/account"
	"tributary/internal/session"
)

// deviceCookie names the cookie by which a browser is known again. It holds a random
// token.
const deviceCookie = "tributary_device"

const deviceLife = 365 * 24 * time.Hour

// known gives the request's context the browser that it comes from.
func (s *Site) known(c *Call) {
	token := ""
	if cookie, err := c.R.Cookie(s.cookieName(deviceCookie)); err == nil {
		token = cookie.Value
	}
	c.R = c.R.WithContext(account.WithDevice(c.Ctx(), token))
}

// cookieName is the name with the prefix by which browsers hold a cookie to this
// origin (RFC 6265bis, section 4.1.3).
func (s *Site) cookieName(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

// setCookie keeps a value in the browser for a year, for the server's eyes only.
func (s *Site) setCookie(c *Call, name, value string) {
	http.SetCookie(c.W, &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(deviceLife.Seconds()),
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

// Remember gives the browser its token, if it has none, and puts off its end.
func (s *Site) Remember(c *Call) error {
	cookie, err := c.R.Cookie(s.cookieName(deviceCookie))
	token := ""
	if err == nil {
		token = cookie.Value
	}
	if token == "" {
		if token, err = session.NewToken(s.Rand); err != nil {
			return err
		}
	}
	s.setCookie(c, deviceCookie, token)
	c.R = c.R.WithContext(account.WithDevice(c.Ctx(), token))
	return nil
}
