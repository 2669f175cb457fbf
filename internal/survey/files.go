package survey

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Upload is a file that was sent. Its name is not taken: it may be somebody's.
type Upload struct{ Data []byte }

const (
	// MaxFile bounds one file, in bytes, where an item sets no lower bound.
	MaxFile = 5 << 20
	// maxFiles bounds the files of one question.
	maxFiles = 5
)

func (i *Item) maxBytes() int64 {
	if i.MaxBytes > 0 {
		return min(i.MaxBytes, MaxFile)
	}
	return MaxFile
}

// media are the types of files that the item takes.
func (i *Item) media() []string {
	if len(i.Media) > 0 {
		return i.Media
	}
	return mediaTypes
}

// Accept is the types of files for the field's accept attribute.
func (i *Item) Accept() string { return strings.Join(i.media(), ",") }

// files brings the files of a question together: those that the page showed but
// for what was ticked to go, and those that were sent.
func (r *reading) files(i *Item, from, to []int) (any bool) {
	drop := r.in.Values[i.Field(from)+".drop"]
	given := slices.DeleteFunc(slices.Clone(r.base.Of(i, from)), func(v Value) bool { return slices.Contains(drop, v.Attachment.ID()) })
	for _, f := range r.in.Files[i.Field(from)] {
		v, complaint := i.file(f, r.Locale)
		if complaint != "" {
			r.wrong = append(r.wrong, complained{i, to, complaint}) // the others are kept
			continue
		}
		given = append(given, v)
	}
	if most := min(i.Most(), maxFiles); len(given) > most && !i.Repeats {
		given = given[len(given)-most:] // the new one stands for the old one
	} else if len(given) > most {
		r.complain(i, to, say(r.Lang, sayFilesMany, most))
	}
	r.answers.set(i, to, given)
	return len(given) > 0
}

// file holds an upload to what the item takes. Its type is told from its content.
func (i *Item) file(f Upload, l Locale) (Value, string) {
	typ, _, _ := strings.Cut(http.DetectContentType(f.Data), ";")
	switch {
	case len(f.Data) == 0:
		return Value{}, say(l.Lang, sayFileEmpty)
	case int64(len(f.Data)) > i.maxBytes():
		return Value{}, say(l.Lang, sayFileSize, FileSize(i.maxBytes()))
	case !slices.Contains(i.media(), typ):
		return Value{}, say(l.Lang, sayFileType)
	}
	sum := sha1.Sum(f.Data) // as R4 defines Attachment.hash
	return Value{Type: "Attachment", Attachment: &Attachment{ContentType: typ, Size: int64(len(f.Data)),
		Hash: base64.StdEncoding.EncodeToString(sum[:]), data: f.Data}}, ""
}

// FileSize is a number of bytes as people read it.
func FileSize(n int64) string {
	for _, u := range []struct {
		bytes float64
		name  string
	}{{1 << 20, "MB"}, {1 << 10, "KB"}} {
		if float64(n) >= u.bytes {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/u.bytes), ".0") + " " + u.name
		}
	}
	return fmt.Sprintf("%d B", n)
}
