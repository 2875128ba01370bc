package webhook

import (
	"fmt"
	"strings"

	"linlipay/host"
)

// ParseHosts reads hosts of private networks that commas part, each as it stands in an address, such as erp.lan:8443.
func ParseHosts(text string) (hosts []string, err error) {
	for _, entry := range strings.Split(text, ",") {
		if entry = strings.ToLower(strings.TrimSpace(entry)); entry == "" {
			continue
		}
		u, place, err := host.ParseAddress("https://" + entry)
		if err != nil || u.Host != entry || place == host.Nowhere {
			return nil, fmt.Errorf("%q is no host such as erp.lan:8443 or 10.0.0.5", entry)
		}
		hosts = append(hosts, entry)
	}
	return hosts, nil
}
