package checkout

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"linlipay/payment/gateway"
)

// place is where a browser runs.
type place string

const (
	inApp      place = "app"      // in a wallet's own app: the payer has chosen by scanning with it
	onPhone    place = "phone"    // goes on into a wallet's app where there is a way
	onComputer place = "computer" // shows a QR
)

// browser is what a payer opens the page in.
type browser struct {
	agent string // what it calls itself; "" is any
	place place
	ways  []gateway.PaymentMethod // those that the page can carry out there, best first
}

// browsers are what there is, the first that fits. An aggregate QR's page opens in all of them.
var browsers = []browser{
	{"MicroMessenger", inApp,
		slices.Concat(by(gateway.WalletWeChat, gateway.JSAPI), by(gateway.WalletAny, gateway.Native))},
	{"AlipayClient", inApp, slices.Concat(by(gateway.WalletAlipay, gateway.Wap, gateway.Native),
		by(gateway.WalletAny, gateway.Native))},
	{"UnionPay/", inApp, slices.Concat(by(gateway.WalletUnionPay, gateway.Native),
		by(gateway.WalletAny, gateway.Native))},
	{"Mobi", onPhone, slices.Concat(by(gateway.WalletWeChat, gateway.H5, gateway.Native),
		by(gateway.WalletAlipay, gateway.Wap, gateway.Native),
		by(gateway.WalletUnionPay, gateway.Native), by(gateway.WalletAny, gateway.Native))},
	{"", onComputer, slices.Concat(by(gateway.WalletWeChat, gateway.Native),
		by(gateway.WalletAlipay, gateway.Native, gateway.Wap),
		by(gateway.WalletUnionPay, gateway.Native), by(gateway.WalletAny, gateway.Native))},
}

func by(wallet gateway.Wallet, methods ...gateway.Method) []gateway.PaymentMethod {
	var list []gateway.PaymentMethod
	for _, m := range methods {
		list = append(list, gateway.PaymentMethod{Wallet: wallet, Method: m})
	}
	return list
}

func browserOf(c *fiber.Ctx) browser {
	i := slices.IndexFunc(browsers, func(b browser) bool { return strings.Contains(c.Get("User-Agent"), b.agent) })
	return browsers[i] // the last fits any
}

// choices are the ways on offer that the browser can carry out, the best of each wallet.
func (b browser) choices(offered []gateway.PaymentMethod) []gateway.PaymentMethod {
	var methods []gateway.PaymentMethod
	for _, w := range b.ways {
		if slices.Contains(offered, w) && !slices.ContainsFunc(methods, func(better gateway.PaymentMethod) bool {
			return better.Wallet == w.Wallet
		}) {
			methods = append(methods, w)
		}
	}
	return methods
}

// Scanners are the wallets whose apps can pay by the order's QR.
func Scanners(offered []gateway.PaymentMethod) []gateway.Wallet {
	wallets := []gateway.Wallet{}
	for _, b := range browsers {
		if b.place == inApp && len(b.choices(offered)) > 0 {
			wallets = append(wallets, b.ways[0].Wallet)
		}
	}
	return wallets
}
