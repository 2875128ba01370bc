package app

import (
	"fmt"
	"strings"

	"linlipay/seal"
)

// box is what seals the store: LINLIPAY_SECRET_KEY, and the keys beside it.
func (c Config) box() (seal.Box, error) {
	if _, err := seal.New(c.SecretKey); err != nil {
		return seal.Box{}, notAKey("LINLIPAY_SECRET_KEY")
	}
	var others []string
	for text := range strings.SplitSeq(c.OtherSecretKeys, ",") {
		if text = strings.TrimSpace(text); text != "" && text != c.SecretKey {
			others = append(others, text)
		}
	}
	box, err := seal.New(c.SecretKey, others...)
	if err != nil {
		return seal.Box{}, notAKey("each of LINLIPAY_OTHER_SECRET_KEYS")
	}
	return box, nil
}

func notAKey(which string) error {
	return fmt.Errorf("%s must be 32 bytes in base64, such as `openssl rand -base64 32` prints", which)
}
