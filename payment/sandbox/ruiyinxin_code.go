package sandbox

import "errors"

// smzfByCode is the kind of a payment by code.
const smzfByCode = "003"

// codePay is 003 条码支付. Without payWay the code tells whose it is.
func (r *ruiyinxin) codePay(m *merchant, q smzfQuestion) smzfAnswer {
	wanted, bad := r.fresh(m, q)
	wallet, known := smzfWallet(q.data["payWay"])
	switch {
	case bad != "":
		return smzfBad(bad)
	case q.data["scene"] != "1" || q.data["authCode"] == "":
		return smzfBad("scene、authCode")
	case !known && q.data["payWay"] != "":
		return smzfBad("payWay")
	case known:
		wanted.Wallet = wallet
	default:
		wanted.Wallets = wallets()
	}
	wanted.Kind, wanted.Exists = smzfByCode, true
	wanted.Terms = smzfTerms(wanted, q)
	_, ask := r.faults.strike(occasion{"ruiyinxin", wanted.OutTradeNo, "code"}, UserPaying)
	t, fresh, err := r.bank.present(wanted, q.data["authCode"], ask, false)
	switch {
	case err != nil:
		return smzfCodeRefusal(err)
	case t.Terms != wanted.Terms:
		return smzfRefused(smzfUsed, "请求流水号重复")
	case fresh && t.State == paid:
		r.notifyPaid(t)
	}
	kind, code, text := smzfState(t)
	if t.State == revoked {
		kind, code, text = "E", smzfClosed, "订单已撤销"
	}
	return smzfAnswer{kind, code, text, t.TransactionID, r.paidView(t)}
}

// smzfCodeRefusal: no word of the institution's for a used code is known, so that it is answered like an unknown one.
func smzfCodeRefusal(err error) smzfAnswer {
	switch {
	case errors.Is(err, errCodeUnknown), errors.Is(err, errCodeSpent):
		return smzfRefused(smzfCodeInvalid, "付款码无效")
	case errors.Is(err, errCodeExpired):
		return smzfRefused(smzfCodeExpired, "付款码已过期")
	case errors.Is(err, errBalanceLow):
		return smzfRefused(smzfPayerLow, "用户余额不足")
	}
	return smzfRefused(smzfSystem, "系统异常")
}

// cancel is 005 撤销交易: an unpaid trade is closed, a paid one is given back whole. A repeat is answered alike.
func (r *ruiyinxin) cancel(m *merchant, q smzfQuestion) smzfAnswer {
	t, ok := r.existing(m, q)
	switch {
	case q.data["merchantCode"] == "":
		return smzfBad("merchantCode")
	case !ok:
		return smzfRefused(smzfNoTrade, "原交易不存在")
	case t.State == paid && len(t.refunds) > 0:
		return smzfRefused(smzfNotAllowed, "订单已发生退款，不能撤销")
	}
	if t.State == paid {
		if _, low := r.faults.strike(occasion{"ruiyinxin", t.OutTradeNo, "reverse"}, MerchantBalanceLow); low {
			return smzfRefused(smzfMerchantLow, "商户余额不足")
		}
	}
	if _, err := r.bank.reverse(t.ID, closed); err != nil {
		return smzfRefused(smzfSystem, "系统异常")
	}
	return smzfAnswer{"S", smzfDone, "交易成功", "", map[string]string{"oriReqMsgId": t.OutTradeNo}}
}
