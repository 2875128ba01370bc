package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"linlipay/money"
)

// codeValid is how long a payment code is valid unless the request says otherwise.
const codeValid = time.Minute

// ShownCode is a payment code as the wallet shows it.
type ShownCode struct {
	Code      string    `json:"code"`
	Wallet    Wallet    `json:"wallet"`
	ExpiresAt time.Time `json:"expires_at"`
}

// showCode has a wallet show a fresh payment code.
func (s *Sandbox) showCode(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Wallet       Wallet     `json:"wallet"`
		BalanceFen   *money.Fen `json:"balance_fen"`
		AskPassword  bool       `json:"ask_password"`
		ValidSeconds *int64     `json:"valid_seconds"`
	}
	if !decode(w, r, &in) {
		return
	}
	valid := codeValid
	if in.ValidSeconds != nil {
		valid = time.Duration(*in.ValidSeconds) * time.Second
	}
	switch {
	case !slices.Contains(wallets(), in.Wallet):
		refuse(w, http.StatusBadRequest, fmt.Errorf("没有钱包 %q (wallet must be one of %v)", in.Wallet, wallets()))
		return
	case valid < 0 || valid > 24*time.Hour || in.BalanceFen != nil && *in.BalanceFen < 0:
		refuse(w, http.StatusBadRequest, errors.New("valid_seconds 或 balance_fen 不正确 (out of range)"))
		return
	}
	c := s.bank.issue(payCode{Wallet: in.Wallet, Balance: in.BalanceFen, Ask: in.AskPassword}, valid)
	answer(w, ShownCode{c.Text, c.Wallet, c.ExpiresAt.UTC()})
}

// payments lists the payments whose payer is asked for the password (waiting=1), oldest first, or the latest paid ones
// (paid=1), newest first.
func (s *Sandbox) payments(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("paid") == "1" {
		s.paidPayments(w)
		return
	}
	if r.URL.Query().Get("waiting") != "1" {
		refuse(w, http.StatusBadRequest, errors.New("只能列出等待输入密码或已付的付款 (only waiting=1 or paid=1 can be listed)"))
		return
	}
	waiting := s.bank.waiting()
	slices.SortFunc(waiting, func(a, b trade) int { return a.CreatedAt.Compare(b.CreatedAt) })
	list := make([]Payment, len(waiting))
	for i, t := range waiting {
		list[i] = view(t)
	}
	answer(w, list)
}
