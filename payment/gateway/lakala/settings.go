package lakala

import (
	"cmp"
	"crypto/rsa"
	"net"
	"net/url"
	"strings"

	"linlipay/payment/gateway"
)

// settings are an account's, with the defaults filled in.
type settings struct {
	appid, serialNo                       string
	privateKey                            *rsa.PrivateKey
	platformKeys                          []*rsa.PublicKey // the newest first
	merchantNo, termNo, vposID, channelID string
	baseURL, requestIP                    string
	tradeBizTp, shopName, refundType      string
	repeatPayAutoRefund                   string
	refundFront                           bool // refunds go through the newer front
	scanBusiTypeParam, cardBusiTypeParam  string
	wechat                                gateway.WechatApp
	codeKinds                             map[string]gateway.CodeMeaning
	device                                device
}

// The addresses and numbers that hold where a setting is empty.
const (
	apiHost = "https://s2.lakala.com"

	someIP       = "127.0.0.1"
	propertyFees = "110A17" // 物业缴费
)

// hosts are the institution's: production, and its test environment.
func hosts() []string { return []string{"s2.lakala.com", "test.wsmsd.cn"} }

// Settings describes an account's settings, by the institution's names.
func (g *Gateway) Settings() []gateway.Setting {
	list := []gateway.Setting{
		{Name: "appid", ZH: "接入应用 APPID（OP 开头）", EN: "APPID (begins OP)", Required: true},
		{Name: "serial_no", ZH: "接入方证书序列号", EN: "Serial number of the merchant's certificate", Required: true},
		{Name: "private_key_pem", ZH: "接入方私钥", EN: "The merchant's private key", Secret: true, PEM: true,
			Required: true},
		{Name: "platform_cert_pem", ZH: "拉卡拉平台证书", EN: "Lakala's platform certificate", PEM: true, Required: true,
			Several: true},
		{Name: "merchant_no", ZH: "商户号", EN: "Merchant number", Required: true},
		{Name: "term_no", ZH: "终端号", EN: "Terminal number", Required: true},
	}
	list = append(list, gateway.WechatAppSettings()...)
	list = append(list, []gateway.Setting{
		{Name: "vpos_id", ZH: "交易设备标识 vpos_id", EN: "vpos_id of the device"},
		{Name: "channel_id", ZH: "渠道号 channel_id", EN: "channel_id"},
		{Name: "shop_name", ZH: "网点名称", EN: "Name of the shop"},
		{Name: "trade_biz_tp", ZH: "业务种类", EN: "Kind of business", Default: propertyFees},
		{Name: "repeat_pay_auto_refund", ZH: "重复支付自动退货（0 或 1）", EN: "Give repeated payments back by itself (0 or 1)",
			Default: "1"},
		{Name: "refund_type", ZH: "银行卡退货模式 refund_type", EN: "refund_type of cards"},
		{Name: "refund_front", ZH: "使用新版统一退货接口（0 或 1）", EN: "Give back through the newer refund front (0 or 1)",
			Default: "0"},
		{Name: "request_ip", ZH: "请求方 IP", EN: "IP address that requests name", Default: someIP},
		{Name: "code_kinds", ZH: "补充返回码含义", EN: "What further result codes mean"},
		{Name: "scan_busi_type_param", ZH: "聚合码业务类型 busi_type_param", EN: "busi_type_param of the aggregate QR",
			Default: scanOnly},
		{Name: "card_busi_type_param", ZH: "刷卡业务类型 busi_type_param", EN: "busi_type_param of cards", Default: cardOnly},
		{Name: "device_package", ZH: "收单应用包名", EN: "Package of the application on the terminal",
			Default: devicePackage},
		{Name: "device_activity", ZH: "收单应用 Activity", EN: "Activity of the application on the terminal",
			Default: deviceActivity},
		{Name: "device_appid", ZH: "调用方应用包名", EN: "Package of the calling application", Default: deviceCaller},
		{Name: "device_pay_extras", ZH: "消费调用参数", EN: "Extras of a payment on the terminal", Default: payExtras},
		{Name: "device_void_extras", ZH: "撤销调用参数", EN: "Extras of a void on the terminal", Default: voidExtras},
		{Name: "device_result_fields", ZH: "返回字段名称", EN: "Names of what the terminal hands back"},
		{Name: "base_url", ZH: "接口地址", EN: "API address", Default: apiHost, Hosts: hosts()},
	}...)
	return append(list, gateway.WechatAppAddresses()...)
}

func readSettings(m map[string]string) (settings, error) {
	s := settings{
		appid: m["appid"], serialNo: m["serial_no"], merchantNo: m["merchant_no"], termNo: m["term_no"],
		vposID: m["vpos_id"], channelID: m["channel_id"],
		requestIP: cmp.Or(m["request_ip"], someIP), tradeBizTp: cmp.Or(m["trade_biz_tp"], propertyFees),
		shopName: m["shop_name"], refundType: m["refund_type"],
		repeatPayAutoRefund: cmp.Or(m["repeat_pay_auto_refund"], "1"), refundFront: m["refund_front"] == "1",
		scanBusiTypeParam: cmp.Or(m["scan_busi_type_param"], scanOnly),
		cardBusiTypeParam: cmp.Or(m["card_busi_type_param"], cardOnly),
	}
	if err := gateway.NeedSettings(m, "appid", "serial_no", "private_key_pem", "platform_cert_pem", "merchant_no",
		"term_no"); err != nil {
		return s, err
	}
	if f := m["refund_front"]; f != "" && f != "0" && f != "1" {
		return s, gateway.BadSetting("refund_front", "须为 0 或 1。", "must be 0 or 1.")
	}
	if err := s.check(); err != nil {
		return s, err
	}
	if err := s.addresses(m); err != nil {
		return s, err
	}
	if err := s.keys(m); err != nil {
		return s, err
	}
	var err error
	if s.codeKinds, err = gateway.ReadCodeKinds(m, "code_kinds", []string{labsDone, done}); err != nil {
		return s, err
	}
	s.device, err = readDevice(m)
	return s, err
}

// check refuses what cannot be sent as it stands.
func (s settings) check() error {
	switch {
	case strings.ContainsAny(s.appid, "\"\r\n"):
		return gateway.BadSetting("appid", "含有不能使用的字符。", "holds a character that no header can carry.")
	case strings.ContainsAny(s.serialNo, "\"\r\n"):
		return gateway.BadSetting("serial_no", "含有不能使用的字符。", "holds a character that no header can carry.")
	case net.ParseIP(s.requestIP) == nil:
		return gateway.BadSetting("request_ip", "不是 IP 地址。", "is not an IP address.")
	case s.repeatPayAutoRefund != "0" && s.repeatPayAutoRefund != "1":
		return gateway.BadSetting("repeat_pay_auto_refund", "须为 0 或 1。", "must be 0 or 1.")
	}
	return nil
}

// addresses reads where the institution and WeChat are asked.
func (s *settings) addresses(m map[string]string) (err error) {
	if s.baseURL, err = gateway.AddressIn(m, "base_url", apiHost); err != nil {
		return err
	}
	s.baseURL = strings.TrimSuffix(s.baseURL, "/")
	if u, err := url.Parse(s.baseURL); err != nil || u.RawQuery != "" || u.Fragment != "" {
		return gateway.BadSetting("base_url", "只能包含主机和路径。", "may have a host and a path only.")
	}
	s.wechat, err = gateway.WechatAppIn(m)
	return err
}

// keys reads the merchant's own key and every key of the institution's that is valid while it is being replaced.
func (s *settings) keys(m map[string]string) (err error) {
	if s.privateKey, err = gateway.SigningKeyIn(m, "private_key_pem"); err != nil {
		return err
	}
	infos, err := gateway.PublicKeysIn(m, "platform_cert_pem")
	for _, k := range infos {
		s.platformKeys = append(s.platformKeys, k.Public)
	}
	return err
}
