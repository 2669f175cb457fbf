package authserver

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
)

// pathStyle is where the look of the EHR's pages is described.
const pathStyle = "/auth/style/"

// defaultStyle are the colours and measures of the portal (SMART App Launch
// 2.2, section 3.0.4: smart_style_url).
var defaultStyle = map[string]string{
	"color_background":     "#ffffff",
	"color_error":          "#a3161a",
	"color_highlight":      "#0b5c6b",
	"color_modal_backdrop": "rgba(15, 30, 36, 0.5)",
	"color_success":        "#1c6b35",
	"color_text":           "#1b2a30",
	"dim_border_radius":    "6px",
	"dim_font_size":        "16px",
	"dim_spacing_size":     "16px",
	"font_family_body":     "system-ui, sans-serif",
	"font_family_heading":  "system-ui, sans-serif",
}

// style is a document whose URL changes with its content, so that it may be kept
// for good.
type style struct {
	name, url string
	document  []byte
}

func newStyle(issuer string, values map[string]string) (style, error) {
	if values == nil {
		values = defaultStyle
	}
	document, err := json.Marshal(values)
	sum := sha256.Sum256(document)
	name := hex.EncodeToString(sum[:8]) + ".json"
	return style{name: name, url: issuer + pathStyle + name, document: document}, err
}

// ServeHTTP serves the document under its present name only.
func (s style) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != pathStyle+s.name {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(s.document) // whoever asked has gone
}
