package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"linlipay/fault"
)

// Bounds of a workbook: more than a month's bills of 30,000 units take. A workbook is a packed archive that can be a
// thousand times as large inside, so that what is inside is measured before it is read.
const (
	maxWorkbook = 32 << 20  // bytes as a file
	maxUnpacked = 96 << 20  // bytes unpacked, of all parts together
	maxPart     = 8 << 20   // bytes unpacked, of a part that is neither a sheet nor the table of texts
	maxParts    = 500       // parts in the archive
	maxMarks    = 6_000_000 // XML tags, opening and closing: a cell has four
	maxSheets   = 300       // sheets, whether or not they have a part
	maxRows     = 100_000   // rows that hold something, of all sheets together
	maxRowsRead = 3 << 20   // rows that hold something or nothing: three sheets that are formatted down to the last
	maxCells    = 1_500_000 // cells that hold something
	maxTexts    = 64 << 20  // bytes that they hold: each is looked at several times
	// bytes from one XML tag of the data to the next: a tag may have no more attributes than that
	maxTag     = 1 << 20
	maxColumns = 256 // what stands further right is not read, and Sheet.Beyond says so
	maxFormat  = 255 // characters of a number's format; Excel allows no more
	maxName    = 100 // characters of a sheet's name, which the report repeats with each row; Excel allows 31
)

// long are the parts that hold a workbook's data.
var long = regexp.MustCompile(`(?i)^xl[/\\](worksheets[/\\][^/\\]*|sharedstrings)\.xml$`)

// measure unpacks every part of the archive without keeping it, and counts.
func measure(archive *zip.Reader) error {
	if len(archive.File) > maxParts {
		return tooLarge("压缩包内不得超过 %d 个部件", "it may have at most %d parts", maxParts)
	}
	var all measured
	for _, part := range archive.File {
		if err := all.part(part); err != nil {
			return err
		}
	}
	return nil
}

// measured is what was counted so far; of is the part's own, and since counts from its last tag on.
type measured struct{ bytes, of, marks, since int64 }

func (m *measured) count(chunk []byte) {
	n := int64(len(chunk))
	m.bytes, m.of, m.marks = m.bytes+n, m.of+n, m.marks+int64(bytes.Count(chunk, []byte{'<'}))
	if last := bytes.LastIndexByte(chunk, '<'); last >= 0 {
		m.since = n - int64(last)
	} else {
		m.since += n
	}
}

func (m *measured) part(part *zip.File) error {
	content, err := part.Open()
	if err != nil {
		return broken(err)
	}
	most := int64(maxPart)
	if long.MatchString(part.Name) {
		most = maxUnpacked
	}
	return errors.Join(m.content(content, most), content.Close())
}

// content counts what a part holds, of which most bytes are too many.
func (m *measured) content(content io.Reader, most int64) error {
	m.of, m.since = 0, 0
	for chunk := make([]byte, 64<<10); ; {
		n, err := content.Read(chunk)
		m.count(chunk[:n])
		switch excess := m.exceeds(most); {
		case excess != nil:
			return excess
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return broken(err)
		}
	}
}

func (m *measured) exceeds(most int64) error {
	switch {
	case m.bytes > maxUnpacked:
		return tooLarge("解压后不得超过 %d MB", "it may have at most %d MB unpacked", maxUnpacked>>20)
	case m.of > most:
		return tooLarge("除数据外的部件解压后不得超过 %d MB", "a part beside its data may have at most %d MB unpacked", int(most>>20))
	case m.since > maxTag && most > maxPart:
		return tooLarge("单个单元格不得超过 %d MB", "one cell may have at most %d MB", maxTag>>20)
	case m.marks > maxMarks:
		return tooLarge("单元格不得超过 %d 个", "it may have at most %d cells", maxCells)
	}
	return nil
}

// tooLarge says which bound a workbook exceeds, and what to do.
func tooLarge(zh, en string, most int) error {
	return fault.New(fault.TooLarge, fmt.Sprintf("工作簿过大："+zh+"，请分成几个文件导入。", most),
		fmt.Sprintf("The workbook is too large: "+en+"; split it into several files.", most))
}
