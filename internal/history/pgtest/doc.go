// Package pgtest starts real PostgreSQL servers for tests. Only tests import it.
package pgtest
