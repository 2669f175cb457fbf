package surveys

import (
	"encoding/base64"
	"io"
	"maps"
	"net/url"
	"time"

	"tributary/internal/portal/web"
	"tributary/internal/session"
	"tributary/internal/survey"
)

// heldFor is how long what was sent waits for its sender to sign in again.
const heldFor = time.Hour

// maxHeld bounds it, in bytes. Files are not held.
const maxHeld = 64 << 10

// answerer is whose answers a page takes: an account's, and about whom. Who acts for
// somebody does not find that person's answers on their own pages.
func answerer(c *web.Call) string {
	if c.Session.Account == "" {
		return ""
	}
	return c.Session.Account + " " + c.Patient()
}

// ticket seals a page to whom it was made for, so that what is sent from it after the
// session's end can be given back to them, and to nobody else.
func (p *Pages) ticket(c *web.Call) string {
	sealed, err := p.Sealer.Seal([]byte(answerer(c)), []byte("survey page"))
	if err != nil {
		return "" // the page works; what it sends after its session is not held
	}
	return base64.RawURLEncoding.EncodeToString(sealed)
}

// holding lets those pass who are signed in. What others send is held for the
// account of their page before they are asked to sign in.
func (p *Pages) holding(c *web.Call) (bool, error) {
	d, _, err := p.Sessions.Load(c.R)
	if err != nil {
		return false, err
	}
	if d.Account == "" || d.SecondFactorAt.IsZero() {
		if err := p.hold(c); err != nil {
			return false, err
		}
	}
	return p.SignedIn(c)
}

func (p *Pages) hold(c *web.Call) error {
	sealed, err := base64.RawURLEncoding.DecodeString(c.Value("_for"))
	if err != nil {
		return nil // it is no page of ours
	}
	whose, err := p.Sealer.Open(sealed, []byte("survey page"))
	if err != nil || len(whose) == 0 {
		return nil
	}
	form := maps.Clone(c.Form)
	form.Del("_for")
	text := form.Encode()
	if len(text) > maxHeld {
		return nil
	}
	if sealed, err = p.Sealer.Seal([]byte(text), []byte("survey answers of "+string(whose))); err != nil {
		return err
	}
	return p.Held.Put(c.Ctx(), heldKey(c, string(whose)), sealed, heldFor)
}

// heldKey says nothing of whose answers, and to what.
func heldKey(c *web.Call, whose string) string {
	return session.Key("survey", whose+" "+c.Path("id")+" "+c.Path("n"))
}

// held is what waits for the visitor's account on this page.
func (p *Pages) held(c *web.Call) (url.Values, bool) {
	sealed, found, err := p.Held.Get(c.Ctx(), heldKey(c, answerer(c)))
	if err != nil || !found {
		return nil, false
	}
	text, err := p.Sealer.Open(sealed, []byte("survey answers of "+answerer(c)))
	if err != nil {
		return nil, false
	}
	form, err := url.ParseQuery(string(text))
	return form, err == nil
}

// release forgets what waited, once the page was sent again.
func (p *Pages) release(c *web.Call) {
	_ = p.Held.Delete(c.Ctx(), heldKey(c, answerer(c))) // it ends by itself
}

// uploads are the files of a form, by field. What cannot be read is an empty file,
// which is told to whoever sent it.
func uploads(c *web.Call) map[string][]survey.Upload {
	all := map[string][]survey.Upload{}
	if c.R.MultipartForm == nil {
		return all
	}
	for name, files := range c.R.MultipartForm.File {
		for _, f := range files {
			if f.Size == 0 && f.Filename == "" {
				continue // no file was chosen
			}
			var data []byte
			if file, err := f.Open(); err == nil {
				data, _ = io.ReadAll(io.LimitReader(file, survey.MaxFile+1))
				_ = file.Close()
			}
			all[name] = append(all[name], survey.Upload{Data: data})
		}
	}
	return all
}
