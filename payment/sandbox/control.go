package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"

	"linlipay/money"
)

// controlRoutes are the control API and the wallet page.
func (s *Sandbox) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /scan", s.scan)
	mux.HandleFunc("POST /codes", s.showCode)
	mux.HandleFunc("POST /cards", s.issueCard)
	mux.HandleFunc("POST /cards/present", s.presentCard)
	mux.HandleFunc("POST /cards/calls", s.callReader)
	mux.HandleFunc("GET /cards/calls", s.readerCalls)
	mux.HandleFunc("POST /cards/calls/{id}", s.answerCall)
	mux.HandleFunc("POST /batches/settle", s.settleBatches)
	mux.HandleFunc("GET /statements/{institution}/{merchant}/{day}", s.statement)
	mux.HandleFunc("GET /payments", s.payments)
	mux.HandleFunc("GET /payments/{id}", s.payment)
	mux.HandleFunc("POST /payments/{id}/confirm", s.confirm)
	mux.HandleFunc("POST /payments/{id}/cancel", s.cancel)
	mux.HandleFunc("POST /payments/{id}/refund", s.refundPayment)
	mux.HandleFunc("GET /refunds", s.refunds)
	mux.HandleFunc("POST /refunds/{id}/settle", s.settleRefund)
	mux.HandleFunc("POST /merchants", s.addMerchant)
	mux.HandleFunc("GET /ledger", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.bank.ledger.all()) })
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.faults.list()) })
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		s.faults.clear()
		answer(w, s.faults.list())
	})
	mux.HandleFunc("POST /faults", s.addFault)
	mux.HandleFunc("GET /notifications", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.sender.list()) })
	mux.HandleFunc("POST /notifications/{id}/resend", s.resend)
	mux.HandleFunc("GET /pay/{id}", s.walletPage)
	mux.HandleFunc("GET /{$}", s.walletPage)
	if s.cfg.Wallet != nil {
		mux.Handle("GET /assets/", http.FileServerFS(s.cfg.Wallet))
		mux.Handle("GET /rescue.js", http.FileServerFS(s.cfg.Wallet))
		mux.Handle("GET /favicon.svg", http.FileServerFS(s.cfg.Wallet))
	}
	return fromLoopback(mux)
}

// walletPage is the wallet in which a person scans and pays.
func (s *Sandbox) walletPage(w http.ResponseWriter, _ *http.Request) {
	page := []byte("沙箱钱包页面未随程序构建；可使用控制接口 POST /scan 与 POST /payments/{id}/confirm。\n" +
		"The wallet page is not built in; use POST /scan and POST /payments/{id}/confirm.\n")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if s.cfg.Wallet != nil {
		if built, err := fs.ReadFile(s.cfg.Wallet, "wallet.html"); err == nil {
			page = built
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(page)
}

// Payment is a trade as the payer's wallet shows it.
type Payment struct {
	ID          string     `json:"id"`
	Title       string     `json:"title"`
	AmountFen   money.Fen  `json:"amount_fen"`
	Merchant    string     `json:"merchant"`
	Institution string     `json:"institution"`
	Wallet      Wallet     `json:"wallet"`            // what it is paid with; "" until the payer chooses
	Wallets     []Wallet   `json:"wallets,omitempty"` // those that may pay, where there is a choice
	State       tradeState `json:"state"`
	Waiting     bool       `json:"waiting,omitempty"` // a payment code: the payer is asked for the password
	ReturnURL   string     `json:"return_url,omitempty"`
	// RefundedFen has gone back or is on its way; told of one payment, and of the paid ones.
	RefundedFen money.Fen `json:"refunded_fen,omitempty"`
}

func view(t trade) Payment {
	return Payment{t.ID, t.Title, t.Amount, t.Merchant.ID, t.Institution, t.Wallet, t.Wallets, t.State, t.Asking,
		t.ReturnURL, 0}
}

// account is view with what of the payment went back.
func (s *Sandbox) account(t trade) Payment {
	p := view(t)
	p.RefundedFen = s.bank.promisedOf(t)
	return p
}

func (s *Sandbox) scan(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Content string
		Wallet  Wallet
	}
	if !decode(w, r, &in) {
		return
	}
	t, err := s.scanned(r.Context(), in.Content, in.Wallet)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, view(t))
}

func (s *Sandbox) payment(w http.ResponseWriter, r *http.Request) {
	if t, ok := s.known(w, r); ok {
		answer(w, s.account(t))
	}
}

func (s *Sandbox) known(w http.ResponseWriter, r *http.Request) (trade, bool) {
	t, ok := s.bank.find(r.PathValue("id"))
	if !ok || t.ID != r.PathValue("id") {
		refuse(w, http.StatusNotFound, fmt.Errorf("没有这笔付款 (there is no such payment)"))
		return trade{}, false
	}
	return t, true
}

// confirm takes the payer's money and tells the merchant. A page that was opened in no wallet may name the one to pay
// with.
func (s *Sandbox) confirm(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Wallet Wallet `json:"wallet"`
	}
	t, ok := s.known(w, r)
	if !ok || !decode(w, r, &in) {
		return
	}
	if in.Wallet != "" {
		if _, err := s.bank.choose(t.ID, in.Wallet); err != nil {
			refuse(w, http.StatusConflict, err)
			return
		}
	}
	late := false
	if t.State == closed {
		_, late = s.faults.strike(occasion{institution: t.Institution, out: t.OutTradeNo}, PaidAfterClose)
	}
	t, err := s.bank.pay(t.ID, late)
	if err != nil {
		refuse(w, http.StatusConflict, err)
		return
	}
	s.house(t.Institution).notifyPaid(t)
	answer(w, view(t))
}

// cancel is the payer backing out: a password question fails the payment, anything else stays as it is.
func (s *Sandbox) cancel(w http.ResponseWriter, r *http.Request) {
	if t, ok := s.known(w, r); ok {
		answer(w, view(s.bank.refuse(t.ID)))
	}
}

func (s *Sandbox) addMerchant(w http.ResponseWriter, _ *http.Request) {
	c, err := s.AddMerchant()
	if err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	answer(w, c)
}

func (s *Sandbox) addFault(w http.ResponseWriter, r *http.Request) {
	var in Script
	if !decode(w, r, &in) {
		return
	}
	if err := s.faults.add(in); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, s.faults.list())
}

func (s *Sandbox) resend(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Fault Fault `json:"fault"`
	}
	if !decode(w, r, &in) {
		return
	}
	accepted, err := s.sender.resend(r.PathValue("id"), in.Fault)
	if err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	answer(w, map[string]bool{"accepted": accepted})
}

func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	err := json.NewDecoder(r.Body).Decode(into)
	if err != nil && err != io.EOF {
		refuse(w, http.StatusBadRequest, fmt.Errorf("the body is not the JSON expected: %w", err))
		return false
	}
	return true
}

// fromLoopback lets pages of this machine read the answer: the demo's terminal has cards read here.
func fromLoopback(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); loopbackURL(origin) == nil {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Vary", "Origin")
		}
		h.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(v) // a client that went away is its own concern
}

func refuse(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}
