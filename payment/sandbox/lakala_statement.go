package sandbox

import (
	"bytes"
	"encoding/csv"
	"time"

	"linlipay/money"
)

// statementHeader are the columns of a day's statement. Assumption: the institution agrees the layout with each
// merchant and publishes none; these are the fields that its interfaces have, and log_no, which they call 对账单流水号, is
// the key. Amounts are in yuan.
func statementHeader() []string {
	return []string{"交易日期", "交易时间", "商户号", "终端号", "交易类型", "支付方式", "对账单流水号", "拉卡拉交易流水号", "商户订单号", "原拉卡拉交易流水号",
		"商户退款流水号", "参考号", "批次号", "凭证号", "授权码", "卡号", "卡类型", "发卡行", "交易金额", "手续费", "结算金额"}
}

// publish is the file that the merchant finds on the institution's server (SFTP): text in UTF-8, commas, one line for
// each line of the ledger.
func (l *lakala) publish(m *merchant, day time.Time, lines []Line) (string, []byte, error) {
	var text bytes.Buffer
	rows := csv.NewWriter(&text)
	if err := rows.Write(statementHeader()); err != nil {
		return "", nil, err
	}
	for _, line := range lines {
		if err := rows.Write(statementRow(m, line)); err != nil {
			return "", nil, err
		}
	}
	rows.Flush()
	return m.ID + "_" + day.Format("20060102") + ".csv", text.Bytes(), rows.Error()
}

func statementRow(m *merchant, line Line) []string {
	kind, number, origin := "消费", line.TransactionID, ""
	amount := line.TakenFen
	switch {
	case line.reversal():
		kind, number, origin, amount = "撤销", line.TransactionID[:8]+"67"+line.TransactionID[10:], line.TransactionID,
			-line.GivenBackFen
	case line.GivenBackFen > 0:
		kind, number, origin, amount = "退货", line.RefundID, line.TransactionID, -line.GivenBackFen
	}
	slip, way := Slip{Terminal: m.Terminal}, accountType(line.Wallet)
	if line.Card != nil {
		slip, way = *line.Card, "CARD"
	}
	at := line.At.In(shanghai)
	return []string{at.Format("20060102"), at.Format("150405"), m.ID, slip.Terminal, kind, way, logNo(number), number,
		line.OutTradeNo, origin,
		line.RefundNo, slip.ReferenceNo, slip.BatchNo, slip.TraceNo, slip.AuthCode, slip.Masked, slip.Type, slip.Issuer,
		signedYuan(amount), "0.00", signedYuan(amount)}
}

// signedYuan is an amount that may be negative, in yuan.
func signedYuan(amount money.Fen) string {
	if amount < 0 {
		return "-" + (-amount).Yuan()
	}
	return amount.Yuan()
}
