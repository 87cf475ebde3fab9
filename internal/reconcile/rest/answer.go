package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Answer is what a server answered, whole.
type Answer struct {
	Status int
	Header http.Header
	Media  string // media type, lower case; "" when none was given
	Body   []byte

	where      string
	say        func(string) string
	retryAfter *time.Duration
}

// Errorf is an error about this answer: it names the request.
func (a *Answer) Errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", a.where, fmt.Errorf(format, args...))
}

// HTML reports whether the answer is a web page, which is what a portal answers to those who are not logged in.
func (a *Answer) HTML() bool {
	return a.Media == "text/html" || a.Media == "application/xhtml+xml" || bytes.HasPrefix(bytes.TrimSpace(a.Body), []byte("<"))
}

// Fail is the error of an answer that is not the data that were asked for, nil when its status is 200.
func (a *Answer) Fail() error {
	switch {
	case a.Status == http.StatusOK:
		return nil
	case a.Status >= 300 && a.Status < 400:
		return a.Errorf("redirected to %s, which is not followed", a.say(redirectTarget(a.Header.Get("Location"))))
	case a.Status == http.StatusUnauthorized:
		return a.Errorf("not logged in, or the login expired (401)")
	case a.Status == http.StatusForbidden:
		return a.Errorf("this login has no right to read it (403)")
	case a.Status == http.StatusTooManyRequests && a.retryAfter != nil:
		return a.Errorf("too many requests (429); the server asks to wait %s, try again then", *a.retryAfter)
	case a.Status == http.StatusTooManyRequests:
		return a.Errorf("too many requests (429); try again later")
	}
	return a.Errorf("answered %d %s", a.Status, http.StatusText(a.Status))
}

// redirectTarget is where a redirect points, without its query and what follows a ; in its path, which may hold tokens.
func redirectTarget(location string) string {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return "an unreadable address"
	}
	path, _, _ := strings.Cut(u.Path, ";")
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}).String()
}

// JSON decodes an answer of status 200. It is an error if it is a page, no JSON, cut, followed by something else, or
// has a field of another type than v.
func (a *Answer) JSON(v any) error {
	if err := a.Fail(); err != nil {
		return err
	}
	if a.HTML() {
		return a.Errorf("answered with a web page instead of data: is this the API, and is the login still valid?")
	}
	if a.Media != "application/json" && a.Media != "text/json" && !strings.HasSuffix(a.Media, "+json") {
		return a.Errorf("answered with %q instead of JSON", a.say(a.Header.Get("Content-Type")))
	}
	return a.Decode(a.Body, v)
}

// Decode decodes a part of the answer; its errors name the field, as JSON's do.
func (a *Answer) Decode(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Field != "":
		return a.Errorf("the field %q is of type %s: not the format this program knows", wrong.Field, wrong.Value)
	case errors.As(err, &wrong):
		return a.Errorf("is of type %s: not the format this program knows", wrong.Value)
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(data)):
		return a.Errorf("the JSON ends early, after %d bytes", len(data))
	}
	return a.Errorf("is no JSON: %w", err)
}

// Number is a whole number that a portal writes as a number or as a text: 12 or "12". Null, "" and "-" leave it nil.
type Number struct{ N *int64 }

// UnmarshalJSON reads the forms of Number.
func (n *Number) UnmarshalJSON(data []byte) error {
	var text string
	if data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		text = strings.TrimSpace(text)
	} else if text = string(data); text == "null" {
		text = ""
	}
	if text == "" || text == "-" {
		return nil
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return &json.UnmarshalTypeError{Value: kind(data), Type: reflect.TypeFor[int64]()}
	}
	n.N = &v
	return nil
}

// kind is what a JSON value is, for messages.
func kind(data []byte) string {
	switch data[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	}
	return "number, not whole or too large"
}
