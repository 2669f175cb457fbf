package authserver

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// pathBrands is where the user-access brands are.
const pathBrands = "/auth/brands"

// Brand is how people know a place of care or research, for apps that ask them
// where their data is (SMART App Launch 2.2, section 8, "User-access Brands").
type Brand struct {
	ID      string // of its Organization in the bundle
	Name    string
	Aliases []string
	// System and Value identify it for good: Value is announced in discovery. System
	// defaults to urn:ietf:rfc:3986, of which Value is then a URI.
	System, Value string
	Website       string   // absolute URL
	Logo          string   // absolute URL of an SVG or PNG; "" for none
	Address       *Address // nil for none
	Portal        string   // absolute URL where people sign in
	PortalName    string
}

// Address is where a brand is.
type Address struct {
	Lines      []string `json:"line,omitempty"`
	City       string   `json:"city,omitempty"`
	State      string   `json:"state,omitempty"`
	PostalCode string   `json:"postalCode,omitempty"`
}

// Brands are our own and the places that belong to it, all reached by our one
// endpoint.
type Brands struct {
	Brand
	Places []Brand
	At     time.Time // when it last changed
}

type object = map[string]any

// brandsBundle is the Bundle of the brands: each an Organization, and one
// Endpoint that all refer to.
func brandsBundle(b *Brands, fhirBase string) ([]byte, error) {
	const endpoint = "fhir-r4"
	entries := []object{
		{"fullUrl": fhirBase + "/Endpoint/" + endpoint, "resource": brandEndpoint(endpoint, b.Brand, fhirBase)},
		{"fullUrl": fhirBase + "/Organization/" + b.ID, "resource": brandOrganization(b.Brand, endpoint, "")},
	}
	for _, place := range b.Places {
		entries = append(entries, object{
			"fullUrl": fhirBase + "/Organization/" + place.ID, "resource": brandOrganization(place, endpoint, b.ID),
		})
	}
	return json.Marshal(object{
		"resourceType": "Bundle", "type": "collection", "timestamp": b.At.UTC().Format(time.RFC3339),
		"meta":  object{"profile": []string{"http://hl7.org/fhir/smart-app-launch/StructureDefinition/user-access-brands-bundle"}},
		"entry": entries,
	})
}

func brandEndpoint(id string, b Brand, fhirBase string) object {
	return object{
		"resourceType": "Endpoint", "id": id, "status": "active", "name": b.Name, "address": fhirBase,
		"meta": object{"profile": []string{"http://hl7.org/fhir/smart-app-launch/StructureDefinition/user-access-endpoint"}},
		"extension": []object{{
			"url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version", "valueCode": "4.0.1",
		}},
		"connectionType": object{"system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "hl7-fhir-rest"},
		"contact":        []object{{"system": "url", "value": b.Website}},
		"payloadType": []object{{"coding": []object{{
			"system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type", "code": "none",
		}}}},
	}
}

func brandOrganization(b Brand, endpoint, partOf string) object {
	o := object{
		"resourceType": "Organization", "id": b.ID, "active": true, "name": b.Name,
		"meta":      object{"profile": []string{"http://hl7.org/fhir/smart-app-launch/StructureDefinition/user-access-brand"}},
		"telecom":   []object{{"system": "url", "value": b.Website}},
		"extension": brandExtensions(b, endpoint),
		"endpoint":  []object{{"reference": "Endpoint/" + endpoint}},
	}
	if b.Value != "" {
		o["identifier"] = []object{{"system": b.system(), "value": b.Value}}
	}
	if len(b.Aliases) > 0 {
		o["alias"] = b.Aliases
	}
	if b.Address != nil {
		o["address"] = []*Address{b.Address}
	}
	if partOf != "" {
		o["partOf"] = object{"reference": "Organization/" + partOf}
	}
	return o
}

func (b *Brand) system() string {
	if b.System == "" {
		return "urn:ietf:rfc:3986"
	}
	return b.System
}

// identifier is how discovery names the brand.
func (b *Brand) identifier() *Identifier { return &Identifier{System: b.system(), Value: b.Value} }

func brandExtensions(b Brand, endpoint string) []object {
	portal := []object{
		{"url": "portalName", "valueString": b.PortalName},
		{"url": "portalUrl", "valueUrl": b.Portal},
		{"url": "portalEndpoint", "valueReference": object{"reference": "Endpoint/" + endpoint}},
	}
	all := []object{{"url": "http://hl7.org/fhir/StructureDefinition/organization-portal", "extension": portal}}
	if b.Logo != "" {
		all = append(all, object{"url": "http://hl7.org/fhir/StructureDefinition/organization-brand",
			"extension": []object{{"url": "brandLogo", "valueUrl": b.Logo}}})
	}
	return all
}

// serveBrands serves the bundle with a weak tag, and nothing to who has it.
// The tag is of the content alone: processes that began at different times agree.
func serveBrands(bundle []byte, at time.Time) http.Handler {
	sum := sha256.Sum256(bytes.Replace(bundle, []byte(at.UTC().Format(time.RFC3339)), nil, 1))
	tag := `W/"` + hex.EncodeToString(sum[:8]) + `"`
	return anyOrigin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "public, max-age=3600")
		w.Header().Set("Last-Modified", at.UTC().Format(http.TimeFormat))
		w.Header().Set("Access-Control-Expose-Headers", "ETag, Last-Modified")
		if matchesTag(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/fhir+json")
		_, _ = w.Write(bundle) // whoever asked has gone
	}))
}

// matchesTag compares weakly (RFC 9110, section 13.1.2).
func matchesTag(header, tag string) bool {
	return slices.ContainsFunc(strings.Split(header, ","), func(t string) bool {
		t = strings.TrimSpace(t)
		return t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/")
	})
}
