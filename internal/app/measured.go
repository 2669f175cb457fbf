package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"tributary/config"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/fhirserver"
	"tributary/internal/records"
	"tributary/internal/store"
)

// ServeMeasured serves reads until the context ends, to be measured for what access
// costs: as everybody meets them; where the header says known, with who asks fixed;
// where it says silent, with nothing audited. It is for data that was made up for it:
// in development and on this machine only.
func (s *Service) ServeMeasured(ctx context.Context, header, known, silent string) error {
	host, _, err := net.SplitHostPort(s.config.Listen)
	if ip := net.ParseIP(host); err != nil || s.config.Environment != config.Development || ip == nil || !ip.IsLoopback() {
		return errs.New(errs.Forbidden, "reads are measured in development, on a loopback address")
	}
	variants, err := s.variants(known, silent)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: s.config.Listen, ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		variants.of(r.Header.Get(header)).ServeHTTP(w, r)
	})}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// variants are by what the header says; whatever else it says, all is checked.
func (s *Service) variants(known, silent string) (variants, error) {
	all := variants{}
	quiet := audit.New(audit.Config{Store: nowhere{s.store}, IDs: s.ids, Now: s.Now, Logger: s.Logger})
	s.add(quiet.Close)
	scopes, err := access.ParseScopes("system/*.cruds")
	if err != nil {
		return nil, err
	}
	anybody := fixed{access.Actor{Role: access.Maintenance, ID: "maintenance", Client: "maintenance", Scopes: scopes, Purpose: "HSYSADMIN"}}
	for name, v := range map[string]struct {
		audit *audit.Log
		who   fhirserver.Authenticator
	}{"": {s.audit, bearer{s.auth}}, known: {s.audit, anybody}, silent: {quiet, bearer{s.auth}}} {
		read := records.New(records.Config{
			Store: s.store, Policy: s.policy, Audit: v.audit, IDs: s.ids, Registry: search.Base(), BaseURL: s.fhirBase(), Now: s.Now,
		})
		all[name], err = fhirserver.New(fhirserver.Config{Records: read, Auth: v.who, BaseURL: s.fhirBase(), CursorKey: s.ring.Derive("search cursor"),
			Registry: search.Base(), Now: s.Now, Logger: s.Logger})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

type variants map[string]http.Handler

// of is the variant of that name; where all is checked for every other one.
func (v variants) of(name string) http.Handler {
	if h, ok := v[name]; ok {
		return h
	}
	return v[""]
}

// fixed takes everybody for one maintenance client.
type fixed struct{ access.Actor }

// Authenticate implements fhirserver.Authenticator.
func (f fixed) Authenticate(*http.Request) (access.Actor, error) { return f.Actor, nil }

// nowhere keeps nothing.
type nowhere struct{ store.Store }

func (nowhere) Update(context.Context, func(context.Context, store.Tx) error) error { return nil }
