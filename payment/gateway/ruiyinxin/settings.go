package ruiyinxin

import (
	"cmp"
	"regexp"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"linlipay/payment/gateway"
)

// The defaults, from third parties.
const (
	gatewayAddress = "https://qr.ruiyinxin.com/ydzf/ydzf-smzf"
	windowMinutes  = "5"

	unionPayWay      = "UPZF"
	noPayWay         = "-" // a wallet that the merchant's contract does not have
	subjectBytes     = "127"
	transactionField = "smzfMsgId"
)

// hosts are the institution's, as third parties know them: production, and its test environment.
func hosts() []string { return []string{"qr.ruiyinxin.com", "wxtest.ruishangtong.com"} }

// Settings describes an account's settings. All but the first five are for what no public document says.
func (g *Gateway) Settings() []gateway.Setting {
	list := []gateway.Setting{
		{Name: "cooperator", ZH: "合作方标识 cooperator", EN: "Cooperator", Required: true},
		{Name: "merchant_code", ZH: "商户编号 merchantCode", EN: "Merchant code", Required: true},
		{Name: "private_key_pem", ZH: "合作方 RSA 私钥", EN: "Our RSA private key", Secret: true, PEM: true, Required: true,
			Previous: "previous_private_key_pem"},
		{Name: "previous_private_key_pem", ZH: "原合作方 RSA 私钥", EN: "Our previous RSA private key", Secret: true,
			PEM: true},
		{Name: "platform_public_key_pem", ZH: "平台 RSA 公钥", EN: "The platform's RSA public key", PEM: true,
			Required: true, Several: true},
	}
	list = append(list, gateway.WechatAppSettings()...)
	list = append(list, gateway.Setting{Name: "base_url", ZH: "接口地址", EN: "API address", Default: gatewayAddress,
		Hosts: hosts()})
	list = append(list, gateway.WechatAppAddresses()...)
	return append(list, unpublished()...)
}

// unpublished are the settings for what no public document says.
func unpublished() []gateway.Setting {
	return []gateway.Setting{
		{Name: "pay_way_wechat", ZH: "微信的 payWay（未开通填 -）", EN: "WeChat's payWay (- is not offered)", Default: "WXZF"},
		{Name: "pay_way_alipay", ZH: "支付宝的 payWay（未开通填 -）", EN: "Alipay's payWay (- is not offered)", Default: "ZFBZF"},
		{Name: "pay_way_unionpay", ZH: "云闪付的 payWay（未开通填 -）",
			EN: "UnionPay's payWay (- is not offered)", Default: unionPayWay},
		{Name: "tran_code_prefix", ZH: "tranCode 前缀", EN: "Prefix of tranCode", Default: "SMZF"},
		{Name: "protocol_version", ZH: "报文版本号", EN: "Version of the text", Default: "1.0.0"},
		{Name: "field_names", ZH: "字段名对照（JSON，如 {\"userId\":\"openId\"}）", EN: "Names of fields (JSON)"},
		{Name: "extra_fields", ZH: "下单附加字段（JSON）", EN: "More fields of a charge (JSON)"},
		{Name: "code_kinds", ZH: "应答码含义（如 2068=paying,1234=absent,5678=refused/balance_low）",
			EN: "What answer codes mean"},
		{Name: "transaction_field", ZH: "查询应答中平台交易号的字段名",
			EN: "Field of 006 that holds the institution's number of a payment", Default: transactionField},
		{Name: "unnamed_answers", ZH: "查询应答未注明原流水号时（不填：平台流水号、金额、时间相符才采信；refuse：一律不采信）",
			EN: "Answers to 006 without oriReqMsgId (empty: by its number, amount and time; refuse: never)"},
		{Name: "subject_bytes", ZH: "订单标题长度上限（UTF-8 字节，12 至 256）",
			EN: "Longest title, in bytes of UTF-8 (12 to 256)", Default: subjectBytes},
		{Name: "window_minutes", ZH: "报文时间允许的误差（分钟）", EN: "How far respDate may be off, in minutes",
			Default: windowMinutes},
		{Name: "card_application", ZH: "终端刷卡应用的调用方式（填 generic 启用刷卡）",
			EN: "Form of the card application's call (generic; cards are off until given)"},
		{Name: "card_package", ZH: "终端刷卡应用包名", EN: "Package of the card application"},
		{Name: "card_activity", ZH: "终端刷卡应用 Activity", EN: "Activity of the card application"},
		{Name: "trust_device", ZH: "先按终端结果入账，待对账单确认（填 yes 启用）",
			EN: "Book on the device's word until the statement confirms (yes)"},
		{Name: "statement_separator", ZH: "对账文件分隔符", EN: "What separates a statement's columns",
			Default: statementSeparator},
		{Name: "statement_columns", ZH: "对账文件列名对照（JSON）", EN: "Titles of a statement's columns (JSON)"},
	}
}

// settings are an account's, with the defaults filled in.
type settings struct {
	cooperator, merchantCode                   string
	keys                                       keys
	baseURL                                    string
	wechat                                     gateway.WechatApp
	payWays                                    map[gateway.Wallet]string
	prefix, version, transactionField          string
	names                                      names
	extra                                      map[string]string
	codes                                      map[string]gateway.CodeMeaning
	window                                     time.Duration
	refuseUnnamed                              bool
	subjectBytes                               int
	cardApplication, cardPackage, cardActivity string
	statement                                  statementForm
}

func readSettings(m map[string]string) (s settings, err error) {
	if err := gateway.NeedSettings(m, "cooperator", "merchant_code", "private_key_pem",
		"platform_public_key_pem"); err != nil {
		return s, err
	}
	s = settings{
		cooperator: m["cooperator"], merchantCode: m["merchant_code"],
		prefix: cmp.Or(m["tran_code_prefix"], "SMZF"), version: cmp.Or(m["protocol_version"], "1.0.0"),
		transactionField: cmp.Or(m["transaction_field"], transactionField),
		cardApplication:  m["card_application"], cardPackage: m["card_package"], cardActivity: m["card_activity"],
	}
	s.payWays = map[gateway.Wallet]string{
		gateway.WalletWeChat:   cmp.Or(m["pay_way_wechat"], "WXZF"),
		gateway.WalletAlipay:   cmp.Or(m["pay_way_alipay"], "ZFBZF"),
		gateway.WalletUnionPay: cmp.Or(m["pay_way_unionpay"], unionPayWay),
	}
	for wallet, way := range s.payWays {
		if way == noPayWay {
			s.payWays[wallet] = ""
		}
	}
	s.refuseUnnamed = m["unnamed_answers"] == "refuse"
	if err := checkSwitches(m); err != nil {
		return s, err
	}
	for _, read := range []func(map[string]string) error{s.readKeys, s.readAddresses, s.readNames, s.readForms} {
		if err := read(m); err != nil {
			return s, err
		}
	}
	return s, nil
}

// checkSwitches refuses what settings with one value cannot be.
func checkSwitches(m map[string]string) error {
	for name, only := range map[string]string{
		"card_application": genericForm, "trust_device": "yes", "unnamed_answers": "refuse",
	} {
		if m[name] != "" && m[name] != only {
			return gateway.BadSetting(name, "只能填 "+only+" 或留空。", "must be "+only+" or empty.")
		}
	}
	return nil
}

func (s *settings) readKeys(m map[string]string) error {
	for _, name := range []string{"private_key_pem", "previous_private_key_pem"} {
		if m[name] == "" {
			continue
		}
		key, err := gateway.SigningKeyIn(m, name)
		if err != nil {
			return err
		}
		s.keys.own = append(s.keys.own, key)
	}
	platform, err := gateway.PublicKeysIn(m, "platform_public_key_pem")
	for _, k := range platform {
		s.keys.platform = append(s.keys.platform, k.Public)
	}
	return err
}

func (s *settings) readAddresses(m map[string]string) (err error) {
	if s.baseURL, err = gateway.AddressIn(m, "base_url", gatewayAddress); err != nil {
		return err
	}
	s.wechat, err = gateway.WechatAppIn(m)
	return err
}

// names are the institution's names of fields where they are others than ours.
type names map[string]string

func (n names) write(name string) string { return cmp.Or(n[name], name) }

// read gives fields our names.
func (n names) read(fields map[string]jsontext.Value) map[string]string {
	ours := make(map[string]string, len(fields))
	for name, value := range fields {
		ours[name] = plainText(value)
	}
	for our, theirs := range n {
		if value, ok := fields[theirs]; ok {
			ours[our] = plainText(value)
		}
	}
	return ours
}

func (s *settings) readNames(m map[string]string) error {
	for _, of := range []struct {
		name string
		into *map[string]string
	}{{"field_names", (*map[string]string)(&s.names)}, {"extra_fields", &s.extra}} {
		if m[of.name] != "" && json.Unmarshal([]byte(m[of.name]), of.into) != nil {
			return gateway.BadSetting(of.name, "须为 JSON 对象，值均为文本。", "must be a JSON object of texts.")
		}
	}
	return nil
}

// codePrefix is what a tranCode may begin with.
var codePrefix = regexp.MustCompile(`^[0-9A-Za-z_]{1,20}$`)

func (s *settings) readForms(m map[string]string) error {
	minutes, err := strconv.Atoi(cmp.Or(m["window_minutes"], windowMinutes))
	if err != nil || minutes < 1 || minutes > 24*60 {
		return gateway.BadSetting("window_minutes", "须为 1 至 1440 的整数。", "must be a whole number from 1 to 1440.")
	}
	s.window = time.Duration(minutes) * time.Minute
	s.subjectBytes, err = strconv.Atoi(cmp.Or(m["subject_bytes"], subjectBytes))
	if err != nil || s.subjectBytes < 12 || s.subjectBytes > 256 {
		return gateway.BadSetting("subject_bytes", "须为 12 至 256 的整数。", "must be a whole number from 12 to 256.")
	}
	if !codePrefix.MatchString(s.prefix) {
		return gateway.BadSetting("tran_code_prefix", "须为字母、数字或下划线。", "must be letters, digits or underscores.")
	}
	if s.codes, err = gateway.ReadCodeKinds(m, "code_kinds", doneCodes, paying); err != nil {
		return err
	}
	s.statement, err = readStatementForm(m)
	return err
}
