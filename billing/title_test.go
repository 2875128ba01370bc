package billing

import (
	"fmt"
	"strings"
	"testing"
)

// What the wallet shows says whose home it is and what for, within what every institution takes. A line a trap.
func TestTitlesInWallets(t *testing.T) {
	const home = "10栋 1单元 101"
	for _, c := range []struct {
		community, label, fee string
		bills                 int
		want                  string
	}{
		{"锦绣江南", home, "物业费", 1, "锦绣江南 10栋 1单元 101 物业费 2026年11月"},
		{"梧桐苑", home, "物业费", 3, "梧桐苑 10栋 1单元 101 物业费 2026年11月等3项"},
		{"", home, "物业费", 1, "10栋 1单元 101 物业费 2026年11月"}, // the community cannot be read now
		{"内蒙古自治区呼和浩特市赛罕区锦绣江南国际花园二期东区", home, "物业费", 12, "内蒙古自治区呼和浩特… 10栋 1单元 101 物业费 2026年11月等12项"},
		{"锦绣江南", home, "地下车库固定车位管理服务费及公摊水电费", 1, "锦绣江南 10栋 1单元 101 地下车库固定车位管理服务费… 2026年11月"},
		{"内蒙古自治区呼和浩特市赛罕区锦绣江南国际花园", home, "地下车库固定车位管理服务费", 200, "内蒙古自治区… 10栋 1单元 101 地下车库固… 2026年11月等200项"},
	} {
		bills := make([]*Bill, c.bills)
		for i := range bills {
			bills[i] = &Bill{Fee: c.fee, Period: fmt.Sprintf("2026-%02d", 11+i%2)}
		}
		got := title(c.community, c.label, bills, false)
		if got != c.want {
			t.Errorf("%s of %s is %q, want %q", c.fee, c.community, got, c.want)
		}
		if length(got) > titleLength || len(got) > 127 {
			t.Errorf("%q has %d characters and %d bytes", got, length(got), len(got))
		}
	}
	if got := title("梧桐苑", home, []*Bill{{Fee: "物业费", Period: "2026-11"}}, true); got !=
		"梧桐苑 10栋 1单元 101 物业费 2026年11月（部分）" {
		t.Errorf("a part is called %q", got)
	}
	got := title("锦绣江南", strings.Repeat("长", 60), []*Bill{{Fee: "水费", Period: "2026-01"}}, false)
	if !strings.HasPrefix(got, "长") {
		t.Errorf("a long label gave way: %q", got)
	}
}
