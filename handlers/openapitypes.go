package handlers

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/audit"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/merchant"
	"linlipay/store"
	"linlipay/webhook"
)

// types makes JSON Schemas of Go types; structs, and strings with constants, become components.
type types struct {
	sources
	schemas object
	of      map[string]reflect.Type // whose schema each is
	bounded bool                    // what comes now is said by callers alone, and has bounds
	err     error                   // the first that went wrong
}

// wireNames are the names of schemas that differ from their types', which are clear in their packages alone.
var wireNames = map[reflect.Type]string{
	reflect.TypeFor[payment.Status]():        "OrderStatus",
	reflect.TypeFor[payment.Outcome]():       "NotificationOutcome",
	reflect.TypeFor[payment.Event]():         "TimelineEvent",
	reflect.TypeFor[payment.EventKind]():     "TimelineEventKind",
	reflect.TypeFor[payment.Decision]():      "UnappliedDecision",
	reflect.TypeFor[access.Kind]():           "CallerKind",
	reflect.TypeFor[approval.State]():        "ApprovalState",
	reflect.TypeFor[audit.Verb]():            "AuditVerb",
	reflect.TypeFor[audit.Heads]():           "AuditHeads",
	reflect.TypeFor[billing.Outcome]():       "ImportOutcome",
	reflect.TypeFor[billing.Take]():          "ImportTake",
	reflect.TypeFor[institutionView]():       "InstitutionForm",
	reflect.TypeFor[requestView]():           "ChangeRequest",
	reflect.TypeFor[movedView]():             "MoneyMoved",
	reflect.TypeFor[moveView]():              "CommunityMove",
	reflect.TypeFor[eventView]():             "AuditEvent",
	reflect.TypeFor[verbView]():              "AuditVerbWords",
	reflect.TypeFor[unappliedView]():         "UnappliedFunds",
	reflect.TypeFor[untakenView]():           "RejectedReport",
	reflect.TypeFor[messageView]():           "Notification",
	reflect.TypeFor[stateView]():             "CheckoutState",
	reflect.TypeFor[paymentMethodsView]():    "PaymentMethods",
	reflect.TypeFor[merchant.Option]():       "RouteOption",
	reflect.TypeFor[endpointView]():          "WebhookEndpoint",
	reflect.TypeFor[madeEndpointView]():      "MadeWebhookEndpoint",
	reflect.TypeFor[deliveryView]():          "WebhookDelivery",
	reflect.TypeFor[tryView]():               "WebhookTry",
	reflect.TypeFor[webhook.Problem]():       "WebhookTryProblem",
	reflect.TypeFor[webhook.EndpointState](): "WebhookEndpointState",
	reflect.TypeFor[webhook.DeliveryState](): "WebhookDeliveryState",
	reflect.TypeFor[webhook.Event]():         "WebhookEvent",
	reflect.TypeFor[webhook.EventType]():     "WebhookEventType",
}

// nameOf is the name of a type's schema: that of the type, without what it is to this package.
func nameOf(t reflect.Type) string {
	if name := wireNames[t]; name != "" {
		return name
	}
	name, of, generic := strings.Cut(t.Name(), "[")
	if generic {
		of = of[strings.LastIndex(of, ".")+1 : len(of)-1]
		name = strings.TrimSuffix(of, "View") + "_" + name
	}
	var out strings.Builder
	for _, part := range strings.Split(strings.TrimSuffix(name, "View"), "_") {
		out.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return out.String()
}

// schema is the JSON Schema of a type.
func (s *types) schema(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[access.Day]():
		return object{"type": "string", "description": "yyyy-MM-dd in Asia/Shanghai, or empty where none is said"}
	case t == reflect.TypeFor[json.RawMessage]():
		return object{}
	case t == reflect.TypeFor[money.Fen]():
		return object{"type": "integer", "format": "int64", "description": "fen"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.schema(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": s.schema(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.schema(t.Elem())}
	case reflect.String:
		return s.text(t)
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Struct:
		return s.structure(t)
	case reflect.Interface:
		return object{}
	}
	return object{"type": "integer", "format": "int64"}
}

// text is the schema of a string: of a type with constants a component, which lists them.
func (s *types) text(t reflect.Type) object {
	if t.PkgPath() == "" {
		return object{"type": "string"}
	}
	doc, values := s.constants(t)
	if len(values) == 0 {
		return object{"type": "string"}
	}
	return s.component(t, func() object {
		var list []string
		for _, v := range values {
			list = append(list, v.value)
			if v.says != "" {
				doc += "\n- `" + v.value + "`: " + v.says
			}
		}
		return object{"type": "string", "enum": list, "description": strings.TrimSpace(doc)}
	})
}

// component is a reference to a type's schema, which is made once.
func (s *types) component(t reflect.Type, build func() object) object {
	name := nameOf(t)
	ref := object{"$ref": "#/components/schemas/" + name}
	if other, known := s.of[name]; known {
		if other != t {
			s.failed("the types %s and %s are both called %s", other, t, name)
		}
		return ref
	}
	s.of[name] = t
	s.schemas[name] = build()
	return ref
}

func (s *types) structure(t reflect.Type) object {
	return s.component(t, func() object {
		schema := object{"type": "object"}
		properties, required := object{}, []string{}
		for _, f := range jsonFields(t) { // those of embedded structs too, as in JSON
			properties[f.name] = s.described(f.of, f.StructField)
			if !f.optional {
				required = append(required, f.name)
			}
		}
		schema["properties"] = properties
		if len(required) > 0 {
			schema["required"] = required
		}
		if doc := s.typeDoc(t); doc != "" {
			schema["description"] = doc
		}
		return schema
	})
}

// described is the schema of a field, with what its comment says.
func (s *types) described(of reflect.Type, f reflect.StructField) object {
	schema := s.schema(f.Type)
	if doc := s.fieldDoc(of, f.Name); doc != "" {
		schema["description"] = doc
	}
	if _, elsewhere := schema["$ref"]; s.bounded && !elsewhere {
		maps.Copy(schema, boundsOf(f))
	} else if f.Tag.Get("least") != "" { // is true of what is answered too
		schema["minimum"] = bound(f.Tag, "least", 0)
	}
	if format := formats[f.Tag.Get("json")]; format != nil && f.Type.Kind() == reflect.String {
		for k, v := range format {
			schema[k] = v
		}
	}
	return schema
}

// formats are those of fields whose names say it.
var formats = map[string]object{
	"period":   {"pattern": `^\d{4}-\d{2}$`, "examples": []string{"2026-11"}},
	"due_date": {"format": "date", "examples": []string{"2026-11-30"}},
	"day":      {"format": "date", "examples": []string{"2026-11-28"}},
}

// jsonField is a field as JSON has it.
type jsonField struct {
	reflect.StructField
	name     string
	optional bool
	of       reflect.Type // the struct that declares it
}

func jsonFields(t reflect.Type) []jsonField {
	var list []jsonField
	for _, f := range reflect.VisibleFields(t) {
		key := jsonName(f)
		if key == "" {
			continue
		}
		optional := strings.Contains(f.Tag.Get("json"), ",omit")
		list = append(list, jsonField{f, key, optional, declaring(t, f)})
	}
	return list
}

// jsonName is what JSON calls a field; "" is one that it leaves out.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return strings.TrimPrefix(name, "-")
}

// declaring is the struct within t that declares a field of it.
func declaring(t reflect.Type, f reflect.StructField) reflect.Type {
	for _, at := range f.Index[:len(f.Index)-1] {
		t = t.Field(at).Type
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	return t
}

// demands reports whether an input must have a body.
func (s *types) demands(t reflect.Type) bool {
	for _, f := range jsonFields(t) {
		if !f.optional {
			return true
		}
	}
	return false
}

// query are the parameters of the query that an input names; those of a list come with the orders that it has.
func (s *types) query(in reflect.Type, sorts []store.Sort) []object {
	var list []object
	for _, f := range reflect.VisibleFields(in) {
		name := f.Tag.Get("query")
		if name == "" {
			continue
		}
		p := object{"name": name, "in": "query", "schema": s.parameter(f, sorts)}
		if doc := s.fieldDoc(declaring(in, f), f.Name); doc != "" {
			p["description"] = doc
		}
		if f.Type.Kind() == reflect.Slice {
			p["style"], p["explode"] = "form", false // one text with commas
		}
		list = append(list, p)
	}
	return list
}

// parameter is the schema of a parameter of the query.
func (s *types) parameter(f reflect.StructField, sorts []store.Sort) object {
	switch {
	case f.Type == reflect.TypeFor[store.Sort]():
		return sortSchema(sorts)
	case f.Type.Kind() == reflect.Int, f.Type == reflect.TypeFor[*int]():
		least, most := numberBounds(f.Tag)
		return object{"type": "integer", "minimum": least, "maximum": most}
	case f.Type == reflect.TypeFor[string]():
		return object{"type": "string", "maxLength": parameterMost(f.Tag.Get("query"))}
	}
	return s.schema(f.Type)
}

// sortSchema names the orders of a list; the usual one is the default, where it is one of them.
func sortSchema(sorts []store.Sort) object {
	schema := object{"type": "string"}
	if len(sorts) > 0 && sorts[0] != "" {
		schema["default"] = sorts[0]
	}
	schema["enum"] = slices.DeleteFunc(inTexts(sorts), func(s string) bool { return s == "" })
	return schema
}
