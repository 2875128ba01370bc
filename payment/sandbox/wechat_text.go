package sandbox

import (
	"net/http"
	"unicode"
	"unicode/utf8"
)

// wechatText is a text in a request, and what the institution takes of it, in bytes.
type wechatText struct {
	source, name string // where it stands, and what the institution's error calls it
	text         string
	least, most  int
}

// check refuses a text by the number of its bytes, in the institution's words. That characters outside the Basic
// Multilingual Plane (emoji) are not supported is third-party knowledge; control characters are refused with them.
func (t wechatText) check() *wechatError {
	refuse := func(why string, args ...any) *wechatError {
		args = append([]any{t.source, t.name}, args...)
		return wxErr(http.StatusBadRequest, "PARAM_ERROR", "输入源“/body/%s”映射到值字段“%s”字符串规则校验失败，"+why, args...)
	}
	switch n := len(t.text); {
	case n < t.least:
		return refuse("字节数 %d，小于最小值 %d", n, t.least)
	case n > t.most:
		return refuse("字节数 %d，大于最大值 %d", n, t.most)
	}
	for _, c := range t.text {
		if c > 0xffff || c == utf8.RuneError || unicode.IsControl(c) {
			return refuse("不支持的字符 %U", c)
		}
	}
	return nil
}

// refusedText is the first of several texts that is refused, or nil.
func refusedText(texts ...wechatText) *wechatError {
	for _, t := range texts {
		if failed := t.check(); failed != nil {
			return failed
		}
	}
	return nil
}

func description(text string) wechatText {
	return wechatText{"description", "商品描述", text, 1, 127}
}

func attach(text string) wechatText { return wechatText{"attach", "附加数据", text, 0, 128} }
