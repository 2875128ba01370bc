package sqlite

import (
	"fmt"
	"regexp"
	"strings"

	"linlipay/store"
)

// table translates one schema: a table with a column per single-valued field, and a side table per index that has a
// field with many values.
type table struct {
	schema  store.Schema
	columns []store.Field // single-valued
	sides   []side

	insert, replace, remove, get, walk string
}

// side is the table of an index with a Many field: one row per value.
type side struct {
	index          store.Index
	many           string
	name           string
	insert, remove string
}

var name = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func newTable(s store.Schema) (*table, error) {
	t := &table{schema: s}
	if !name.MatchString(s.Name) {
		return nil, fmt.Errorf("sqlite: %q is not a collection name", s.Name)
	}
	for _, f := range s.Fields {
		if !name.MatchString(f.Name) {
			return nil, fmt.Errorf("sqlite: %q is not a field name", f.Name)
		}
		if !f.Many {
			t.columns = append(t.columns, f)
		}
	}
	for _, x := range s.Indexes {
		if !name.MatchString(x.Name) {
			return nil, fmt.Errorf("sqlite: %q is not an index name", x.Name)
		}
		if many, ok := s.Many(x); ok {
			t.sides = append(t.sides, newSide(s, x, many))
		}
	}
	t.statements()
	return t, nil
}

func newSide(s store.Schema, x store.Index, many string) side {
	sd := side{index: x, many: many, name: s.Name + "__" + x.Name}
	sd.insert = fmt.Sprintf("INSERT INTO %s (%s, id) VALUES (%s)", sd.name, columnList(x.Fields),
		marks(len(x.Fields)+1))
	sd.remove = fmt.Sprintf("DELETE FROM %s WHERE id = ?", sd.name)
	return sd
}

func (t *table) statements() {
	names, sets := make([]string, 0, len(t.columns)), make([]string, 0, len(t.columns))
	for _, f := range t.columns {
		names, sets = append(names, column(f.Name)), append(sets, ", "+column(f.Name)+" = ?")
	}
	all := strings.Join(append([]string{"id", "version", "body"}, names...), ", ")
	t.insert = fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.schema.Name, all, marks(3+len(names)))
	t.replace = fmt.Sprintf("UPDATE %s SET version = version + 1, body = ?%s WHERE id = ? AND version = ?",
		t.schema.Name, strings.Join(sets, ""))
	t.remove = fmt.Sprintf("DELETE FROM %s WHERE id = ? AND version = ?", t.schema.Name)
	t.get = fmt.Sprintf("SELECT version, body FROM %s WHERE id = ?", t.schema.Name)
	t.walk = fmt.Sprintf("SELECT id, version, body FROM %s WHERE id > ? ORDER BY id LIMIT ?", t.schema.Name)
}

// create makes the table, the columns that are missing, the side tables and the indexes.
func (t *table) create(tx *tx) error {
	n := t.schema.Name
	if err := tx.exec(fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,"+
		" body BLOB NOT NULL)", n)); err != nil {
		return err
	}
	have, err := tx.columns(n)
	if err != nil {
		return err
	}
	for _, f := range t.columns {
		if have[column(f.Name)] {
			continue
		}
		if err := tx.exec(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", n, column(f.Name),
			columnType(f.Type))); err != nil {
			return err
		}
	}
	for _, x := range t.schema.Indexes {
		if err := t.createIndex(tx, x); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) createIndex(tx *tx, x store.Index) error {
	full := t.schema.Name + "__" + x.Name
	if _, many := t.schema.Many(x); many {
		return t.createSide(tx, x, full)
	}
	present := make([]string, len(x.Fields))
	for i, f := range x.Fields {
		present[i] = column(f) + " IS NOT NULL"
	}
	where := strings.Join(present, " AND ")
	if err := tx.exec(fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s, id) WHERE %s", full, t.schema.Name,
		columnList(x.Fields), where)); err != nil {
		return err
	}
	if !x.Unique {
		return nil
	}
	return tx.exec(fmt.Sprintf("CREATE UNIQUE INDEX IF NOT EXISTS %s__unique ON %s (%s) WHERE %s", full, t.schema.Name,
		columnList(x.Fields), where))
}

func (t *table) createSide(tx *tx, x store.Index, full string) error {
	columns := make([]string, len(x.Fields))
	for i, name := range x.Fields {
		f, _ := t.schema.Field(name)
		columns[i] = column(name) + " " + columnType(f.Type) + " NOT NULL"
	}
	unique := ""
	if x.Unique {
		unique = fmt.Sprintf(", UNIQUE (%s)", columnList(x.Fields))
	}
	if err := tx.exec(fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s, id TEXT NOT NULL, PRIMARY KEY (%s, id)%s) "+
		"WITHOUT ROWID",
		full, strings.Join(columns, ", "), columnList(x.Fields), unique)); err != nil {
		return err
	}
	return tx.exec(fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s__id ON %s (id)", full, full))
}

// values are the column values of a document in the order of t.columns; nil where a field has no value.
func (t *table) values(d store.Doc) []any {
	list := make([]any, len(t.columns))
	for i, f := range t.columns {
		if v := d.Keys[f.Name]; len(v) > 0 {
			list[i] = v[0]
		}
	}
	return list
}

// rows are the rows of a document in the side table; none when one of the index's fields has no value.
func (s side) rows(d store.Doc) [][]any {
	var rows [][]any
	seen := map[any]bool{}
	for _, v := range d.Keys[s.many] {
		row := make([]any, 0, len(s.index.Fields)+1)
		for _, name := range s.index.Fields {
			switch {
			case name == s.many:
				row = append(row, v)
			case len(d.Keys[name]) > 0:
				row = append(row, d.Keys[name][0])
			default:
				return nil
			}
		}
		if !seen[v] {
			rows = append(rows, append(row, d.ID))
		}
		seen[v] = true
	}
	return rows
}

// column is the column of a field; the prefix keeps fields apart from id, version, body and SQL's words.
func column(field string) string { return "f_" + field }

func columnType(t store.Type) string {
	if t == store.Int {
		return "INTEGER"
	}
	return "TEXT"
}

func columnList(fields []string) string {
	cols := make([]string, len(fields))
	for i, f := range fields {
		cols[i] = column(f)
	}
	return strings.Join(cols, ", ")
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
