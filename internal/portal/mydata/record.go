package mydata

import (
	"strconv"

	"tributary/internal/errs"
	"tributary/internal/mydata"
	"tributary/internal/portal/web"
)

func (p *Pages) detail(c *web.Call) (mydata.Detail, error) {
	version, err := countOf(c.Query("version"))
	if err != nil {
		return mydata.Detail{}, err
	}
	return p.Data.Detail(c.Ctx(), c.Participant(), c.Path("type"), c.Path("id"), version)
}

// countOf reads a number that counts from one; "" is none of them.
func countOf(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, errs.New(errs.NotFound, "there is no such page")
	}
	return n, nil
}

// recordPage is one record.
type recordPage struct {
	mydata.Detail
	Old     bool        // a version that is not the current one is shown
	Since   mydata.When // when the shown version came
	Charted bool
}

func (p *Pages) record(c *web.Call) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	page := recordPage{Detail: d, Old: len(d.Versions) > 0 && d.Versions[0].Number != d.Version, Since: d.Added, Charted: d.Amount}
	return p.Show(c, web.View{Name: "data-record", Title: d.Kind, Style: style, Data: page})
}

// json is the record as it is stored.
func (p *Pages) json(c *web.Call) error {
	version, err := countOf(c.Query("version"))
	if err != nil {
		return err
	}
	body, err := p.Data.JSON(c.Ctx(), c.Participant(), c.Path("type"), c.Path("id"), version)
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = c.W.Write(body) // whoever asked has gone
	return nil
}
