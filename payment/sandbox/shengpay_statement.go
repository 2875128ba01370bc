package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"time"
)

func (s *shengpay) asked(fields map[string]string) (cardCall, error) {
	asked, _, err := s.askedGeneric("shengpay", fields)
	return asked, err
}

// readCard plays the application that takes cards for Shengpay: in the generic form.
func (s *shengpay) readCard(in swipe) (map[string]string, error) {
	return s.readGeneric("shengpay", in)
}

// bill answers with the card payments of a day. A day is published once it is over; one without any has no statement.
func (s *shengpay) bill(m *merchant, p map[string]string) (map[string]string, *shengpayFailure) {
	day, err := time.ParseInLocation("20060102", p["billDate"], shanghai)
	if err != nil {
		return nil, &shengpayFailure{shengpayBadParam, "billDate 不正确"}
	}
	var lines []Line
	for _, line := range s.statementLines("shengpay", m, day) {
		if line.Card != nil {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 || s.cfg.Now().Before(day.AddDate(0, 0, 1)) {
		return nil, &shengpayFailure{shengpayNoBill, "对账单不存在"}
	}
	_, text, err := s.publish(m, day, lines)
	if err != nil {
		return nil, &shengpayFailure{shengpaySystem, "系统异常"}
	}
	return map[string]string{"mchId": m.ID, "billDate": p["billDate"],
		"fileContent": base64.StdEncoding.EncodeToString(text)}, nil
}

// publish is a day's statement of card payments: CSV under the titles that another acquirer publishes. Assumption.
func (s *shengpay) publish(m *merchant, day time.Time, lines []Line) (string, []byte, error) {
	var text bytes.Buffer
	rows := csv.NewWriter(&text)
	rows.Write([]string{"商户号", "终端号", "交易时间", "交易类型", "交易批次号", "凭证号", "参考号", "卡号", "卡类别", "发卡行名称", "交易金额", "交易单号",
		"订单号", "授权码"})
	for _, line := range lines {
		if line.Card == nil {
			continue
		}
		kind, amount := "消费", line.TakenFen
		if line.GivenBackFen > 0 {
			kind, amount = "撤销", -line.GivenBackFen
		}
		c := line.Card
		rows.Write([]string{m.ID, c.Terminal, line.At.In(shanghai).Format(time.DateTime), kind, c.BatchNo, c.TraceNo,
			c.ReferenceNo, c.Masked, c.Type, c.Issuer,
			signedYuan(amount), line.TransactionID, line.OutTradeNo, c.AuthCode})
	}
	rows.Flush()
	return m.ID + "_" + day.Format("20060102") + ".csv", text.Bytes(), rows.Error()
}
