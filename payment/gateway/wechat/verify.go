package wechat

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"

	gp "github.com/go-pay/gopay/wechat/v3"
)

// window is how far a signature's time may be from ours, as the institution demands.
const window = 5 * time.Minute

// verify checks the institution's signature over raw bytes: timestamp, nonce and body, each followed by a line feed.
func (k keys) verify(h http.Header, body []byte, now time.Time) error {
	serial, timestamp := h.Get("Wechatpay-Serial"), h.Get("Wechatpay-Timestamp")
	if len(k[serial]) == 0 {
		return fmt.Errorf("wechat: signed with unknown key %q", serial)
	}
	if !timely(timestamp, now) {
		return fmt.Errorf("wechat: the signature's time %q is not within %v of ours", timestamp, window)
	}
	signature := h.Get("Wechatpay-Signature")
	_, err := base64.StdEncoding.DecodeString(signature)
	if err != nil { // gopay verifies what stands before the fault
		return fmt.Errorf("wechat: the signature is not base64: %w", err)
	}
	for _, key := range k[serial] {
		if err = gp.V3VerifySignByPK(timestamp, h.Get("Wechatpay-Nonce"), string(body), signature, key); err == nil {
			return nil
		}
	}
	return err
}

// timely reports whether a time, in seconds since 1970, is within the window.
func timely(timestamp string, now time.Time) bool {
	sec, err := strconv.ParseInt(timestamp, 10, 64)
	return err == nil && now.Sub(time.Unix(sec, 0)).Abs() <= window
}
