package smart

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary/connectors"
)

// capability is the part of a CapabilityStatement that a plan needs: for each
// searchable type, its parameters.
type capability map[string][]string

// statement is a provider's capability, and when it was read. It is the same
// for all of its patients, and takes longer to read than many a page.
type statement struct {
	capability
	at time.Time
}

// capability is what a provider can do, as of the last discoveryAge at most.
func (c *Connector) capability(ctx context.Context, p connectors.Provider, token string) (capability, error) {
	c.mu.Lock()
	known, ok := c.statements[p.FHIRBase]
	c.mu.Unlock()
	if ok && c.now().Sub(known.at) < discoveryAge {
		return known.capability, nil
	}
	read, err := c.readCapability(ctx, p, token)
	if err != nil || len(read) == 0 { // it may say more another time
		return read, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statements[p.FHIRBase] = statement{read, c.now()}
	return read, nil
}

func (c *Connector) readCapability(ctx context.Context, p connectors.Provider, token string) (capability, error) {
	a, err := c.get(ctx, p, strings.TrimRight(p.FHIRBase, "/")+"/metadata", token)
	var e *connectors.Error
	if errors.As(err, &e) && e.Failure == connectors.Refused {
		return nil, nil // it says nothing of itself
	}
	if err != nil {
		return nil, err
	}
	var statement struct {
		Rest []struct {
			Resource []struct {
				Type        string `json:"type"`
				Interaction []struct {
					Code string `json:"code"`
				} `json:"interaction"`
				SearchParam []struct {
					Name string `json:"name"`
				} `json:"searchParam"`
			} `json:"resource"`
		} `json:"rest"`
	}
	if err := json.Unmarshal(a.body, &statement); err != nil {
		return nil, fail(connectors.BadAnswer, 0, "the CapabilityStatement is not JSON", err)
	}
	out := capability{}
	for _, rest := range statement.Rest {
		for _, r := range rest.Resource {
			searchable := len(r.Interaction) == 0
			for _, i := range r.Interaction {
				searchable = searchable || i.Code == "search-type"
			}
			if !searchable {
				continue
			}
			out[r.Type] = []string{}
			for _, s := range r.SearchParam {
				out[r.Type] = append(out[r.Type], s.Name)
			}
		}
	}
	return out, nil
}

// Plan implements connectors.Connector: the patient, then for every type of the
// Patient compartment that the provider can search, one query for each way in
// which a resource can belong to the patient.
func (c *Connector) Plan(ctx context.Context, p connectors.Provider, creds connectors.Credentials, since time.Time) ([]connectors.Query, error) {
	known, err := c.capability(ctx, p, creds.Access)
	if err != nil {
		return nil, err
	}
	plan := []connectors.Query{{Type: "Patient", URL: "Patient/" + url.PathEscape(creds.Patient)}}
	for _, typ := range types(known) {
		for _, param := range paramsOf(typ, known[typ]) {
			for _, criteria := range criteriaOf(p, typ) {
				plan = append(plan, c.query(typ, param, criteria, creds.Patient, sinceOf(known[typ], since)))
			}
		}
	}
	return plan, nil
}

// types are those of a record that the provider says it can search; where it
// says nothing, those that every certified provider has.
func types(known capability) (names []string) {
	for typ := range known {
		if _, ok := record[typ]; ok {
			names = append(names, typ)
		}
	}
	if len(names) == 0 {
		return usCore
	}
	slices.Sort(names)
	return names
}

// paramsOf are the parameters to ask a type by: the main one, as "patient" where
// the provider has only that, and the others that it supports.
func paramsOf(typ string, supported []string) []string {
	all := record[typ]
	main := all[0]
	if alsoPatient[typ] && (len(supported) == 0 || slices.Contains(supported, "patient")) {
		main = "patient"
	}
	out := []string{main}
	for _, param := range all[1:] {
		if slices.Contains(supported, param) {
			out = append(out, param)
		}
	}
	return out
}

func criteriaOf(p connectors.Provider, typ string) []string {
	d := differences[p.Vendor]
	if split := d.split[typ]; len(split) > 0 {
		return split
	}
	return []string{d.require[typ]}
}

// sinceOf drops the time where the provider does not say that it can search by it.
func sinceOf(supported []string, since time.Time) time.Time {
	if slices.Contains(supported, "_lastUpdated") {
		return since
	}
	return time.Time{}
}

func (c *Connector) query(typ, param, criteria, patient string, since time.Time) connectors.Query {
	text := typ + "?" + param + "=" + url.QueryEscape("Patient/"+patient)
	if param == "patient" {
		text = typ + "?patient=" + url.QueryEscape(patient)
	}
	if criteria != "" {
		text += "&" + criteria
	}
	if !since.IsZero() {
		text += "&_lastUpdated=" + url.QueryEscape("ge"+since.UTC().Format(time.RFC3339))
	}
	return connectors.Query{Type: typ, URL: text + "&_count=" + strconv.Itoa(c.page), Since: since}
}
