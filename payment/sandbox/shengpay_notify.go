package sandbox

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// notifyPaid sends PAY_SUCCESS for a paid trade.
func (s *shengpay) notifyPaid(t trade) {
	s.notify(notice{trade: t, url: t.NotifyURL}, s.view(t))
}

// notifyRefund says how a refund ended.
func (s *shengpay) notifyRefund(t trade, r refund) {
	s.notify(notice{trade: t, refund: &r, url: r.NotifyURL}, shengpayRefundView(t, r))
}

func (s *shengpay) notify(n notice, says map[string]string) {
	if n.url == "" {
		return
	}
	n.id, n.schedule, n.timeout = "SP"+randomHex(13), shengpaySchedule(), 10*time.Second
	n.accepted = func(status int, body []byte) bool {
		return status == http.StatusOK && strings.TrimSpace(string(body)) == "SUCCESS"
	}
	n.build = func(n notice, how Script) (http.Header, []byte, error) {
		return s.notification(n, maps.Clone(says), how)
	}
	s.sender.send(n)
}

// notification signs one delivery; how spoils it. A stale one cannot be told from any other: the protocol has no time
// of sending.
func (s *shengpay) notification(n notice, p map[string]string, how Script) (http.Header, []byte, error) {
	p["returnCode"], p["resultCode"], p["nonceStr"], p["signType"] = "SUCCESS", "SUCCESS", randomHex(16),
		shengpaySignType(n.trade)
	switch how.Fault {
	case WrongAmount:
		p["totalFee"] = strconv.FormatInt(int64(n.trade.Amount)+1, 10)
		if n.refund != nil {
			p["refundFee"] = strconv.FormatInt(int64(n.refund.Amount)+1, 10)
		}
	case WrongMerchant:
		p["mchId"] = "3009999999"
	}
	body, err := s.signed(p, how)
	return http.Header{"Content-Type": {"application/json;charset=UTF-8"}}, body, err
}
