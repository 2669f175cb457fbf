package subscriptions

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"tributary/fhir/tree"
	"tributary/internal/errs"
)

// sealed begins the value of a header as it is stored and shown: the rest is what
// this service alone can open, for this Subscription alone. A client that sends back
// what it has read keeps the secret.
const sealed = "sealed:"

const headerPlace = "Subscription.channel.header"

// reservedHeaders are ours to set, or the connection's.
var reservedHeaders = []string{"Host", "Connection", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Upgrade", "Te", "Trailer", signatureHeader}

// seal replaces the values of channel.header.
func (s *Service) seal(id string, root tree.Value) (edits []tree.Edit, err error) {
	for h := range root.At("channel", "header").Elements() {
		name, value, err := splitHeader(h.Text())
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(value, sealed) {
			if _, err := s.open(id, h.Text()); err != nil {
				return nil, err
			}
			continue
		}
		cipher, err := s.Sealer.Seal([]byte(value), associated(id, name))
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "the headers cannot be kept")
		}
		text, err := json.Marshal(name + ": " + sealed + base64.RawURLEncoding.EncodeToString(cipher))
		if err != nil {
			return nil, err
		}
		edits = append(edits, tree.Replace(h, text))
	}
	return edits, nil
}

func splitHeader(text string) (name, value string, err error) {
	name, value, found := strings.Cut(text, ":")
	name, value = http.CanonicalHeaderKey(strings.TrimSpace(name)), strings.TrimSpace(value)
	switch {
	case !found || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) || len(value) > 8<<10:
		return "", "", errs.New(errs.Invalid, "a header is written as Name: value").At(headerPlace)
	case slices.Contains(reservedHeaders, name):
		return "", "", errs.New(errs.Unprocessable, "the header %s is set by the server", name).At(headerPlace)
	}
	return name, value, nil
}

// open is the value of a sealed header.
func (s *Service) open(id, text string) (string, error) {
	name, value, err := splitHeader(text)
	if err != nil {
		return "", err
	}
	cipher, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(value, sealed))
	if err == nil {
		cipher, err = s.Sealer.Open(cipher, associated(id, name))
	}
	if err != nil {
		return "", errs.Wrap(err, errs.Unprocessable, "this header was not sealed for this Subscription; send its value").At(headerPlace)
	}
	return string(cipher), nil
}

func associated(id, header string) []byte { return fmt.Appendf(nil, "subscription %s %s", id, header) }
