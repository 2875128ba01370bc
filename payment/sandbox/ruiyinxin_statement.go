package sandbox

import (
	"strings"
	"time"
)

func (r *ruiyinxin) asked(fields map[string]string) (cardCall, error) {
	asked, _, err := r.askedGeneric("ruiyinxin", fields)
	return asked, err
}

// readCard plays the application that takes cards for Ruiyinxin: in the generic form.
func (r *ruiyinxin) readCard(in swipe) (map[string]string, error) {
	return r.readGeneric("ruiyinxin", in)
}

// bill is 020 获取对账文件: content holds a day's file. A day is published once it is over.
func (r *ruiyinxin) bill(m *merchant, q smzfQuestion) smzfAnswer {
	day, err := time.ParseInLocation("20060102", q.data["settleDate"], shanghai)
	switch {
	case err != nil || q.data["fileType"] != "1":
		return smzfBad("settleDate、fileType")
	case r.cfg.Now().Before(day.AddDate(0, 0, 1)):
		return smzfRefused(smzfNoBill, "对账文件未生成")
	}
	_, content, err := r.publish(m, day, r.statementLines("ruiyinxin", m, day))
	if err != nil {
		return smzfRefused(smzfSystem, "系统异常")
	}
	return smzfAnswer{"S", smzfDone, "交易成功", "", map[string]string{"settleDate": q.data["settleDate"], "fileType": "1",
		"content": string(content)}}
}

// smzfSection parts the sections of a file.
const smzfSection = "########\n"

// publish is a day's file: the payments and refunds by wallet in the columns that third parties show, without titles;
// then the card payments, under titles that are an assumption and that a day without any has too.
func (r *ruiyinxin) publish(m *merchant, day time.Time, lines []Line) (string, []byte, error) {
	var scans, swipes strings.Builder
	smzfRow(&swipes, []string{"商户号", "终端号", "交易时间", "交易类型", "交易批次号", "凭证号", "参考号", "卡号", "卡类别", "发卡行名称", "交易金额", "交易单号",
		"订单号"})
	for _, line := range lines {
		if line.Wallet == BankCard {
			smzfRow(&swipes, smzfCardRow(m, line))
			continue
		}
		smzfRow(&scans, smzfScanRow(m, line))
	}
	return m.App + "_" + day.Format("20060102") + ".txt", []byte(scans.String() + smzfSection + swipes.String()), nil
}

// smzfRow writes a row; what would part columns or rows is left out of a value.
func smzfRow(into *strings.Builder, values []string) {
	clean := strings.NewReplacer("|", "", "\n", "", "\r", "")
	for i, v := range values {
		if i > 0 {
			into.WriteByte('|')
		}
		into.WriteString(clean.Replace(v))
	}
	into.WriteByte('\n')
}

// smzfScanRow has the columns cooperator, merchantCode, smzfMsgId, reqMsgId, amount, settleDate, respType, respCode,
// respMsg, transactionType, oriReqMsgId, fee, payWay, payType, drawBatchNo, shfee, payScene, storeId and terminalId.
func smzfScanRow(m *merchant, line Line) []string {
	id, number, original, amount, kind := line.TransactionID, line.OutTradeNo, "", line.TakenFen, "SMZF"+line.Kind
	switch {
	case line.reversal():
		number, original, amount, kind = "", line.OutTradeNo, line.GivenBackFen, "SMZF005"
	case line.GivenBackFen > 0:
		id, number, original, amount, kind = line.RefundID, line.RefundNo, line.OutTradeNo, line.GivenBackFen, "SMZF004"
	}
	return []string{m.App, m.ID, id, number, amount.Yuan(), line.At.In(shanghai).Format("20060102"), "S", smzfDone,
		"交易成功", kind, original,
		"0.00", smzfPayWays()[line.Wallet], "1", "WTX", "0.00", "", "", ""}
}

// smzfCardRow is a card payment or a void. A payment that nobody made (a fault's) has no slip: one is made up.
func smzfCardRow(m *merchant, line Line) []string {
	slip := Slip{ReferenceNo: digits(randomHex(8), 12), Masked: "620000******0000", Type: "00",
		Terminal: genericTerminal(m)}
	if line.Card != nil {
		slip = *line.Card
	}
	kind, amount := "消费", line.TakenFen
	if line.GivenBackFen > 0 {
		kind, amount = "消费撤销", line.GivenBackFen
	}
	return []string{m.ID, slip.Terminal, line.At.In(shanghai).Format(time.DateTime), kind, slip.BatchNo, slip.TraceNo,
		slip.ReferenceNo, slip.Masked, slip.Type,
		slip.Issuer, amount.Yuan(), line.TransactionID, line.OutTradeNo}
}
