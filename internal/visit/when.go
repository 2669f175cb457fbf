package visit

import (
	"fmt"
	"time"

	study "tributary/config/program"
)

// Zone is the site's time zone, which the study's loading has checked.
func Zone(site study.Site) *time.Location {
	z, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return time.UTC
	}
	return z
}

var spanishDays = [...]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}

var spanishMonths = [...]string{"", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}

// When is a time at a site in words, with the name of its zone.
func When(at time.Time, site study.Site, lang string) string {
	at = at.In(Zone(site))
	if lang == "es" {
		half := "a. m."
		if at.Hour() >= 12 {
			half = "p. m."
		}
		return fmt.Sprintf("%s, %d de %s de %d, %s %s (%s)", spanishDays[at.Weekday()], at.Day(), spanishMonths[at.Month()], at.Year(), at.Format("3:04"), half, at.Format("MST"))
	}
	return at.Format("Monday, 2 January 2006, 3:04 pm (MST)")
}
