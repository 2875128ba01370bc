package workbook

import (
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Table is a sheet to be written: a head and rows under it. Every cell is written as text unless it is a number, so
// that no program makes a date of a room 1-2.
type Table struct {
	Name    string
	Rows    [][]any
	Head    int      // the row of the head, from 1: it is bold, and stays when the rest scrolls; 0 is none
	Columns []Column // how the columns look; may be fewer than there are
}

// Column is how a column of a table looks and what may be typed into it.
type Column struct {
	Wide    bool     // twice the usual width
	Text    bool     // what is typed stays text, however it looks
	Choices []string // what may be chosen; other things are refused by the program that it is filled in with
	Hint    string   // shown when a cell is chosen
}

// typed is down to which row a column's choices and hints go.
const typed = 5000

// Write writes a workbook.
func Write(w io.Writer, tables ...Table) error {
	book := excelize.NewFile()
	for i, t := range tables {
		if t.Name == "" {
			t.Name = fmt.Sprintf("Sheet%d", i+1)
		}
		var err error
		if i == 0 {
			err = book.SetSheetName("Sheet1", t.Name)
		} else {
			_, err = book.NewSheet(t.Name)
		}
		if err == nil {
			err = t.write(book)
		}
		if err != nil {
			return errors.Join(err, book.Close())
		}
	}
	_, err := book.WriteTo(w)
	return errors.Join(err, book.Close())
}

func (t Table) write(book *excelize.File) error {
	asText, err := book.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return err
	}
	asHead, err := book.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	sheet, err := book.NewStreamWriter(t.Name)
	if err != nil {
		return err
	}
	if err := t.columns(book, sheet, asText); err != nil {
		return err
	}
	for i, row := range t.Rows {
		style := asText
		if i+1 == t.Head {
			style = asHead
		}
		cells := make([]any, len(row))
		for j, value := range row {
			if text, ok := value.(string); ok && t.Head > 0 {
				value = excelize.Cell{StyleID: style, Value: text}
			}
			cells[j] = value
		}
		if err := sheet.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			return err
		}
	}
	return sheet.Flush()
}

// columns are set before the rows.
func (t Table) columns(book *excelize.File, sheet *excelize.StreamWriter, asText int) error {
	if t.Head > 0 {
		freeze := &excelize.Panes{Freeze: true, YSplit: t.Head, TopLeftCell: fmt.Sprintf("A%d", t.Head+1),
			ActivePane: "bottomLeft"}
		if err := sheet.SetPanes(freeze); err != nil {
			return err
		}
	}
	for i, c := range t.Columns {
		width := sheet.SetColWidth(i+1, i+1, 14)
		if c.Wide {
			width = sheet.SetColWidth(i+1, i+1, 28)
		}
		if width != nil {
			return width
		}
		if c.Text {
			if err := sheet.SetColStyle(i+1, i+1, asText); err != nil {
				return err
			}
		}
		if err := t.validate(book, i, c); err != nil {
			return err
		}
	}
	return nil
}

// validate says what may be typed into a column.
func (t Table) validate(book *excelize.File, i int, c Column) error {
	if len(c.Choices) == 0 && c.Hint == "" {
		return nil
	}
	rule := excelize.NewDataValidation(true)
	rule.Sqref = fmt.Sprintf("%s%d:%s%d", Letters(i), t.Head+1, Letters(i), typed)
	if len(c.Choices) > 0 {
		if err := rule.SetDropList(c.Choices); err != nil {
			return err
		}
	}
	if c.Hint != "" {
		rule.SetInput("", c.Hint)
	}
	return book.AddDataValidation(t.Name, rule)
}
