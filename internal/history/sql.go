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

// batch writes rows, many with one statement.
type batch struct {
	tx     tx
	insert string // up to "values"
	tail   string
	width  int
	args   []any
	full   *sql.Stmt
}

const batchRows = 500

func (b *batch) add(row ...any) error {
	b.args = append(b.args, row...)
	if len(b.args) < batchRows*b.width {
		return nil
	}
	if b.full == nil {
		var err error
		if b.full, err = b.tx.PrepareContext(b.tx.ctx, b.statement(batchRows)); err != nil {
			return err
		}
	}
	_, err := b.full.ExecContext(b.tx.ctx, b.args...)
	b.args = b.args[:0]
	return err
}

// flush writes what is left.
func (b *batch) flush() error {
	if len(b.args) == 0 {
		return nil
	}
	err := b.tx.exec(b.statement(len(b.args)/b.width), b.args...)
	b.args = b.args[:0]
	return err
}

func (b *batch) statement(rows int) string {
	var s strings.Builder
	s.WriteString(b.insert)
	s.WriteString(" values ")
	for n := range rows * b.width {
		switch {
		case n == 0:
			s.WriteByte('(')
		case n%b.width == 0:
			s.WriteString("),(")
		default:
			s.WriteByte(',')
		}
		fmt.Fprintf(&s, "$%d", n+1)
	}
	s.WriteString(") ")
	s.WriteString(b.tail)
	return s.String()
}
