package gateway

// Institution is who moves the money.
type Institution string

// The institutions.
const (
	WeChat Institution = "wechat" // 微信支付, API v3
	Alipay Institution = "alipay" // 支付宝, gateway.do v1
	Cash   Institution = "cash"   // 现金, over the counter: nobody is asked, the cashier's word counts

	Lakala    Institution = "lakala"    // 拉卡拉, laop v3
	Shengpay  Institution = "shengpay"  // 盛付通, mchapi
	Ruiyinxin Institution = "ruiyinxin" // 瑞银信, the SMZF envelope
)

// Wallet is what the payer pays with, whichever institution takes it.
type Wallet string

// The wallets.
const (
	WalletWeChat   Wallet = "wechat"   // 微信
	WalletAlipay   Wallet = "alipay"   // 支付宝
	WalletUnionPay Wallet = "unionpay" // 云闪付 and the banks' own apps
	WalletAny      Wallet = "any"      // an aggregate QR (聚合码): the payer chooses after scanning
	WalletCard     Wallet = "card"     // a bank card
	WalletCash     Wallet = "cash"     // notes and coins
)

// Wallets lists all wallets.
func Wallets() []Wallet {
	return []Wallet{WalletWeChat, WalletAlipay, WalletUnionPay, WalletAny, WalletCard, WalletCash}
}

// Method is how the payer pays.
type Method string

// The methods.
const (
	Native        Method = "native"       // 扫码: the institution's own dynamic QR, of one wallet or an aggregate one
	JSAPI         Method = "jsapi"        // inside the WeChat app
	H5            Method = "h5"           // from a phone's browser into the WeChat app
	Wap           Method = "wap"          // from a phone's browser, or inside the Alipay app (手机网站支付)
	CodePresented Method = "code"         // 付款码: the payer shows a code, the desk reads it
	CardPresent   Method = "card_present" // 刷卡: a bank card on a terminal, by the acquirer's application there
	Notes         Method = "cash"         // 现金: notes and coins
)

// PaymentMethod is one way to pay: with what, and how. Communities choose for each way which institution takes it.
type PaymentMethod struct {
	Wallet Wallet `json:"wallet"`
	Method Method `json:"method"`
}

// CNY is the only currency.
const CNY = "CNY"

// InstitutionRank is the order in which institutions are tried where nothing was chosen: the wallets' own before the
// acquirers.
func InstitutionRank() []Institution {
	return []Institution{WeChat, Alipay, Lakala, Shengpay, Ruiyinxin}
}
