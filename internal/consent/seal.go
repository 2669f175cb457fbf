package consent

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Signer is the study's key and certificate. It vouches that what is signed has
// not changed since the participant signed it in front of us.
type Signer struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// room for the CMS signature in a PDF, in bytes; what is left stays zero.
const contentsRoom = 8192

var (
	catalogObject = regexp.MustCompile(`(?s)\n(\d+) 0 obj\s*<<([^\n]*\n)?/?\s*/Type /Catalog(.*?)>>\s*endobj`)
	pageObject    = regexp.MustCompile(`(?s)\n(\d+) 0 obj\s*<</Type /Page\n(.*?)>>\s*endobj`)
	trailerPart   = regexp.MustCompile(`(?s)trailer\s*<<(.*?)>>\s*startxref\s*(\d+)`)
	sizeEntry     = regexp.MustCompile(`/Size (\d+)`)
	infoEntry     = regexp.MustCompile(`/Info \d+ 0 R`)
)

// errLayout: the PDF is not laid out as the renderer lays it out.
var errLayout = errors.New("consent: unexpected PDF layout")

// SealPDF adds a signature over the whole document as an incremental update
// (ISO 32000-1, sections 7.5.6 and 12.8) of PAdES baseline level B-B (ETSI EN
// 319 142-1): SubFilter ETSI.CAdES.detached, and the time in the dictionary.
func (s Signer) SealPDF(pdf []byte, at time.Time) ([]byte, error) {
	update, err := newUpdate(pdf)
	if err != nil {
		return nil, err
	}
	signatureID, fieldID := update.next, update.next+1
	update.add(signatureID, signatureDictionary(at))
	update.add(fieldID, fmt.Sprintf("<</Type /Annot /Subtype /Widget /FT /Sig /Rect [0 0 0 0] /F 132 /T (Consent) /V %d 0 R /P %d 0 R>>", signatureID, update.page))
	update.add(update.catalog, fmt.Sprintf("<</Type /Catalog%s/AcroForm <</Fields [%d 0 R] /SigFlags 3>>>>", update.catalogBody, fieldID))
	update.add(update.page, fmt.Sprintf("<</Type /Page\n%s/Annots [%d 0 R]>>", update.pageBody, fieldID))
	return s.fill(update.finish())
}

// signatureDictionary leaves room for the byte range and the signature.
func signatureDictionary(at time.Time) string {
	return fmt.Sprintf("<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (D:%s) /ByteRange %s /Contents <%s>>>",
		at.UTC().Format("20060102150405Z"), rangeBlank, bytes.Repeat([]byte("0"), 2*contentsRoom))
}

const rangeBlank = "[0 ********** ********** **********]"

// fill computes the byte range, signs it and writes the signature in.
func (s Signer) fill(pdf []byte) ([]byte, error) {
	open := bytes.LastIndex(pdf, []byte("/Contents <")) + len("/Contents ")
	after := open + 2*contentsRoom + 2
	span := fmt.Sprintf("[0 %010d %010d %010d]", open, after, len(pdf)-after)
	copy(pdf[bytes.LastIndex(pdf, []byte(rangeBlank)):], span)
	signed, err := s.detached(append(bytes.Clone(pdf[:open]), pdf[after:]...))
	if err != nil {
		return nil, err
	}
	if len(signed) > contentsRoom {
		return nil, fmt.Errorf("consent: a signature of %d bytes has no room in the PDF", len(signed))
	}
	hex.Encode(pdf[open+1:], signed)
	return pdf, nil
}

// update is an incremental update in the making.
type update struct {
	out                   bytes.Buffer
	offsets               map[int]int
	next, catalog, page   int
	catalogBody, pageBody string
	info, previous        string
}

func newUpdate(pdf []byte) (*update, error) {
	trailer, catalog, page := trailerPart.FindSubmatch(pdf), catalogObject.FindSubmatch(pdf), pageObject.FindSubmatch(pdf)
	if trailer == nil || catalog == nil || page == nil {
		return nil, errLayout
	}
	size := sizeEntry.FindSubmatch(trailer[1])
	if size == nil {
		return nil, errLayout
	}
	u := &update{offsets: map[int]int{}, previous: string(trailer[2]), info: string(infoEntry.Find(trailer[1]))}
	u.catalog, u.catalogBody = number(catalog[1]), string(catalog[3])
	u.page, u.pageBody = number(page[1]), string(page[2])
	u.next = number(size[1])
	u.out.Write(pdf)
	return u, nil
}

func number(digits []byte) int {
	n, _ := strconv.Atoi(string(digits)) // matched as digits
	return n
}

func (u *update) add(id int, body string) {
	u.offsets[id] = u.out.Len()
	fmt.Fprintf(&u.out, "%d 0 obj\n%s\nendobj\n", id, body)
}

// finish writes the cross-reference section of the changed objects.
func (u *update) finish() []byte {
	at := u.out.Len()
	u.out.WriteString("xref\n")
	for id := 1; id < u.next+2; id++ {
		if offset, changed := u.offsets[id]; changed {
			fmt.Fprintf(&u.out, "%d 1\n%010d 00000 n \n", id, offset)
		}
	}
	fmt.Fprintf(&u.out, "trailer\n<</Size %d /Root %d 0 R %s /Prev %s>>\nstartxref\n%d\n%%%%EOF\n", u.next+2, u.catalog, u.info, u.previous, at)
	return u.out.Bytes()
}
