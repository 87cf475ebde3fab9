package iosxe

import (
	"reflect"

	"slpdoctor/internal/diag"
)

// sources collects the sources of all values and rows of a result.
func sources(v any) []diag.Source {
	var out []diag.Source
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			if s, ok := reflect.TypeAssert[diag.Source](v); ok {
				if s.Line > 0 {
					out = append(out, s)
				}
				return
			}
			if m := v.MethodByName("Source"); m.IsValid() && m.Type().NumIn() == 0 {
				walk(m.Call(nil)[0])
				if peek := v.MethodByName("Peek"); peek.IsValid() {
					walk(peek.Call(nil)[0])
				}
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		}
	}
	walk(reflect.ValueOf(v))
	return out
}
