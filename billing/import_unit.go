package billing

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"linlipay/property"
	"linlipay/workbook"
)

// unit reads the unit of a row. The same label with another owner is somebody's mistake, and nobody here can tell
// whose.
func (in *intake) unit(c cells) (property.Unit, *problem) {
	u := property.Unit{Company: in.how.Company}
	var name string
	for _, f := range []struct {
		to   *string
		from func(column) (string, *problem)
		of   column
	}{
		{&name, c.text, colCommunity}, {&u.Building, c.place, colBuilding}, {&u.Entrance, c.place, colEntrance},
		{&u.Room, c.place, colRoom}, {&u.Owner, c.text, colOwner},
	} {
		var bad *problem
		if *f.to, bad = f.from(f.of); bad != nil {
			return u, bad
		}
	}
	if property.Compact(name) == "" || property.Compact(u.Room) == "" { // a stroke says that there is none
		_, at := c.cell(map[bool]column{true: colCommunity, false: colRoom}[property.Compact(name) == ""])
		return u, no(at, "缺少小区或房号", "community or room is missing")
	}
	if !u.Settle() {
		_, at := c.cell(colRoom)
		return u, no(at, "房号里写的楼栋、单元与「"+strings.TrimSpace(u.Building+" "+u.Entrance)+
			"」不一致；请改成一致，或在房号一列只写房号，如 101",
			"the room names another building or entrance than the columns beside it; write both alike, or the room "+
				"alone")
	}
	u.Community = property.CommunityID(in.how.Company, name)
	if len(in.how.Communities) > 0 && !slices.Contains(in.how.Communities, u.Community) {
		_, at := c.cell(colCommunity)
		return u, no(at, "小区不在您的管理范围内", "the community is not within your reach")
	}
	u.Label = strings.Join(slices.DeleteFunc([]string{suffixed(u.Building, "栋"), suffixed(u.Entrance, "单元"), u.Room},
		func(s string) bool {
			return s == ""
		}), " ")
	u.ID = property.UnitID(u.Community, u.Building, u.Entrance, u.Room)
	if i, ok := in.known[u.ID]; ok && u.Owner != "" &&
		in.units[i].Owner != "" && property.Compact(in.units[i].Owner) != property.Compact(u.Owner) {
		_, at := c.cell(colOwner)
		return u, no(at, fmt.Sprintf("房号重复：%s 已登记业主 %s", u.Label, in.units[i].Owner),
			"the unit is listed with another owner")
	}
	if in.community(u.Community).ID == "" {
		if len(in.communities) >= mostCommunities {
			_, at := c.cell(colCommunity)
			return u, no(at, fmt.Sprintf("一个工作簿最多 %d 个小区，请检查这一列", mostCommunities),
				fmt.Sprintf("a workbook has at most %d communities; look at this column", mostCommunities))
		}
		in.communities = append(in.communities, property.Community{ID: u.Community, Company: in.how.Company,
			Name: name})
	}
	return u, nil
}

// inName is a building that stands behind the name of a community.
var inName = regexp.MustCompile(`\d+(栋|幢|号楼|座|单元)$`)

// buildingInName names a community whose name seems to have the building in it, while no column has one.
func (c cells) buildingInName() *problem {
	v, at := c.cell(colCommunity)
	building, _ := c.cell(colBuilding)
	if building.Kind != workbook.Empty || !inName.MatchString(strings.TrimSpace(property.Fold(v.Value))) {
		return nil
	}
	return no(at, "小区名称里像是写了楼栋，而楼栋一列是空的；小区按「"+seen(v)+"」导入，请核对",
		"the name of the community seems to hold a building, and no column has one; look at it")
}

// mostCommunities is how many communities a workbook may name: with more of them it is another column.
const mostCommunities = 500

// community is one of those that the workbook names.
func (in *intake) community(id string) property.Community {
	i := slices.IndexFunc(in.communities, func(c property.Community) bool { return c.ID == id })
	if i < 0 {
		return property.Community{}
	}
	return in.communities[i]
}

func suffixed(s, suffix string) string {
	if s == "" || !strings.ContainsAny(s[len(s)-1:], "0123456789") {
		return s
	}
	return s + suffix
}

// admit keeps the unit of an accepted row, once; a later row may add what an earlier one lacked.
func (in *intake) admit(u property.Unit) {
	i, ok := in.known[u.ID]
	if !ok {
		in.known[u.ID] = len(in.units)
		in.units = append(in.units, u)
		return
	}
	in.units[i].Owner, in.units[i].Phone = cmp.Or(in.units[i].Owner, u.Owner), cmp.Or(in.units[i].Phone, u.Phone)
}
