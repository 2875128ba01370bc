package workbook

import (
	"archive/zip"
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"linlipay/fault"
)

// otherFiles are the kinds of files that people take for workbooks, by how they begin: raw, or as text, in whichever
// encoding. The first that fits counts.
var otherFiles = []struct {
	raw    []string // one of these
	text   *regexp.Regexp
	zh, en string
}{
	{raw: []string{"%PDF"}, zh: "这是 PDF，不是 .xlsx，请从原来的系统导出 Excel 再导入。",
		en: "This is a PDF and no .xlsx; export it as Excel where it comes from."},
	{raw: []string{"\x89PNG", "\xff\xd8\xff", "GIF8"}, zh: "这是图片，不是 .xlsx 工作簿，请选择 Excel 文件。",
		en: "This is a picture and no .xlsx workbook; choose an Excel file."},
	{raw: []string{"Rar!", "7z\xbc\xaf", "\x1f\x8b"}, zh: "这是压缩包，请解压后选择其中的 .xlsx 工作簿。",
		en: "This is an archive; unpack it and choose the .xlsx within."},
	{text: regexp.MustCompile(`(?i)^(<|mime-version:|from:.*saved by|content-type: ?multipart)`),
		zh: "这是网页或 XML 文件（有的系统把它命名为 .xls），不是 .xlsx，" +
			"请在 Excel 或 WPS 中打开，另存为 .xlsx 后再导入。",
		en: "This is a web page or XML, which some systems call .xls, and no .xlsx; open it in Excel or WPS, save it " +
			"as .xlsx and import that."},
	{text: regexp.MustCompile(`^[^\x00]*[,\t;]`),
		zh: "这是 CSV 或文本文件，不是 .xlsx，请在 Excel 或 WPS 中打开，另存为 .xlsx 后再导入（先确认手机号、房号没有变形）。",
		en: "This is CSV or text and no .xlsx; open it in Excel or WPS, see that phones and rooms are whole, and " +
			"save it as .xlsx."},
}

// otherFile says what a file is that is no archive, and what to do.
func otherFile(raw []byte, cause error) error {
	office := bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
	switch {
	case len(raw) == 0:
		return refuse("文件是空的，请重新导出或下载。", "The file is empty; export or download it again.", cause)
	case bytes.HasPrefix(raw, []byte("PK")):
		return broken(cause)
	case office && bytes.Contains(raw, wide("EncryptedPackage")):
		return refuse("工作簿设了打开密码，请在 Excel 或 WPS 中去掉密码后再导入。",
			"The workbook has a password; take it away in Excel or WPS and import it again.", cause)
	case office:
		return refuse("这是旧格式 .xls（改扩展名无效），请在 Excel 或 WPS 中打开，另存为 .xlsx 后再导入。",
			"This is an old .xls, whatever its name says; open it in Excel or WPS, save it as .xlsx and import that.",
			cause)
	}
	text := beginning(raw)
	for _, f := range otherFiles {
		begins := func(with string) bool { return bytes.HasPrefix(raw, []byte(with)) }
		if slices.ContainsFunc(f.raw, begins) || f.text != nil && f.text.MatchString(text) {
			return refuse(f.zh, f.en, cause)
		}
	}
	return noWorkbook(cause)
}

// beginning is how a text begins, in whichever encoding: of UTF-16 the ASCII is enough to tell what it is.
func beginning(raw []byte) string {
	raw = raw[:min(len(raw), 2048)]
	at := 0
	if len(raw) > 3 && (raw[0] == 0 || raw[0] == 0xfe) { // its high bytes come first
		at = 1
	}
	if len(raw) > 3 && (raw[at] == 0xff || raw[at] == 0xfe || raw[0] == 0 != (raw[1] == 0)) {
		var narrow []byte
		for i := at; i < len(raw); i += 2 {
			if other := i ^ 1; other < len(raw) && raw[other] == 0 {
				narrow = append(narrow, raw[i])
			}
		}
		if len(narrow) > 0 {
			raw = narrow
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(string(raw), "\ufeff"))
}

// otherArchive says what an archive is that holds no .xlsx.
func otherArchive(parts map[string]*zip.File) error {
	has := func(name string) bool { return parts[name] != nil }
	switch {
	case has("content.xml") && has("mimetype"):
		return refuse("这是 LibreOffice 的 .ods，请另存为 .xlsx 后再导入。", "This is an .ods; save it as .xlsx and import that.",
			nil)
	case has("xl/workbook.bin"):
		return refuse("这是二进制的 .xlsb，请另存为 .xlsx 后再导入。", "This is an .xlsb; save it as .xlsx and import that.", nil)
	case has("index/document.iwa"), has("index.zip"):
		return refuse("这是 Numbers 表格，请导出为 Excel（.xlsx）后再导入。",
			"This is a Numbers sheet; export it as .xlsx and import that.", nil)
	case holdsWorkbook(parts):
		return refuse("这是压缩包，里面有 .xlsx 工作簿，请解压后选择其中的一个。",
			"This is an archive with an .xlsx workbook within; unpack it and choose that.", nil)
	case has("word/document.xml"), has("ppt/presentation.xml"):
		return refuse("这是 Word 或 PowerPoint 文件，请选择 .xlsx 工作簿。", "This is no spreadsheet; choose an .xlsx workbook.",
			nil)
	}
	return noWorkbook(nil)
}

// holdsWorkbook reports whether one of the parts is a workbook of its own.
func holdsWorkbook(parts map[string]*zip.File) bool {
	for name := range parts {
		if strings.HasSuffix(name, ".xlsx") || strings.HasSuffix(name, ".xls") {
			return true
		}
	}
	return false
}

// wide is a text as old Office files hold it.
func wide(s string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}

func noWorkbook(cause error) error {
	return refuse("无法读取该文件：需要未加密的 .xlsx 工作簿。",
		"The file cannot be read: an .xlsx workbook without a password is needed.", cause)
}

// broken is the fault of a workbook that ends early or is damaged.
func broken(cause error) error {
	return refuse("文件不完整或已损坏，请重新导出、下载，或在 Excel、WPS 中打开并另存为 .xlsx。",
		"The file is damaged or not whole; export or download it again, or open and save it as .xlsx in Excel or WPS.",
		cause)
}

func refuse(zh, en string, cause error) error {
	f := fault.New(fault.Invalid, zh, en)
	if cause == nil {
		return f
	}
	return f.Because(cause)
}
