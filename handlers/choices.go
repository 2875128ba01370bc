package handlers

import (
	"reflect"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/billing"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/property"
	"linlipay/webhook"
)

// choices are the values that a filter may have, by its type: any other is refused in words.
var choices = map[reflect.Type][]string{
	reflect.TypeFor[payment.Status]():         inTexts(payment.Statuses()),
	reflect.TypeFor[payment.RefundStatus]():   inTexts(payment.RefundStatuses()),
	reflect.TypeFor[payment.UnappliedState](): inTexts(payment.UnappliedStates()),
	reflect.TypeFor[payment.Outcome]():        inTexts(payment.Outcomes()),
	reflect.TypeFor[property.BindingState]():  inTexts(property.BindingStates()),
	reflect.TypeFor[gateway.Institution]():    inTexts(append(gateway.InstitutionRank(), gateway.Cash)),
	reflect.TypeFor[access.Role]():            inTexts(access.Roles()),
	reflect.TypeFor[access.DeputyState]():     inTexts(access.DeputyStates()),
	reflect.TypeFor[access.ClientState](): inTexts([]access.ClientState{access.ClientWaiting, access.ClientActive,
		access.ClientExpired, access.ClientRefused, access.ClientRevoked}),
	reflect.TypeFor[audit.Verb](): inTexts(audit.Verbs()),
	reflect.TypeFor[webhook.EndpointState](): inTexts([]webhook.EndpointState{webhook.Proposed, webhook.Enabled,
		webhook.Disabled, webhook.Failing, webhook.Removed}),
	reflect.TypeFor[webhook.DeliveryState](): inTexts([]webhook.DeliveryState{webhook.Pending, webhook.Delivered,
		webhook.GivenUp}),
	reflect.TypeFor[webhook.EventType](): inTexts(webhook.EventTypes()),
	reflect.TypeFor[BillFilter](): {string(OwedBills), string(PaidBills), string(CancelledBills),
		string(AllBills)},
	reflect.TypeFor[billing.PayoutStatus](): inTexts(billing.PayoutStatuses()),
	reflect.TypeFor[billing.CutOverState](): inTexts(billing.CutOverStates()),
	reflect.TypeFor[Presence]():             {string(TerminalOnline), string(TerminalOffline)},
	reflect.TypeFor[ApprovalKind]():         inTexts(approvalKinds),
}
