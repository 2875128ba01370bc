// Command workbook writes the workbooks that the demo imports: the same ones each time. Names, numbers and amounts are
// made up; no phone in the 199 0000 range belongs to anybody.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"linlipay/workbook"
)

func main() {
	out := flag.String("out", "bin", "the directory to write demo.xlsx and demo-two.xlsx to")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "workbook:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	first := []community{{"锦绣花园", 10, 2, 20, 1}, {"阳光里", 8, 2, 25, 2}, {"翠湖天地", 20, 1, 20, 3}} // 400 units each
	if err := ledger(filepath.Join(dir, "demo.xlsx"), first, 1); err != nil {
		return err
	}
	return ledger(filepath.Join(dir, "demo-two.xlsx"), []community{{"梧桐苑", 3, 2, 10, 9}}, 2)
}

// community is one to make: buildings × entrances × rooms units. Its number is part of the phones.
type community struct {
	name                        string
	buildings, entrances, rooms int
	number                      int
}

// months are the 12 up to November 2026, the month of the demo.
func months() []time.Time {
	var times []time.Time
	for i := range 12 {
		times = append(times, time.Date(2025, time.Month(12+i), 1, 0, 0, 0, 0, time.UTC))
	}
	return times
}

func ledger(path string, communities []community, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 7))
	w := &writer{}
	w.line("物业费用台账")
	w.line("小区", "楼栋", "单元", "房号", "业主姓名", "手机号", "费用项目", "账期", "应收金额(元)", "截止日期", "缴费状态", "缴费日期")
	for _, c := range communities {
		c.write(w, random)
	}
	var out bytes.Buffer
	if err := workbook.Write(&out, workbook.Table{Rows: w.rows}); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

type writer struct{ rows [][]any }

func (w *writer) line(cells ...any) { w.rows = append(w.rows, cells) }

func (c community) write(w *writer, random *rand.Rand) {
	n := 0
	for b := range c.buildings {
		for e := range c.entrances {
			for r := range c.rooms {
				n++
				c.unit(w, random, b+1, e+1, fmt.Sprintf("%d%02d", r/2+1, r%2+1), n)
			}
		}
	}
}

func (c community) unit(w *writer, random *rand.Rand, building, entrance int, room string, n int) {
	owner := pick(random, "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "欧阳") +
		pick(random, "伟", "芳", "秀英", "敏", "静", "强", "磊", "洋", "艳", "建国", "桂兰", "晓明", "丽华", "子涵")
	phone := fmt.Sprintf("19900%d%05d", c.number, n)
	area := 60 + random.IntN(90)                    // m²
	owesSince := 12 - random.IntN(4)*random.IntN(3) // most owe little, some much
	parks := random.IntN(3) == 0
	for i, month := range months() {
		line := func(fee string, yuan string) {
			status, paid := "未缴", ""
			if i < owesSince-1 {
				status, paid = "已缴", month.AddDate(0, 0, 4+random.IntN(20)).Format(time.DateOnly)
			}
			due := month.AddDate(0, 1, -1).Format(time.DateOnly)
			w.line(c.name, fmt.Sprintf("%d栋", building), fmt.Sprintf("%d单元", entrance), room, owner, phone, fee,
				month.Format("2006-01"), yuan, due, status, paid)
		}
		line("物业费", fmt.Sprintf("%d.%02d", area*235/100, area*235%100))
		if parks {
			line("停车费", "300.00")
		}
	}
}

func pick(random *rand.Rand, values ...string) string { return values[random.IntN(len(values))] }
