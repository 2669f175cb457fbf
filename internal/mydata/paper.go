package mydata

import (
	"context"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/typeface"
)

// Bounds of a PDF, which is put together in memory: entries of a kind, and of all.
const (
	paperPage = 1000
	paperKind = 2000
)

// Paper is what somebody's PDF is made of.
type Paper struct {
	Voice
	Language string
	At       time.Time
	Study    string
}

const (
	margin, line    = 20.0, 5.2 // millimetres
	bodySize, small = 10.5, 8.5 // points
)

// sheet is a PDF in the making.
type sheet struct {
	*fpdf.Fpdf
	Paper
	lost bool // a letter could not be shown
}

// PDF writes everything about the participant, kind by kind, the newest first. Of a kind
// with very many entries the newest are in it, and it says how many are not. Few are made
// at once, of each person one; others wait, as long as ctx lasts.
func (s *Service) PDF(ctx context.Context, who access.Actor, p Paper, w io.Writer) error {
	leave, err := s.desk.sit(ctx, who.ID)
	if err != nil {
		return err
	}
	defer leave()
	d := &sheet{Fpdf: fpdf.New("P", "mm", "A4", ""), Paper: p}
	d.prepare()
	for _, k := range Kinds() {
		if err := s.kind(ctx, who, d, k); err != nil {
			return err
		}
	}
	if d.lost {
		d.paragraph(d.T("A box stands for a letter that cannot be printed. You find it in the file for computers."), bodySize)
	}
	return d.Output(w)
}

func (s *Service) kind(ctx context.Context, who access.Actor, d *sheet, k Kind) error {
	var after *store.Cursor
	for n := 0; ; {
		page, err := s.Timeline(ctx, who, Query{Kind: k.Key, After: after, Count: paperPage})
		if err != nil {
			return err
		}
		for i, e := range page.Entries {
			if n == 0 && i == 0 {
				d.heading(d.T(k.Title), 14)
			}
			d.entry(e)
		}
		if after, n = page.Next, n+len(page.Entries); after == nil {
			return nil
		}
		if n >= paperKind {
			d.paragraph(d.T("There is more. You find it in the file for computers."), bodySize)
			return nil
		}
	}
}

func (d *sheet) prepare() {
	typeface.Use(d.Fpdf)
	d.SetCatalogSort(true)
	d.SetCreationDate(d.At)
	d.SetModificationDate(d.At)
	d.SetLang(d.Language)
	d.SetTitle(d.T("My data"), true)
	d.SetMargins(margin, margin, margin)
	d.SetAutoPageBreak(true, margin)
	d.AliasNbPages("")
	d.SetFooterFunc(func() {
		d.SetY(-14)
		d.SetFont(typeface.Family, "", 8)
		d.CellFormat(0, 6, d.letters(d.T("Page %d of %s", d.PageNo(), "{nb}")), "", 0, "C", false, 0, "")
	})
	d.AddPage()
	d.heading(d.T("My data"), 20)
	d.paragraph(d.Study+". "+d.T("Made on %s", d.On(d.At))+".", bodySize)
}

func (d *sheet) heading(text string, size float64) {
	d.room(25)
	d.Ln(3)
	d.SetFont(typeface.Family, "B", size)
	d.MultiCell(0, size*0.5, d.letters(text), "", "L", false)
	d.Ln(1.5)
}

func (d *sheet) paragraph(text string, size float64) {
	d.SetFont(typeface.Family, "", size)
	d.MultiCell(0, size*0.5, d.letters(text), "", "L", false)
	d.Ln(1)
}

// entry is one record: when and what, its value, where it comes from.
func (d *sheet) entry(e Entry) {
	d.room(18)
	when := e.When.Say(d)
	if when == "" {
		when = d.T("Added on %s", e.Added.Say(d))
	}
	d.SetFont(typeface.Family, "", small)
	d.MultiCell(0, 4, d.letters(when+" · "+d.T(e.Kind)), "", "L", false)
	d.SetFont(typeface.Family, "B", bodySize)
	d.MultiCell(0, line, d.letters(e.Says(d)), "", "L", false)
	var said []string
	if e.Value != "" {
		said = append(said, e.Value)
	}
	if e.Level.Unusual() {
		said = append(said, d.T(e.Level.Text()))
	}
	if e.Wrong {
		said = append(said, d.T("Entered by mistake"))
	}
	d.SetFont(typeface.Family, "", bodySize)
	if len(said) > 0 {
		d.MultiCell(0, line, d.letters(strings.Join(said, ", ")), "", "L", false)
	}
	d.SetFont(typeface.Family, "I", small)
	d.MultiCell(0, 4, d.letters(e.Source.Say(d)), "", "L", false)
	d.Ln(2.2)
}

// letters are a text as the fonts show it.
func (d *sheet) letters(text string) string {
	set, whole := typeface.Text(text)
	d.lost = d.lost || !whole
	return set
}

// room begins a new page where less than so many millimetres are left.
func (d *sheet) room(height float64) {
	if _, bottom := d.GetPageSize(); d.GetY()+height > bottom-margin {
		d.AddPage()
	}
}
