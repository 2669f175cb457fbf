package conformance

// longAgo is a day in which nothing lies.
const longAgo = "1801-01-01"

func date(_ parameter, v any) []question {
	if text(v) == "" {
		return nil
	}
	return []question{{text(v), longAgo}, {"ge" + text(v), "eb" + longAgo}, {"le" + text(v), "eb" + longAgo}}
}

func period(_ parameter, v any) (all []question) {
	if start := at(v, "start"); start != "" {
		all = append(all, question{"ge" + start, longAgo})
	}
	if end := at(v, "end"); end != "" {
		all = append(all, question{"le" + end, longAgo})
	}
	return all
}

// timing is found by its outer limits, whatever is scheduled between.
func timing(p parameter, v any) (all []question) {
	for _, event := range list(v, "event") {
		all = append(all, question{"ge" + text(event), longAgo}, question{"le" + text(event), longAgo})
	}
	if object, ok := v.(map[string]any); ok {
		if repeat, ok := object["repeat"].(map[string]any); ok {
			all = append(all, period(p, repeat["boundsPeriod"])...)
		}
	}
	return all
}

const farOff = "987654321"

func number(_ parameter, v any) []question {
	n := text(v)
	if n == "" {
		return nil
	}
	return []question{{n, farOff}, {"ge" + n, farOff}, {"le" + n, farOff}}
}

func interval(_ parameter, v any) (all []question) {
	for member, prefix := range map[string]string{"low": "ge", "high": "le"} {
		object, _ := v.(map[string]any)
		if n := at(object[member], "value"); n != "" {
			all = append(all, question{prefix + n, farOff})
		}
	}
	return all
}

func quantity(_ parameter, v any) []question {
	n, system, code, unit := at(v, "value"), at(v, "system"), at(v, "code"), at(v, "unit")
	if n == "" || at(v, "comparator") != "" {
		return nil // "< 5" equals no number
	}
	all := []question{{n, farOff}, {"ge" + n, farOff}, {"le" + n, farOff}}
	if unit != "" {
		all = append(all, question{n + "||" + unit, n + "||" + unit + mutation})
	}
	if code == "" {
		return all
	}
	all = append(all, question{n + "||" + code, farOff + "||" + code})
	if system != "" {
		whole := "|" + system + "|" + code
		all = append(all, question{n + whole, farOff + whole}, question{n + whole, n + whole + mutation})
	}
	return all
}

func money(_ parameter, v any) []question {
	n, currency := at(v, "value"), at(v, "currency")
	all := number(parameter{}, v.(map[string]any)["value"])
	if currency != "" {
		all = append(all, question{n + "||" + currency, n + "||" + currency + mutation})
		all = append(all, question{n + "|urn:iso:std:iso:4217|" + currency, farOff + "||" + currency})
	}
	return all
}
