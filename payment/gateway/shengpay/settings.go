package shengpay

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"

	"linlipay/payment/gateway"
)

// The defaults. The addresses are the institution's and WeChat's own; the others are what docs/institutions/shengpay.md
// says of them.
const (
	apiHost   = "https://mchapi.shengpay.com"
	tokenHost = "https://api.weixin.qq.com"

	nativePath  = "/pay/unifiedorderOffline"
	webPath     = "/pay/unifiedorder"
	queryPath   = "/pay/queryOrder"
	reversePath = "/pay/reverseOrder"
	refundPath  = "/refund/orderRefund"
	refundQuery = "/refund/queryRefundOrder"

	orderMinutes = "5"
	statusField  = "status"
	refundField  = "outRefundNo"
	paidFields   = "timeEnd,payTime"
	backFields   = "timeEnd,refundSuccessTime,refundTime"
)

// hosts are the institution's: production, and its test environment.
func hosts() []string { return []string{"mchapi.shengpay.com", "mchapitest.shengpay.com"} }

// Settings describes an account's settings. Those after the addresses are for what the institution does not publish.
func (g *Gateway) Settings() []gateway.Setting {
	list := []gateway.Setting{
		{Name: "mch_id", ZH: "商户号 mchId", EN: "Merchant number (mchId)", Required: true},
		{Name: "sub_mch_id", ZH: "子商户号 subMchId（代理商模式）", EN: "Sub-merchant number (subMchId)"},
		{Name: "sdp_app_id", ZH: "盛付通分配的 APPID（sdpAppId）", EN: "Shengpay's APPID (sdpAppId)"},
		{Name: "private_key_pem", ZH: "商户 RSA 私钥", EN: "Merchant's RSA private key", Secret: true, PEM: true,
			Required: true},
		{Name: "platform_public_key_pem", ZH: "盛付通 RSA 公钥", EN: "Shengpay's RSA public key", PEM: true, Required: true,
			Several: true},
		{Name: "sign_type", ZH: "签名类型（RSA 或 RSA2）", EN: "Signature (RSA or RSA2)", Default: "RSA"},
	}
	list = append(list, gateway.WechatAppSettings()...)
	list = append(list, gateway.Setting{Name: "base_url", ZH: "接口地址", EN: "API address", Default: apiHost,
		Hosts: hosts()})
	list = append(list, gateway.WechatAppAddresses()...)
	list = append(list, unpublished()...)
	return append(list, cardSettings()...)
}

// unpublished are the settings for what the institution does not publish.
func unpublished() []gateway.Setting {
	return []gateway.Setting{
		{Name: "order_minutes", ZH: "订单有效时间（分钟，1 至 120）", EN: "How long an order can be paid, in minutes (1 to 120)",
			Default: orderMinutes},
		{Name: "expired_after_minutes", ZH: "过期多少分钟后仍为 PAY_INIT 的订单视为已关闭（不填则等待 CLOSED）",
			EN: "Minutes past its end after which an order still in PAY_INIT is closed (empty: wait for CLOSED)"},
		{Name: "native_path", ZH: "扫码下单接口", EN: "Path of orders by QR", Default: nativePath},
		{Name: "web_path", ZH: "线上下单接口", EN: "Path of orders on the web", Default: webPath},
		{Name: "reverse_path", ZH: "撤单接口", EN: "Path of the reversal", Default: reversePath},
		{Name: "status_field", ZH: "订单状态字段", EN: "Field of an order's state", Default: statusField},
		{Name: "refund_number_field", ZH: "商户退款单号字段（旧版为 refundOrderNo）",
			EN: "Field of our refund number (refundOrderNo in older versions)", Default: refundField},
		{Name: "refund_query_field", ZH: "退款查询中的商户退款单号字段（不填与上一项相同）",
			EN: "Field of our refund number in its query (empty: as above)"},
		{Name: "paid_time_fields", ZH: "支付时间字段，取第一个有值的", EN: "Fields of the time of payment, the first that is given",
			Default: paidFields},
		{Name: "refund_time_fields", ZH: "退款时间字段，取第一个有值的",
			EN: "Fields of the time of a refund, the first that is given", Default: backFields},
		{Name: "refund_states", ZH: "退款状态含义（如 REFUND_FAIL=shut,REFUND_BACK=stuck）",
			EN: "What states of a refund mean (REFUND_FAIL=shut,REFUND_BACK=stuck)"},
		{Name: "error_kinds", ZH: "错误码含义（如 NOT_FOUND=absent,NO_MONEY=refused:merchant_balance）",
			EN: "What error codes mean (NOT_FOUND=absent,NO_MONEY=refused:merchant_balance)"},
		{Name: "close_path", ZH: "关单接口（未公开，填写后启用）", EN: "Path of the close (not public; off until given)"},
		{Name: "code_path", ZH: "付款码接口（未公开，填写后启用）", EN: "Path of payment codes (not public; off until given)"},
		{Name: "code_field", ZH: "付款码字段", EN: "Field of the payment code"},
		{Name: "code_in_extra", ZH: "付款码放在 extra 中（填 yes）", EN: "The payment code stands in extra (yes)"},
		{Name: "code_trade_type_wechat", ZH: "微信付款码的 tradeType", EN: "tradeType of WeChat's payment codes"},
		{Name: "code_trade_type_alipay", ZH: "支付宝付款码的 tradeType", EN: "tradeType of Alipay's payment codes"},
		{Name: "code_trade_type_unionpay", ZH: "云闪付付款码的 tradeType", EN: "tradeType of UnionPay's payment codes"},
	}
}

// settings are an account's, with the defaults filled in.
type settings struct {
	mchID, subMchID, sdpAppID, signType string
	wechat                              gateway.WechatApp
	baseURL                             string
	orderLife                           time.Duration
	expiredAfter                        time.Duration // 0 is never
	nativePath, webPath                 string
	reversePath, closePath              string
	statusField                         string
	refundField, refundQueryField       string
	paidFields, backFields              []string
	refundStates                        map[string]gateway.RefundState
	errorKinds                          map[string]gateway.CodeMeaning
	codePath, codeField                 string
	codeInExtra                         bool
	codeTradeTypes                      map[gateway.Wallet]string
	cardApplication                     string
	cardPackage, cardActivity           string
	bill                                bill
}

func readSettings(m map[string]string) (s settings, err error) {
	if err := gateway.NeedSettings(m, "mch_id", "private_key_pem", "platform_public_key_pem"); err != nil {
		return s, err
	}
	s = settings{
		mchID: m["mch_id"], subMchID: m["sub_mch_id"], sdpAppID: m["sdp_app_id"],
		signType:   cmp.Or(m["sign_type"], "RSA"),
		nativePath: cmp.Or(m["native_path"], nativePath), webPath: cmp.Or(m["web_path"], webPath),
		reversePath: cmp.Or(m["reverse_path"], reversePath),
		closePath:   m["close_path"], statusField: cmp.Or(m["status_field"], statusField),
		refundField: cmp.Or(m["refund_number_field"], refundField),
		paidFields:  names(cmp.Or(m["paid_time_fields"], paidFields)),
		backFields:  names(cmp.Or(m["refund_time_fields"], backFields)),
		codePath:    m["code_path"], codeField: m["code_field"], codeInExtra: m["code_in_extra"] == "yes",
		codeTradeTypes: map[gateway.Wallet]string{
			gateway.WalletWeChat: m["code_trade_type_wechat"], gateway.WalletAlipay: m["code_trade_type_alipay"],
			gateway.WalletUnionPay: m["code_trade_type_unionpay"],
		},
		cardApplication: m["card_application"], cardPackage: m["card_package"], cardActivity: m["card_activity"],
	}
	s.refundQueryField = cmp.Or(m["refund_query_field"], s.refundField)
	if len(s.mchID) > merchantMax {
		return s, gateway.BadSetting("mch_id", "最多 16 个字符。", "has 16 characters at most.")
	}
	if _, ok := digests[s.signType]; !ok {
		return s, gateway.BadSetting("sign_type", "须为 RSA 或 RSA2。", "must be RSA or RSA2.")
	}
	for _, read := range []func(map[string]string) error{s.readAddresses, s.checkPaths, s.readTimes, s.readWords,
		s.checkProfiles, s.bill.read} {
		if err := read(m); err != nil {
			return s, err
		}
	}
	return s, nil
}

func names(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' })
}

func (s *settings) readAddresses(m map[string]string) (err error) {
	if s.baseURL, err = gateway.AddressIn(m, "base_url", apiHost); err != nil {
		return err
	}
	s.baseURL = strings.TrimSuffix(s.baseURL, "/")
	s.wechat, err = gateway.WechatAppIn(m)
	return err
}

var (
	pathForm = regexp.MustCompile(`^(/[0-9A-Za-z_.-]+)+$`)
	nameForm = regexp.MustCompile(`^[0-9A-Za-z_.-]+$`)
)

// checkPaths refuses paths and names of fields that cannot be such, and a close that is the reversal: it would give
// back a payment that is booked already.
func (s *settings) checkPaths(m map[string]string) error {
	paths := []string{"native_path", "web_path", "reverse_path", "close_path", "code_path", "card_bill_path"}
	if name := misfit(m, pathForm, paths); name != "" {
		return gateway.BadSetting(name, "须为以 / 开头的接口路径。", "must be a path that begins with a slash.")
	}
	names := []string{"status_field", "refund_number_field", "refund_query_field", "code_field",
		"card_bill_date_field", "card_bill_content_field"}
	if name := misfit(m, nameForm, names); name != "" {
		return gateway.BadSetting(name, "须为字段名。", "must be the name of a field.")
	}
	if s.closePath == s.reversePath {
		return gateway.BadSetting("close_path", "不能是撤单接口：撤单会退回已支付的款项。",
			"must not be the reversal, which gives back what was paid.")
	}
	return nil
}

// misfit is the first of the named settings that is there and has another form; "" is none.
func misfit(m map[string]string, form *regexp.Regexp, names []string) string {
	for _, name := range names {
		if m[name] != "" && !form.MatchString(m[name]) {
			return name
		}
	}
	return ""
}

func (s *settings) readTimes(m map[string]string) error {
	for _, t := range []struct {
		into            *time.Duration
		name, otherwise string
		least, most     int
	}{
		{&s.orderLife, "order_minutes", orderMinutes, 1, 120},
		{&s.expiredAfter, "expired_after_minutes", "0", 0, 24 * 60},
	} {
		n, err := strconv.Atoi(cmp.Or(m[t.name], t.otherwise))
		if err != nil || n < t.least || n > t.most {
			return gateway.BadSetting(t.name, "不是允许的分钟数。", "is not a number of minutes in its bounds.")
		}
		*t.into = time.Duration(n) * time.Minute
	}
	return nil
}

// readWords reads what the institution's words mean for this account.
func (s *settings) readWords(m map[string]string) error {
	var err error
	if s.errorKinds, err = gateway.ReadCodeKinds(m, "error_kinds", nil); err != nil {
		return err
	}
	var ok bool
	if s.refundStates, ok = readRefundStates(m["refund_states"]); !ok {
		return gateway.BadSetting("refund_states", "格式须为 状态=含义，以逗号分隔。",
			"must be STATE=processing, done, shut or stuck, parted by commas.")
	}
	return nil
}

// checkProfiles refuses a profile that declares half of what is needed.
func (s *settings) checkProfiles(m map[string]string) error {
	for name, only := range map[string]string{"code_in_extra": "yes", "card_application": genericForm,
		"trust_device": "yes"} {
		if m[name] != "" && m[name] != only {
			return gateway.BadSetting(name, "只能为空或 "+only+"。", "is either empty or "+only+".")
		}
	}
	return s.checkCodes()
}

// checkCodes refuses half of what payment codes need.
func (s *settings) checkCodes() error {
	types := ""
	for _, t := range s.codeTradeTypes {
		types += t
	}
	if declared := s.codePath + s.codeField + types; declared != "" &&
		(s.codePath == "" || s.codeField == "" || types == "") {
		return gateway.BadSetting("code_path", "付款码须同时填写 code_path、code_field 和至少一个 code_trade_type。",
			"needs code_field and a code_trade_type beside it, and they it.")
	}
	return nil
}

func (s settings) takesCodes(w gateway.Wallet) bool {
	return s.codePath != "" && s.codeTradeTypes[w] != ""
}

func (s settings) takesCards() bool { return s.cardApplication == genericForm }
