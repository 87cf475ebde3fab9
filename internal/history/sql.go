package history

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// tx is a transaction with its context.
type tx struct {
	ctx context.Context
	*sql.Tx
}

func (t tx) exec(query string, args ...any) error {
	_, err := t.ExecContext(t.ctx, query, args...)
	return err
}

// one scans the only row of a query; false when there is none.
func (t tx) one(query string, args []any, into ...any) (bool, error) {
	err := t.QueryRowContext(t.ctx, query, args...).Scan(into...)
	if err == sql.ErrNoRows {
		return false, nil
	}
	return err == nil, err
}

// each scans every row of a query.
func (t tx) each(query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := t.QueryContext(t.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// listed is how many numbers one query lists.
const listed = 10000

// list is whole numbers as the inside of IN (...); no number matches nothing.
func list(numbers []int64) string {
	if len(numbers) == 0 {
		return "null"
	}
	var b strings.Builder
	for i, n := range numbers {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(n, 10))
	}
	return b.String()
}

// batch writes rows, many with one statement. Whole numbers stand in its text: a row of them needs no parameter.
type batch struct {
	tx     tx
	insert string // up to "values"
	tail   string
	text   strings.Builder
	rows   int
	args   []any
}

// A statement holds this many rows, and not many more parameters: SQLite looks each up in the list of all.
const (
	batchRows = 500
	batchArgs = 150
)

// add takes a row of int64, int, string and nil.
func (b *batch) add(row ...any) error {
	if b.rows == 0 {
		b.text.WriteString(b.insert)
		b.text.WriteString(" values ")
	} else {
		b.text.WriteByte(',')
	}
	for i, v := range row {
		b.text.WriteByte("(,"[min(i, 1)])
		switch v := v.(type) {
		case nil:
			b.text.WriteString("null")
		case int:
			b.text.WriteString(strconv.Itoa(v))
		case int64:
			b.text.WriteString(strconv.FormatInt(v, 10))
		default:
			b.args = append(b.args, v)
			fmt.Fprintf(&b.text, "$%d", len(b.args))
		}
	}
	b.text.WriteByte(')')
	b.rows++
	if b.rows < batchRows && len(b.args) < batchArgs {
		return nil
	}
	return b.flush()
}

// flush writes what is left.
func (b *batch) flush() error {
	if b.rows == 0 {
		return nil
	}
	b.text.WriteByte(' ')
	b.text.WriteString(b.tail)
	err := b.tx.exec(b.text.String(), b.args...)
	b.text.Reset()
	b.rows, b.args = 0, b.args[:0]
	return err
}
