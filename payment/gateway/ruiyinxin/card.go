package ruiyinxin

import "linlipay/payment"

// Cards are taken by an application on the terminal. Its own form is not public, so it is called in the generic form,
// once the account declares that there is an application that understands it; nothing is asked of the institution, and
// only its statement confirms what the device says.

// genericForm is the one value of the setting card_application.
const genericForm = "generic"

// ConfirmsCards says that only the statement does.
func (g *Gateway) ConfirmsCards() payment.Confirmation { return payment.ByStatement }

// swipe is what the terminal hands to the application in order to take a card.
func (c *client) swipe(ch payment.Charge) (payment.Prepared, error) {
	call := c.cardCall(payment.CardPay, payment.Trade{OutTradeNo: ch.OutTradeNo, Amount: ch.Amount})
	return payment.Prepared{Device: &call}, nil
}

// cardCall asks the application for an action under the account's own merchant number.
func (c *client) cardCall(action payment.CardAction, t payment.Trade) payment.DeviceCall {
	t.Card.Merchant = c.settings.merchantCode
	return payment.GenericCall(c.settings.cardPackage, c.settings.cardActivity, action, t)
}

// ReadResult reads what the application handed back, in the generic form.
func (g *Gateway) ReadResult(_ payment.Account, t payment.Trade, fields map[string]string) (payment.DeviceResult,
	error) {
	return payment.ReadGenericResult(t, fields)
}

// VoidCall asks the application to undo a payment of the batch that is still open.
func (g *Gateway) VoidCall(a payment.Account, t payment.Trade) (payment.DeviceCall, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.DeviceCall{}, refused("商户号配置有误", err)
	}
	if cl.settings.cardApplication == "" {
		return payment.DeviceCall{}, notOffered("the account declares no card application")
	}
	return cl.cardCall(payment.CardVoid, t), nil
}
