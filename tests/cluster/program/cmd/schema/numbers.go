package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// numbers prints the protobuf field numbers of every built-in type: PACKAGE.NAME, then its fields, counted from one; a number says
// where the count goes on. A field that begins with a dot is a type whose own fields stand in the JSON of this one.
func numbers(to io.Writer, version string, goTypes map[string]reflect.Type) {
	fmt.Fprintf(to, "# Protobuf field numbers of the built-in types of Kubernetes %s. Made by: cd tests/cluster/program && go run ./cmd/schema numbers\n", version)
	for _, name := range slices.Sorted(maps.Keys(goTypes)) {
		of := goTypes[name]
		type numbered struct {
			number int
			field  string
		}
		var fields []numbered
		for at := range of.NumField() {
			field := of.Field(at)
			tag := strings.Split(field.Tag.Get("protobuf"), ",")
			if len(tag) < 2 {
				continue
			}
			number, err := strconv.Atoi(tag[1])
			if err != nil {
				continue
			}
			json, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if json == "" {
				inner := field.Type
				if inner.Kind() == reflect.Pointer {
					inner = inner.Elem()
				}
				json = "." + shortName(openAPIName(inner))
			}
			fields = append(fields, numbered{number, json})
		}
		if len(fields) == 0 || special(of) || strings.Contains(name, "alpha") || strings.Contains(name, "beta") {
			continue
		}
		slices.SortFunc(fields, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
		fmt.Fprint(to, shortName(name))
		next := 1
		for _, field := range fields {
			if field.number != next {
				fmt.Fprintf(to, " %d", field.number)
			}
			fmt.Fprintf(to, " %s", field.field)
			next = field.number + 1
		}
		fmt.Fprintln(to)
	}
}

// shortName gives the last three words of io.k8s.api.core.v1.Pod.
func shortName(name string) string {
	words := strings.Split(name, ".")
	return strings.Join(words[max(0, len(words)-3):], ".")
}
