// Package payment is what a payment is: an Order with Attempts at institutions, and the Service that moves it. It knows no
// bills, no HTTP and no database product: an order's items are opaque references, an institution is a Gateway, and documents
// go through the store port.
//
// Start at Order (order.go) for the states, Service.Advance (advance.go) for how an order moves on by itself, and
// Gateway (gateway.go) for what an institution must offer.
package payment

// Institution is who moves the money.
type Institution string

// The institutions.
const (
	WeChat Institution = "wechat" // 微信支付, API v3
	Alipay Institution = "alipay" // 支付宝, gateway.do v1
	Cash   Institution = "cash"   // 现金, over the counter: nobody is asked, the cashier's word counts
)

// Method is how the payer pays.
type Method string

// The methods.
const (
	Native Method = "native" // 扫码: the institution's own dynamic QR
	JSAPI  Method = "jsapi"  // inside the WeChat app
	H5     Method = "h5"     // from a phone's browser into the WeChat app
	Wap    Method = "wap"    // from a phone's browser, or inside the Alipay app (手机网站支付)
	Code   Method = "code"   // 付款码: the payer shows a code, the desk reads it
	Notes  Method = "notes"  // 现金: notes and coins
)

// OriginKind is the desk an order was made at.
type OriginKind string

// The desks.
const (
	Phone    OriginKind = "phone"    // the resident's own phone
	Terminal OriginKind = "terminal" // a POS terminal
	Counter  OriginKind = "counter"  // the cashier's console
	Kiosk    OriginKind = "kiosk"    // a self-service terminal
	Nowhere  OriginKind = "nowhere"  // none of ours: money under an unknown number
)

// Origin tells where an order was made and by whom.
type Origin struct {
	Kind     OriginKind `json:"kind"`
	Terminal string     `json:"terminal,omitempty"` // terminal id
	Staff    string     `json:"staff,omitempty"`    // staff id
	Resident string     `json:"resident,omitempty"` // resident id
}
