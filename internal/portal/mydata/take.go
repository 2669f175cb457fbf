package mydata

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"

	"tributary/internal/mydata"
	"tributary/internal/portal/web"
)

func (p *Pages) take(c *web.Call) error {
	return p.Show(c, web.View{Name: "data-take", Title: "Take your data along", Style: style})
}

// attach names a file by the day: what somebody keeps tells nobody whose it is.
func (p *Pages) attach(c *web.Call, mediaType, ending string) {
	h := c.W.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", `attachment; filename="my-data-`+p.Now().UTC().Format("2006-01-02")+ending+`"`)
}

// bundle streams everything as FHIR. What fails on the way breaks the connection off: a
// file that lacks something must not look whole.
func (p *Pages) bundle(c *web.Call) error {
	b, err := p.Data.Bundle(c.Ctx(), c.Participant(), p.Base)
	if err != nil {
		return err
	}
	p.attach(c, "application/fhir+json", ".json")
	out, end := packed(c)
	err = b.Write(c.Ctx(), out)
	if err == nil {
		err = end()
	}
	if err != nil {
		p.Logger.Warn("portal: somebody's data was not handed over whole", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// packed compresses for browsers that say that they unpack.
func packed(c *web.Call) (io.Writer, func() error) {
	c.W.Header().Set("Vary", "Accept-Encoding")
	if !strings.Contains(c.R.Header.Get("Accept-Encoding"), "gzip") {
		return c.W, func() error { return nil }
	}
	c.W.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(c.W)
	return z, z.Close
}

func (p *Pages) pdf(c *web.Call) error {
	lang := p.Language(c)
	r := newReader(lang)
	var out bytes.Buffer
	err := p.Data.PDF(c.Ctx(), c.Participant(), mydata.Paper{Voice: r, Language: lang, At: p.Now().UTC(), Study: r.In(p.Study.Title)}, &out)
	if err != nil {
		return err
	}
	p.attach(c, "application/pdf", ".pdf")
	_, _ = out.WriteTo(c.W) // whoever asked has gone
	return nil
}

func (p *Pages) releases(c *web.Call) error {
	all, err := p.Holdings.Releases(c.Ctx(), c.Participant())
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "data-releases", Title: "Research with my data", Style: style, Data: all})
}
