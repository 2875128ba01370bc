package app

import (
	"fmt"

	"linlipay/host"
)

// checkBaseURL says what is wrong with the address where payers and institutions reach us: it is put in front of paths
// and handed to institutions and browsers, which must all read the same host in it.
func checkBaseURL(address string, trial bool) error {
	bad := func(why string) error {
		return fmt.Errorf("LINLIPAY_BASE_URL is %q: %s", address, why)
	}
	u, where, err := host.ParseAddress(address)
	switch {
	case err != nil:
		return bad(err.Error())
	case address != u.Scheme+"://"+u.Host:
		return bad("it must be an address such as https://pay.example.com, with nothing before or after the host " +
			"but a port")
	case !trial && (u.Scheme != "https" || where != host.Public):
		return bad("institutions notify only https addresses that they can reach (LINLIPAY_SANDBOX=true allows " +
			"others for a trial)")
	case trial && where == host.Public:
		return bad("LINLIPAY_SANDBOX=true shows one-time codes to whoever asks, so that it is for an address of " +
			"this machine or of a private network alone")
	}
	return nil
}
