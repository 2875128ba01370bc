package sandbox

// restore makes the paid trades and the refunds of an earlier run known again, so that a merchant who missed an answer
// or a notification can still ask. The refunds come with the state last written of them; the ledger has the last word
// on money that went back.
func (b *bank) restore(k *keyring) {
	lines := b.ledger.all()
	for _, line := range lines {
		if line.TakenFen > 0 {
			b.restoreTrade(k, line)
		}
	}
	latest := map[string]*refund{}
	for _, r := range b.refundLog.all() {
		if was, ok := latest[r.ID]; ok {
			*was = r
			continue
		}
		latest[r.ID] = &r
		b.remember(&r)
		b.serial++
	}
	for _, line := range lines {
		b.restoreGivenBack(line)
		if line.Card != nil && line.RefundNo == "" {
			b.restoreBatch(line)
		}
	}
}

func (b *bank) restoreTrade(k *keyring, line Line) {
	m := k.merchantBy(line.Institution, func(m *merchant) bool { return m.ID == line.Merchant })
	if m == nil {
		return
	}
	t := &trade{
		ID: randomHex(8), Institution: line.Institution, Wallet: line.Wallet, Merchant: m, OutTradeNo: line.OutTradeNo,
		TransactionID: line.TransactionID,
		Amount:        line.TakenFen, Kind: line.Kind, Card: line.Card, State: paid, Exists: true, CreatedAt: line.At,
		PaidAt: line.At,
	}
	if t.Wallet == "" {
		t.Wallet = b.houses[line.Institution].wallets[0] // a line of a version that knew no wallets
	}
	t.Payer = payerOf(m, t.Wallet)
	b.byOut[t.key()], b.byText[t.ID] = t, t
	if t.OrderNo = line.OrderNo; t.OrderNo != "" {
		b.byText[t.OrderNo] = t
	}
	b.index(t)
	if t.Card != nil {
		b.rememberSlip(t)
	}
	b.serial++
}

func (b *bank) restoreGivenBack(line Line) {
	t := b.byText[line.TransactionID]
	if t == nil || line.GivenBackFen == 0 {
		return
	}
	t.GivenBack, t.BackAt = t.GivenBack+line.GivenBackFen, line.At
	if line.reversal() {
		t.State = revoked
		if t.Card != nil {
			t.Void = line.Card
		}
		return
	}
	asked := refund{Institution: line.Institution, Merchant: line.Merchant, OutTradeNo: line.OutTradeNo,
		OutRefundNo: line.RefundNo}
	if r := b.refunds[b.refundKey(asked)]; r != nil {
		r.State, r.DoneAt = refundDone, line.At
	}
}

// unfinished are the refunds that an earlier run left on their way.
func (b *bank) unfinished() (refunds []refund) {
	for _, r := range b.allRefunds() {
		if r.State == refunding && r.Ends != "" {
			refunds = append(refunds, r)
		}
	}
	return refunds
}
