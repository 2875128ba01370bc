package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"linlipay/fault"
	"linlipay/store"
)

// Get returns the document, or NotFound. A database that does not answer is Unavailable.
func (s *Store) Get(ctx context.Context, collection, id string) (store.Doc, error) {
	t, err := s.table(collection)
	if err != nil {
		return store.Doc{}, err
	}
	d := store.Doc{ID: id}
	err = s.readers.QueryRowContext(ctx, t.get, id).Scan(&d.Version, &d.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Doc{}, fault.New(fault.NotFound, "记录不存在。", "There is no such record.")
	}
	if err != nil {
		return store.Doc{}, unavailable(err)
	}
	return d, nil
}

// Walk returns documents in the order of their ids: see store.Walker. A database that does not answer is Unavailable.
func (s *Store) Walk(ctx context.Context, collection, after string, limit int) ([]store.Doc, error) {
	t, err := s.table(collection)
	if err != nil {
		return nil, err
	}
	rows, err := s.readers.QueryContext(ctx, t.walk, after, limit)
	if err != nil {
		return nil, unavailable(err)
	}
	return all(rows, func() (d store.Doc, err error) {
		err = rows.Scan(&d.ID, &d.Version, &d.Body)
		return d, err
	})
}

// all reads every row and closes the rows. What the database does not say is an Unavailable fault.
func all[T any](rows *sql.Rows, read func() (T, error)) (values []T, err error) {
	defer rows.Close()
	for rows.Next() {
		v, err := read()
		if err != nil {
			return nil, unavailable(err)
		}
		values = append(values, v)
	}
	if err := rows.Err(); err != nil {
		return nil, unavailable(err)
	}
	return values, nil
}

// Find returns one page.
func (s *Store) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	t, err := s.table(collection)
	if err != nil {
		return store.Page{}, err
	}
	p, err := t.schema.Plan(q)
	if err != nil {
		return store.Page{}, err
	}
	docs, err := s.page(ctx, t, p)
	if err != nil {
		return store.Page{}, err
	}
	if len(docs) <= p.Limit {
		return store.Page{Docs: docs}, nil
	}
	docs = docs[:p.Limit]
	return store.Page{Docs: docs, Next: p.Cursor(docs[p.Limit-1])}, nil
}

// page reads one document more than the limit, to know whether there is a next page.
func (s *Store) page(ctx context.Context, t *table, p store.Plan) ([]store.Doc, error) {
	c := clauseOf(t, p)
	order := make([]string, 0, len(p.Order)+1)
	direction := " ASC"
	if p.Desc {
		direction = " DESC"
	}
	columns := []string{"m.id", "m.version", "m.body"}
	if p.Bare {
		columns[2] = "NULL"
	}
	for _, f := range p.Order {
		order = append(order, c.from+column(f)+direction)
		columns = append(columns, c.from+column(f))
	}
	order = append(order, c.from+"id"+direction)
	rows, err := s.readers.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s%s ORDER BY %s LIMIT %d",
		strings.Join(columns, ", "), c.tables, c.where, c.after(p), strings.Join(order, ", "), p.Limit+1),
		append(c.args, p.After...)...)
	if err != nil {
		return nil, unavailable(err)
	}
	return all(rows, func() (store.Doc, error) { return scan(rows, p.Order) })
}

func scan(rows *sql.Rows, order []string) (store.Doc, error) {
	d := store.Doc{Keys: store.Keys{}}
	into := []any{&d.ID, &d.Version, &d.Body}
	values := make([]any, len(order))
	for i := range values {
		into = append(into, &values[i])
	}
	if err := rows.Scan(into...); err != nil {
		return store.Doc{}, err
	}
	for i, f := range order {
		d.Keys[f] = []any{values[i]}
	}
	return d, nil
}

// Count returns how many documents the query selects.
func (s *Store) Count(ctx context.Context, collection string, q store.Query) (int64, error) {
	groups, err := s.Sum(ctx, collection, q, nil, nil)
	if err != nil || len(groups) == 0 {
		return 0, err
	}
	return groups[0].Count, nil
}

// Sum groups the selected documents and adds up fields. A database that does not answer is Unavailable.
func (s *Store) Sum(ctx context.Context, collection string, q store.Query, by, sums []string) ([]store.Group, error) {
	t, err := s.table(collection)
	if err != nil {
		return nil, err
	}
	q.Cursor, q.Limit = "", 0
	p, err := t.schema.Plan(q)
	if err != nil {
		return nil, err
	}
	query, args, err := sumQuery(t, p, by, sums)
	if err != nil {
		return nil, err
	}
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, unavailable(err)
	}
	return all(rows, func() (store.Group, error) { return groupOf(rows, len(by), len(sums)) })
}

// groupOf reads a row of sums: the count, what it is grouped by, and the totals.
func groupOf(rows *sql.Rows, by, sums int) (store.Group, error) {
	g := store.Group{By: make([]any, by), Sums: make([]int64, sums)}
	into := []any{&g.Count}
	for i := range g.By {
		into = append(into, &g.By[i])
	}
	for i := range g.Sums {
		into = append(into, &g.Sums[i])
	}
	err := rows.Scan(into...)
	return g, err
}

func sumQuery(t *table, p store.Plan, by, sums []string) (string, []any, error) {
	c := clauseOf(t, p)
	columns, group := []string{"COUNT(*)"}, make([]string, len(by))
	for i, f := range by {
		if fd, ok := t.schema.Field(f); !ok || fd.Many {
			return "", nil, fault.New(fault.Invalid, "查询参数无效。", "A report cannot be grouped by "+f+".")
		}
		group[i] = "m." + column(f)
		columns = append(columns, group[i])
	}
	for _, f := range sums {
		if fd, ok := t.schema.Field(f); !ok || fd.Many || fd.Type != store.Int {
			return "", nil, fault.New(fault.Invalid, "查询参数无效。", "A report cannot add up "+f+".")
		}
		columns = append(columns, "COALESCE(SUM(m."+column(f)+"), 0)")
	}
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s", strings.Join(columns, ", "), c.tables, c.where)
	if len(group) > 0 {
		query += fmt.Sprintf(" GROUP BY %s ORDER BY %s", strings.Join(group, ", "), strings.Join(group, ", "))
	}
	return query, c.args, nil
}

// clause is the part of a SELECT that a plan decides. Every query names its index, so that SQLite refuses it rather
// than scan.
type clause struct {
	tables string
	from   string // the alias whose columns the index orders
	where  string
	args   []any
}

func clauseOf(t *table, p store.Plan) clause {
	full := t.schema.Name + "__" + p.Index.Name
	c := clause{tables: fmt.Sprintf("%s AS m INDEXED BY %s", t.schema.Name, full), from: "m."}
	if _, many := t.schema.Many(p.Index); many {
		c.tables, c.from = fmt.Sprintf("%s AS s JOIN %s AS m ON m.id = s.id", full, t.schema.Name), "s."
	}
	var terms []string
	add := func(term string, args ...any) {
		terms = append(terms, term)
		c.args = append(c.args, args...)
	}
	for i, v := range p.Equal {
		add(c.from+column(p.Index.Fields[i])+" = ?", v)
	}
	if len(p.In) > 0 {
		add(fmt.Sprintf("%s%s IN (%s)", c.from, column(p.Next), marks(len(p.In))), p.In...)
	}
	for _, f := range p.Order {
		add(c.from + column(f) + " IS NOT NULL")
	}
	if p.From != nil {
		add(c.from+column(p.Next)+" >= ?", p.From)
	}
	if p.To != nil {
		add(c.from+column(p.Next)+" < ?", p.To)
	}
	if len(terms) == 0 {
		add("1")
	}
	c.where = strings.Join(terms, " AND ")
	return c
}

// after is the term that skips what earlier pages gave.
func (c clause) after(p store.Plan) string {
	if p.After == nil {
		return ""
	}
	columns := make([]string, 0, len(p.After))
	for _, f := range p.Order {
		columns = append(columns, c.from+column(f))
	}
	columns = append(columns, c.from+"id")
	than := ">"
	if p.Desc {
		than = "<"
	}
	return fmt.Sprintf(" AND (%s) %s (%s)", strings.Join(columns, ", "), than, marks(len(columns)))
}
