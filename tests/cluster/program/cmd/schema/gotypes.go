package main

import (
	"encoding/json"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// member is what a Go struct says of one JSON field.
type member struct {
	of        reflect.Type
	omitEmpty bool
	omitZero  bool
	// inside is the embedded structs that lead to the field.
	inside string
}

// goTypes gives the Go type behind each OpenAPI name, for all that can be reached from the scheme's kinds.
func goTypes(kinds *runtime.Scheme) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	for _, of := range kinds.AllKnownTypes() {
		reach(of, found)
	}
	return found
}

func reach(of reflect.Type, found map[string]reflect.Type) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		reach(of.Elem(), found)
	case reflect.Struct:
		name := openAPIName(of)
		if _, known := found[name]; known {
			return
		}
		found[name] = of
		for at := range of.NumField() {
			reach(of.Field(at).Type, found)
		}
	}
}

// openAPIName turns k8s.io/api/apps/v1.Deployment into io.k8s.api.apps.v1.Deployment.
func openAPIName(of reflect.Type) string {
	host, path, _ := strings.Cut(of.PkgPath(), "/")
	labels := strings.Split(host, ".")
	for i, j := 0, len(labels)-1; i < j; i, j = i+1, j-1 {
		labels[i], labels[j] = labels[j], labels[i]
	}
	return strings.Join(labels, ".") + "." + strings.ReplaceAll(path, "/", ".") + "." + of.Name()
}

var marshaler = reflect.TypeFor[json.Marshaler]()

// special says whether a type writes its own JSON; its Go fields then mean nothing.
func special(of reflect.Type) bool {
	return of.Implements(marshaler) || reflect.PointerTo(of).Implements(marshaler)
}

// members gives the JSON fields of a struct, those of embedded structs too.
func members(of reflect.Type) map[string]member {
	all := map[string]member{}
	for at := range of.NumField() {
		field := of.Field(at)
		tag, given := field.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case name == "-" || !given:
		case name == "" && field.Anonymous:
			for name, of := range members(field.Type) {
				of.inside = strings.TrimSuffix(field.Name+"."+of.inside, ".")
				all[name] = of
			}
		default:
			has := func(option string) bool { return strings.Contains(","+options+",", ","+option+",") }
			all[name] = member{of: field.Type, omitEmpty: has("omitempty"), omitZero: has("omitzero")}
		}
	}
	return all
}
