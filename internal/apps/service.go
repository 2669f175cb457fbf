package apps

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/gif" // the kinds of logo
	_ "image/jpeg"
	_ "image/png"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// rememberFor is how long an answer stands.
const rememberFor = 365 * 24 * time.Hour

// Service keeps what people are told of apps, and what they answered.
type Service struct {
	Store store.Store
	Now   func() time.Time

	tables tables.Apps
}

// Listing is what people are told of an app.
func (s *Service) Listing(ctx context.Context, client string) (store.Listing, error) {
	l, err := s.tables.Listing(ctx, s.Store, client)
	if errors.Is(err, store.ErrNotFound) {
		err = errs.New(errs.NotFound, "there is no such app")
	}
	return l, err
}

// Gallery lists the apps of a place: store.ForParticipants, store.ForStaff.
func (s *Service) Gallery(ctx context.Context, place string) ([]store.Listing, error) {
	all, err := s.tables.Listings(ctx, s.Store)
	return slices.DeleteFunc(all, func(l store.Listing) bool { return !l.Shows(place) }), err
}

// Logo is an app's picture, as it was registered; errs.NotFound without one.
func (s *Service) Logo(ctx context.Context, client string) (mediaType string, logo []byte, err error) {
	mediaType, logo, err = s.tables.Logo(ctx, s.Store, client)
	if errors.Is(err, store.ErrNotFound) {
		err = errs.New(errs.NotFound, "the app has no logo")
	}
	return mediaType, logo, err
}

// Memory is what somebody answered the app before; ok is false when they did not,
// or too long ago.
func (s *Service) Memory(ctx context.Context, subject, client string) (m Memory, ok bool, err error) {
	c, err := s.tables.Choice(ctx, s.Store, subject, client)
	if errors.Is(err, store.ErrNotFound) || err == nil && s.Now().Sub(c.DecidedAt) > rememberFor {
		return Memory{Of(nil), Of(nil)}, false, nil
	}
	return Remember(c.Asked, c.Granted), err == nil, err
}

// Answered remembers an answer beside earlier ones.
func (s *Service) Answered(ctx context.Context, subject, client string, asked, granted []string) error {
	m, _, err := s.Memory(ctx, subject, client)
	if err != nil {
		return err
	}
	c := store.Choice{Subject: subject, Client: client, DecidedAt: s.Now()}
	c.Asked, c.Granted = m.With(asked, granted)
	return s.tables.PutChoice(ctx, s.Store, c)
}

// Forget lets an app ask again.
func (s *Service) Forget(ctx context.Context, subject, client string) error {
	return s.tables.ForgetChoice(ctx, s.Store, subject, client)
}

// ForgetAll lets all apps ask again, with the transaction that asks for it.
func ForgetAll(ctx context.Context, db store.DB, subject string) error {
	return tables.Apps{}.ForgetChoice(ctx, db, subject, "")
}

// Limits of what is told, in bytes, and of a logo's sides, in pixels.
const (
	maxText     = 1000
	maxLogo     = 64 << 10
	maxLogoSide = 512
)

// Publish says what people are told of a client, after it is checked as a whole
// (errs.Invalid). The logo's media type is found by looking at it; nil is none.
func Publish(ctx context.Context, db store.DB, l store.Listing, logo []byte) error {
	l.LogoType = ""
	faults := checkListing(l)
	if len(logo) > 0 {
		var fault error
		l.LogoType, fault = logoType(logo)
		faults = append(faults, fault)
	}
	if err := errors.Join(faults...); err != nil {
		return errs.New(errs.Invalid, "the app cannot be shown:\n%v", err)
	}
	return tables.Apps{}.PutListing(ctx, db, l, logo)
}

func checkListing(l store.Listing) (faults []error) {
	fault := func(wrong bool, text string) {
		if wrong {
			faults = append(faults, errors.New(text))
		}
	}
	fault(max(len(l.Publisher), len(l.Description), len(l.Spanish)) > maxText, "publisher and descriptions: 1000 bytes each at most")
	fault(l.Website != "" && !secure(l.Website), "website: an absolute URL, https or on this machine, without a fragment")
	fault(l.LaunchURL != "" && !secure(l.LaunchURL), "launch URL: an absolute URL, https or on this machine, without a fragment")
	fault(l.Audience != "" && !slices.Contains([]string{store.ForParticipants, store.ForStaff, store.ForEverybody}, l.Audience),
		"audience: participants, staff or everybody")
	fault((l.LaunchURL == "") != (l.Audience == ""), "a launch URL and an audience: both, or neither")
	return faults
}

func secure(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.Contains(text, "#") {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// logoType wants a small picture of a kind that holds no scripts.
func logoType(logo []byte) (string, error) {
	c, kind, err := image.DecodeConfig(bytes.NewReader(logo))
	switch {
	case err != nil:
		return "", errors.New("logo: a PNG, JPEG or GIF picture")
	case len(logo) > maxLogo || c.Width > maxLogoSide || c.Height > maxLogoSide:
		return "", errors.New("logo: 64 KiB and 512 by 512 pixels at most")
	}
	return "image/" + kind, nil
}

// LaunchAddress is where an app is opened: its launch URL with iss, the base URL of
// the FHIR server, and launch (SMART App Launch 2.2, section 2.0.7).
func LaunchAddress(l store.Listing, iss, launch string) (string, error) {
	u, err := url.Parse(l.LaunchURL)
	if err != nil || l.LaunchURL == "" {
		return "", errs.New(errs.NotFound, "this app cannot be opened from here")
	}
	q := u.Query()
	q.Set("iss", iss)
	q.Set("launch", launch)
	u.RawQuery = q.Encode()
	return u.String(), nil
}
