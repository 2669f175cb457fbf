package subscriptions

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/store"
)

// Tokens are kept under this kind, for this long.
const (
	bindingTokens = "subscription binding"
	bindingTTL    = 5 * time.Minute
)

// answerToken answers $get-ws-binding-token: a token, good once and for a short time,
// that binds a WebSocket to Subscriptions of the client.
func (s *Service) answerToken(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := asked(w, r, "ids")
	if err != nil {
		return err
	}
	named := split(in.All("ids"))
	if id := mux.Vars(r)["id"]; id != "" {
		named = []string{id}
	}
	if len(named) == 0 || len(named) > maxAsked {
		return errs.New(errs.Invalid, "name the Subscriptions to bind, at most %d, by the parameter ids", maxAsked).At("ids")
	}
	for _, id := range named {
		if err := s.bindable(r.Context(), actor, id); err != nil {
			return err
		}
	}
	return s.token(w, r, named)
}

func (s *Service) bindable(ctx context.Context, actor access.Actor, id string) error {
	if _, err := s.Records.Read(ctx, actor, resource, id); err != nil {
		return err
	}
	known, err := s.known(ctx, id)
	switch {
	case err != nil:
		return err
	case known == nil || known.spec.Channel != webSocket || known.Status == store.SubscriptionOff:
		return errs.New(errs.Unprocessable, "a token is for Subscriptions with the channel websocket that are not off").At("ids")
	case ownerOf(actor).same(known.Owner):
		return nil
	}
	return errs.New(errs.Forbidden, "a Subscription is listened to by the client that made it").At("ids")
}

func (s *Service) token(w http.ResponseWriter, r *http.Request, ids []string) error {
	token, err := session.NewToken(rand.Reader)
	if err != nil {
		return err
	}
	value, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	if err := s.Tokens.Put(r.Context(), session.Key(bindingTokens, token), value, bindingTTL); err != nil {
		return err
	}
	parameters := []object{
		{"name": "token", "valueString": token},
		{"name": "expiration", "valueDateTime": s.Now().Add(bindingTTL).UTC().Format(time.RFC3339)},
		{"name": "websocket-url", "valueUrl": s.Socket},
	}
	for _, id := range ids {
		parameters = append(parameters, object{"name": "subscription", "valueString": id})
	}
	return answerParameters(w, parameters...)
}
