package merchant

import (
	"strings"

	"linlipay/fault"
	"linlipay/host"
	"linlipay/payment/gateway"
)

// atInstitution is the Invalid fault of the first setting that sends requests to a host which is not the
// institution's: not among those that its gateway declares, nor those that whoever runs the machine added, nor, in a
// trial, this machine.
func (s *Service) atInstitution(acc gateway.Account) error {
	d, ok := s.gateways[acc.Institution].(gateway.Described)
	if !ok {
		return nil
	}
	for _, setting := range d.Settings() {
		address := acc.Settings[setting.Name]
		if len(setting.Hosts) == 0 || address == "" {
			continue
		}
		u, place, err := host.ParseAddress(address)
		switch {
		case err != nil:
			return gateway.BadSetting(setting.Name, "须为 https 地址。", "must be an https address.")
		case place == host.Loopback && s.cfg.Sandbox:
			continue
		case place == host.Loopback:
			return fault.New(fault.Invalid, "商户号指向本机沙箱，正式环境不允许。",
				"The account points at a sandbox on this machine, which is refused in production.").
				With("field", setting.Name)
		case u.Scheme != "https" || !holds(setting.Hosts, u.Host) && !holds(s.cfg.Hosts[acc.Institution], u.Host):
			return notAnInstitutions(setting)
		}
	}
	return nil
}

// notAnInstitutions is the fault of an address at a host that is none of the setting's.
func notAnInstitutions(d gateway.Setting) error {
	return gateway.BadSetting(d.Name,
		"不是该支付渠道的地址，只能使用："+strings.Join(d.Hosts, "、")+"。其他地址须由服务器管理员用 LINLIPAY_INSTITUTION_HOSTS 添加。",
		"is no address of the institution; its hosts are "+strings.Join(d.Hosts, ", ")+
			". Whoever runs the server adds others with LINLIPAY_INSTITUTION_HOSTS.")
}

func holds(hosts []string, host string) bool {
	for _, h := range hosts {
		if strings.EqualFold(h, host) {
			return true
		}
	}
	return false
}
