package consents

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	study "tributary/config/program"
	"tributary/internal/portal/web"
)

// film is a module's film as the page shows it.
type film struct {
	Source, Captions, Poster string // addresses
	Seconds                  float64
}

// filmOf is the film of a module; nil when there is none that says what the text says.
func (p *Pages) filmOf(kind, lang string, m study.Module) *film {
	v, ok := p.Study.Video(kind, lang, m)
	if !ok {
		return nil
	}
	return &film{Source: p.address(v.Film), Captions: p.address(v.Captions), Poster: p.address(v.Poster), Seconds: v.Seconds}
}

// address names a file by its content too, so that browsers keep it for good.
func (p *Pages) address(file string) string {
	body, err := fs.ReadFile(p.Study.Videos, file)
	if err != nil {
		return "" // the loader has seen it
	}
	sum := sha256.Sum256(body)
	return "/films/" + hex.EncodeToString(sum[:]) + "/" + file
}

// filmTypes are the kinds of files that a film consists of.
var filmTypes = map[string]string{".webm": "video/webm", ".vtt": "text/vtt; charset=utf-8", ".webp": "image/webp"}

// film sends a part of a film, in ranges where the browser asks for them.
func (p *Pages) film(c *web.Call) error {
	file := path.Join(c.Path("kind"), c.Path("file"))
	typ, known := filmTypes[path.Ext(file)]
	if !known || strings.Contains(file, "..") || p.Study.Videos == nil {
		return web.NotFound(c)
	}
	body, err := fs.ReadFile(p.Study.Videos, file)
	sum := sha256.Sum256(body)
	if err != nil || hex.EncodeToString(sum[:]) != c.Path("hash") {
		return web.NotFound(c)
	}
	h := c.W.Header()
	h.Set("Content-Type", typ)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	http.ServeContent(c.W, c.R, file, time.Time{}, bytes.NewReader(body))
	return nil
}
