package workbook

import (
	"archive/zip"
	"bytes"
	"unicode/utf16"

	"linlipay/fault"
)

// otherFile says what a file is that is no archive, and what to do.
func otherFile(raw []byte, cause error) error {
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff")))
	switch {
	case len(raw) == 0:
		return refuse("文件是空的，请重新导出或下载。", "The file is empty; export or download it again.", cause)
	case bytes.HasPrefix(raw, []byte("PK")):
		return broken(cause)
	case bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) &&
		bytes.Contains(raw, wide("EncryptedPackage")):
		return refuse("工作簿设了打开密码，请在 Excel 或 WPS 中去掉密码后再导入。",
			"The workbook has a password; take it away in Excel or WPS and import it again.", cause)
	case bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return refuse("这是旧格式 .xls（改扩展名无效），请在 Excel 或 WPS 中打开，另存为 .xlsx 后再导入。",
			"This is an old .xls, whatever its name says; open it in Excel or WPS, save it as .xlsx and import that.",
			cause)
	case bytes.HasPrefix(trimmed, []byte("<")):
		return refuse("这是网页或 XML 文件，不是 .xlsx，请在 Excel 或 WPS 中打开，另存为 .xlsx 后再导入。",
			"This is a web page or XML and no .xlsx; open it in Excel or WPS, save it as .xlsx and import that.", cause)
	case bytes.ContainsAny(trimmed, ",\t;") && !bytes.ContainsRune(raw[:min(len(raw), 512)], 0):
		return refuse("这是 CSV 或文本文件，不是 .xlsx，请在 Excel 或 WPS 中打开，另存为 .xlsx 后再导入（先确认手机号、房号没有变形）。",
			"This is CSV or text and no .xlsx; open it in Excel or WPS, see that phones and rooms are whole, and "+
				"save it as .xlsx.", cause)
	}
	return noWorkbook(cause)
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
	case has("word/document.xml"), has("ppt/presentation.xml"):
		return refuse("这是 Word 或 PowerPoint 文件，请选择 .xlsx 工作簿。", "This is no spreadsheet; choose an .xlsx workbook.",
			nil)
	}
	return noWorkbook(nil)
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
