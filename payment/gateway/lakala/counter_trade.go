package lakala

import (
	"cmp"
	"slices"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// settling is how long a trade that is under way may still end well after its order has ended: the institution itself
// asks a wallet or a bank for about two hours.
const settling = 2 * time.Hour

// counterTrade is one trade of a counter order. The field auth_code, which is the agreement of a quick payment and no
// authorisation of a card, is not read.
type counterTrade struct {
	tradeNo, logNo, tradeRefNo           string
	tradeType, tradeStatus               string
	amount                               money.Fen
	user1, user2                         string
	busiType, payMode                    string
	tradeTime                            string
	accountNo, accountBank, accType      string
	clientBatchNo, clientSeqNo, originNo string
}

// readCounterTrade reads a trade; an answer calls its log_no log_No.
func readCounterTrade(f gateway.Fields) counterTrade {
	t := counterTrade{
		tradeNo: f.Text("trade_no"), tradeRefNo: f.Text("trade_ref_no"), tradeType: f.Text("trade_type"),
		tradeStatus: f.Text("trade_status"),
		amount:      cents(f, "trade_amount"), user1: f.Text("user_id1"), user2: f.Text("user_id2"),
		busiType: f.Text("busi_type"), payMode: f.Text("pay_mode"),
		tradeTime: f.Text("trade_time"), accountNo: f.Text("payer_account_no"),
		accountBank: f.Text("payer_account_bank"), accType: f.Text("acc_type"),
		clientBatchNo: f.Text("client_batch_no"), clientSeqNo: f.Text("client_seq_no"),
		originNo: f.Text("origin_trade_no"),
	}
	t.logNo = logNo(cmp.Or(f.Text("log_no"), f.Text("log_No")), t.tradeNo)
	return t
}

// paid, gaveBack, underWay, reversed and voids say what a trade is: 消费成功; 退款成功; 处理中, 发送超时 or 预记状态; 被冲正; 撤销成功.
func (t counterTrade) paid() bool { return t.tradeType == "PAY" && t.tradeStatus == "S" }

func (t counterTrade) gaveBack() bool { return t.tradeType == "REFUND" && t.tradeStatus == "S" }

func (t counterTrade) underWay() bool { return t.tradeType == "PAY" && t.open() }

func (t counterTrade) open() bool { return slices.Contains([]string{"P", "T", "U"}, t.tradeStatus) }

func (t counterTrade) reversed() bool { return t.tradeType == "PAY" && t.tradeStatus == "C" }

func (t counterTrade) voids() bool { return t.tradeType == "CANCEL" && t.tradeStatus == "S" }

// of reports whether a trade that takes back is of a payment: it names that, or none.
func (t counterTrade) of(paid counterTrade) bool {
	return t.originNo == "" || t.originNo == paid.tradeNo
}

// earlier compares trades by their time.
func earlier(a, b counterTrade) int {
	return momentIfTold(a.tradeTime).Compare(momentIfTold(b.tradeTime)) // one without a time is the first
}

// way tells with what and how a trade was paid, and by whom. Nothing is said of ways that are not offered.
func (t counterTrade) way() (gateway.Wallet, gateway.Method, string) {
	switch t.busiType {
	case "UPCARD", "WK": // 银行卡, 外卡
		return gateway.WalletCard, gateway.CardPresent, ""
	case "SCPAY":
		wallet := walletsOf[t.payMode]
		if wallet == gateway.WalletWeChat {
			return wallet, gateway.Native, t.user1
		}
		return wallet, gateway.Native, t.user2
	}
	return "", "", t.user2
}
