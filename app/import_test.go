package app

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"linlipay/billing"
	"linlipay/seal"
)

// The command line says by its exit code whether a row is left over, changes nothing in a trial, and takes what waits
// only where it is named. A line is one after the other.
func TestImportAndItsExitCode(t *testing.T) {
	dir := t.TempDir()
	env := append(os.Environ(), asCommand+"=1", "LINLIPAY_STORE=sqlite:"+dir, "LINLIPAY_SECRET_KEY="+seal.NewKey(),
		"LINLIPAY_SANDBOX=true")
	heads := []any{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额", "状态"}
	row := func(owner, phone, amount, status string) []any {
		return []any{"阳光里", "1栋", "1单元", "101", owner, phone, "物业费", "2026-11", amount, status}
	}
	file := func(rows ...[]any) string {
		path := filepath.Join(t.TempDir(), "bills.xlsx")
		writeSheet(t, path, append([][]any{heads}, rows...))
		return path
	}
	first, paid := file(row("王小明", "13800000001", "10.00", "")), file(row("王小明", "13800000001", "10.00", "已缴"))
	owner := file(row("李四", "13900000002", "10.00", "已缴"))
	text := filepath.Join(t.TempDir(), "bills.xlsx")
	if err := os.WriteFile(text, []byte("小区,房号\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(t.TempDir(), "report.xlsx")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"import", first, "--trial"}, 0, "试导入"},
		{[]string{"import", owner, "--trial"}, 0, "导入 1 行"}, // nothing of the trial before is there
		{[]string{"import", first}, 0, "导入 1 行"},
		{[]string{"import", first}, 0, "重复 1 行"},
		{[]string{"import", paid, "--report", report}, 2, "不一致 1 行"},
		{[]string{"import", paid, "--trial", "--take", "paid"}, 0, "试导入"},
		{[]string{"import", paid}, 2, "不一致 1 行"},
		{[]string{"import", paid, "--take", "paid"}, 0, "按已缴更新"},
		{[]string{"import", owner}, 2, "待确认 1 行"},
		{[]string{"import", owner, "--take", "owners,paid", "--json"}, 0, `"warning":1`},
		{[]string{"import", owner, "--take", "everything"}, 1, "owners"},
		{[]string{"import", text}, 1, "CSV"},
	} {
		cmd := exec.Command(os.Args[0], c.args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(out), c.says) {
			t.Errorf("%v: %d, want %d: %s %v", c.args, code, c.code, out, err)
		}
	}
	if raw, err := os.ReadFile(report); err != nil || !bytes.HasPrefix(raw, []byte("PK")) {
		t.Error(err)
	}
	template := filepath.Join(t.TempDir(), "template.xlsx")
	cmd := exec.Command(os.Args[0], "template", template)
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(string(out), err)
	}
	var made bytes.Buffer
	raw, err := os.ReadFile(template)
	if err := billing.WriteTemplate(&made, billing.Chart{}); err != nil {
		t.Fatal(err)
	}
	if err != nil || len(raw) == 0 {
		t.Fatal(err)
	}
}
