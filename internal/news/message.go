package news

import (
	"encoding/json"
	"time"

	"tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Message is what somebody is told.
type Message struct {
	Topic string // of config/program/news.yaml
	Title program.Text
	Text  program.Text
}

// Item is a message as somebody has it.
type Item struct {
	Message
	ID     string // of the Communication
	Sent   time.Time
	Common bool // to everybody
	Unread bool
}

// TopicSystem is the code system of topics, in Communication.category.
const TopicSystem = "https://tributary.example/fhir/topic"

// communication is the resource of a message: in a person's compartment, or to the
// Group of everybody.
func (m Message) communication(patient, group string, at time.Time) (records.Draft, error) {
	c := compose.Object{
		"resourceType": "Communication", "status": "completed", "sent": at.UTC().Format(compose.Instant),
		"category": compose.List{compose.Object{"coding": compose.List{compose.Object{"system": TopicSystem, "code": m.Topic}}}},
		"topic":    with(compose.Object{}, "text", m.Title),
		"payload":  compose.List{with(compose.Object{}, "contentString", m.Text)},
	}
	if patient != "" {
		c["subject"], c["recipient"] = compose.Reference("Patient", patient), compose.List{compose.Reference("Patient", patient)}
	} else {
		c["recipient"] = compose.List{compose.Reference("Group", group)}
	}
	return records.NewDraft(c, records.Program)
}

// TranslationURL is the standard extension that says a text in another language.
const TranslationURL = "http://hl7.org/fhir/StructureDefinition/translation"

// with adds a text to an object: in English, and beside it the other languages.
func with(o compose.Object, name string, t program.Text) compose.Object {
	o[name] = t.String()
	var others compose.List
	for _, lang := range t.Languages() {
		if lang != "en" {
			others = append(others, compose.Object{"url": TranslationURL, "extension": compose.List{
				compose.Object{"url": "lang", "valueCode": lang}, compose.Object{"url": "content", "valueString": t[lang]}}})
		}
	}
	if len(others) > 0 {
		o["_"+name] = compose.Object{"extension": others}
	}
	return o
}

// translated reads what with wrote.
type translated struct {
	Extension []struct {
		URL       string
		Extension []struct{ URL, ValueCode, ValueString string }
	}
}

func (t translated) text(english string) program.Text {
	out := program.English(english)
	for _, e := range t.Extension {
		var lang, content string
		for _, part := range e.Extension {
			lang, content = lang+part.ValueCode, content+part.ValueString
		}
		if e.URL == TranslationURL && lang != "" {
			out[lang] = content
		}
	}
	return out
}

// item reads a Communication.
func item(r store.Resource) (Item, error) {
	var c struct {
		Sent     time.Time
		Category []struct {
			Coding []struct{ System, Code string }
		}
		Topic struct {
			Text  string
			Title translated `json:"_text"`
		}
		Payload []struct {
			ContentString string
			Others        translated `json:"_contentString"`
		}
		Subject struct{ Reference string }
	}
	if err := json.Unmarshal(r.Body, &c); err != nil {
		return Item{}, err
	}
	out := Item{ID: r.ID, Sent: c.Sent, Common: c.Subject.Reference == ""}
	out.Title = c.Topic.Title.text(c.Topic.Text)
	for _, category := range c.Category {
		for _, code := range category.Coding {
			if code.System == TopicSystem {
				out.Topic = code.Code
			}
		}
	}
	for _, p := range c.Payload {
		out.Text = p.Others.text(p.ContentString)
	}
	return out, nil
}
