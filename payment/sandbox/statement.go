package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"linlipay/money"
)

// publisher is an institution that publishes a statement of a day.
type publisher interface {
	// publish is the file of a merchant's day, from its lines: its name and its content.
	publish(m *merchant, day time.Time, lines []Line) (name string, content []byte, err error)
}

// statementLines are a merchant's lines of a day of Shanghai, oldest first, with the faults that wait for the
// statement.
func (s *Sandbox) statementLines(institution string, m *merchant, day time.Time) []Line {
	var lines []Line
	for _, line := range s.bank.ledger.all() {
		if line.of(institution, m, day) {
			lines = append(lines, s.spoilt(line)...)
		}
	}
	return lines
}

// of reports whether a line is of an institution's merchant and of a day.
func (l Line) of(institution string, m *merchant, day time.Time) bool {
	return l.Institution == institution && l.Merchant == m.ID &&
		l.At.In(shanghai).Format(time.DateOnly) == day.Format(time.DateOnly)
}

// spoilt is what a statement has for a line of the ledger.
func (s *Sandbox) spoilt(line Line) []Line {
	how, _ := s.faults.strike(occasion{line.Institution, line.OutTradeNo, "statement"}, RowMissing, RowExtra,
		RowDifferent)
	switch how.Fault {
	case RowMissing:
		return nil
	case RowExtra:
		extra := line
		extra.OutTradeNo, extra.TransactionID, extra.Card, extra.RefundNo, extra.RefundID = "X"+randomHex(8),
			digits(randomHex(16), len(line.TransactionID)), nil, "", ""
		extra.TakenFen, extra.GivenBackFen = max(line.TakenFen, line.GivenBackFen), 0
		return []Line{line, extra}
	case RowDifferent:
		more := func(amount *money.Fen) {
			if *amount > 0 {
				*amount++
			}
		}
		more(&line.TakenFen)
		more(&line.GivenBackFen)
	}
	return []Line{line}
}

// statement hands out the file of a day: where an institution puts it on a server that only the merchant reaches
// (SFTP), this stands for that.
func (s *Sandbox) statement(w http.ResponseWriter, r *http.Request) {
	day, err := time.ParseInLocation(time.DateOnly, r.PathValue("day"), shanghai)
	name := r.PathValue("institution")
	m := s.keys.merchantBy(name, func(m *merchant) bool { return m.ID == r.PathValue("merchant") })
	if err != nil || m == nil {
		refuse(w, http.StatusNotFound, errors.New("没有这份对账单 (there is no such statement)"))
		return
	}
	house, ok := s.house(name).(publisher)
	if !ok {
		refuse(w, http.StatusNotFound, errors.New("该机构不在此处提供对账单 (this institution publishes no statement here)"))
		return
	}
	file, content, err := house.publish(m, day, s.statementLines(name, m, day))
	if err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", file))
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(content)
}
