package ruiyinxin

import (
	"linlipay/payment/gateway"
)

// Cards are taken by an application on the terminal. Its own form is not public, so it is called in the generic form,
// once the account declares that there is an application that understands it; nothing is asked of the institution, and
// only its statement confirms what the device says.

// genericForm is the one value of the setting card_application.
const genericForm = "generic"

// ConfirmsCards says that only the statement does.
func (g *Gateway) ConfirmsCards() gateway.Confirmation { return gateway.ByStatement }

// swipe is what the terminal hands to the application in order to take a card.
func (c *client) swipe(ch gateway.Charge) (gateway.Prepared, error) {
	call := c.cardCall(gateway.CardPay, gateway.Trade{OutTradeNo: ch.OutTradeNo, Amount: ch.Amount})
	return gateway.Prepared{Device: &call}, nil
}

// cardCall asks the application for an action under the account's own merchant number.
func (c *client) cardCall(action gateway.CardAction, t gateway.Trade) gateway.DeviceCall {
	t.Card.Merchant = c.settings.merchantCode
	return gateway.GenericCall(c.settings.cardPackage, c.settings.cardActivity, action, t)
}

// ReadResult reads what the application handed back, in the generic form.
func (g *Gateway) ReadResult(_ gateway.Account, t gateway.Trade, fields map[string]string) (gateway.DeviceResult,
	error) {
	return gateway.ReadGenericResult(t, fields)
}

// VoidCall asks the application to undo a payment of the batch that is still open.
func (g *Gateway) VoidCall(a gateway.Account, t gateway.Trade) (gateway.DeviceCall, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.DeviceCall{}, gateway.BadAccount(err)
	}
	if cl.settings.cardApplication == "" {
		return gateway.DeviceCall{}, notOffered("the account declares no card application")
	}
	return cl.cardCall(gateway.CardVoid, t), nil
}
