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

// Write writes a workbook. Its errors are excelize's and the writer's.
func Write(w io.Writer, tables ...Table) error {
	book := excelize.NewFile()
	for i, t := range tables {
		if t.Name == "" {
			t.Name = fmt.Sprintf("Sheet%d", i+1)
		}
		if err := t.addTo(book, i); err != nil {
			return errors.Join(err, book.Close())
		}
	}
	_, err := book.WriteTo(w)
	return errors.Join(err, book.Close())
}

// addTo adds the table as sheet i; the first sheet is there already.
func (t Table) addTo(book *excelize.File, i int) (err error) {
	if i == 0 {
		err = book.SetSheetName("Sheet1", t.Name)
	} else {
		_, err = book.NewSheet(t.Name)
	}
	if err != nil {
		return err
	}
	return t.write(book)
}

// textFormat is Excel's built-in format @: what is typed stays text (ECMA-376 part 1, 18.8.30).
const textFormat = 49

// textStyles are the styles of texts, and of texts in the head.
func textStyles(book *excelize.File) (asText, asHead int, err error) {
	if asText, err = book.NewStyle(&excelize.Style{NumFmt: textFormat}); err != nil {
		return 0, 0, err
	}
	asHead, err = book.NewStyle(&excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true}})
	return asText, asHead, err
}

func (t Table) write(book *excelize.File) error {
	asText, asHead, err := textStyles(book)
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
		if err := sheet.SetRow(fmt.Sprintf("A%d", i+1), t.styled(row, style)); err != nil {
			return err
		}
	}
	return sheet.Flush()
}

// styled are a row's values, the texts in a style where the table has a head.
func (t Table) styled(row []any, style int) []any {
	cells := make([]any, len(row))
	for j, value := range row {
		if text, ok := value.(string); ok && t.Head > 0 {
			value = excelize.Cell{StyleID: style, Value: text}
		}
		cells[j] = value
	}
	return cells
}

// columns are set before the rows.
func (t Table) columns(book *excelize.File, sheet *excelize.StreamWriter, asText int) error {
	if err := t.freeze(sheet); err != nil {
		return err
	}
	for i, c := range t.Columns {
		if err := c.look(sheet, i, asText); err != nil {
			return err
		}
		if err := t.validate(book, i, c); err != nil {
			return err
		}
	}
	return nil
}

// freeze keeps the head, if there is one, when the rest scrolls.
func (t Table) freeze(sheet *excelize.StreamWriter) error {
	if t.Head == 0 {
		return nil
	}
	return sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: t.Head, TopLeftCell: fmt.Sprintf("A%d", t.Head+1),
		ActivePane: "bottomLeft"})
}

// look sets a column's width, in characters, and its style.
func (c Column) look(sheet *excelize.StreamWriter, i, asText int) error {
	width := sheet.SetColWidth(i+1, i+1, 14)
	if c.Wide {
		width = sheet.SetColWidth(i+1, i+1, 28)
	}
	if width != nil || !c.Text {
		return width
	}
	return sheet.SetColStyle(i+1, i+1, asText)
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
