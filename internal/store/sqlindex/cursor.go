package sqlindex

import (
	"fmt"
	"strconv"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Next is the cursor after a row: the sort keys as scanned, the resource key.
// Sort keys are carried as text, which survives JSON without losing digits.
func Next(key search.Key, sorts []any) *store.Cursor {
	c := &store.Cursor{Key: key}
	for _, v := range sorts {
		c.Sort = append(c.Sort, encode(v))
	}
	return c
}

func encode(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []byte:
		return string(v)
	}
	return fmt.Sprint(v)
}

// decode is the inverse of encode for a parameter.
func decode(p *search.Param, v any) (any, error) {
	text, ok := v.(string)
	if !ok {
		return nil, errs.New(errs.Invalid, "the page link is damaged")
	}
	var value any = text
	var err error
	switch {
	case p.Code == search.ID || p.Kind == search.String || p.Kind == search.URI:
	case p.Kind == search.Number || p.Kind == search.Quantity:
		value, err = strconv.ParseFloat(text, 64)
	default:
		value, err = strconv.ParseInt(text, 10, 64)
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "the page link is damaged")
	}
	return value, nil
}
