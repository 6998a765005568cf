package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
)

const legend = `# Structure of the built-in types of Kubernetes %s. Made by: cd tests/cluster/program && go run ./cmd/schema KUBECONFIG
#
#   package P                 the types after it are called P.NAME; elsewhere they are named by the last two words of P
#   type NAME KIND... [atomic]  a struct, with the GROUP/VERSION/KINDs it is; "= SHAPE" instead: only another name for that
#    FIELD SHAPE MARK...      SHAPE: a scalar, a type, [SHAPE] a list, {SHAPE} a map; ":T" after it is its type in Go where that has a name
#
# Before a SHAPE: ~ an empty value is not written, = it is always written, ? it is written as null when not given; else it is
# written when given. After it, the list or map type: set, atomic, granular, map(KEYS). Marks: ! required, merge(KEY), merge,
# replace, retainKeys the patch strategy, <S the struct that Go embeds it by; then |A|B the only values, which may hold spaces, and last
# "default VALUE" where that is not the zero value of the Go type.
`

type writer struct {
	*bytes.Buffer
	types map[string]schema
	home  string
}

// write prints the table: by package and name, so that two versions can be compared line by line.
func write(to io.Writer, version string, types map[string]schema, gos map[string]reflect.Type) error {
	w := writer{Buffer: &bytes.Buffer{}, types: types}
	fmt.Fprintf(w, legend, version)
	for _, name := range slices.Sorted(maps.Keys(types)) {
		dot := strings.LastIndex(name, ".")
		if name[:dot] != w.home {
			w.home = name[:dot]
			fmt.Fprintf(w, "package %s\n", w.home)
		}
		of := types[name]
		fmt.Fprintf(w, "type %s", name[dot+1:])
		if len(of.Properties) == 0 {
			fmt.Fprintf(w, " = %s\n", alone(name, of))
			continue
		}
		// Every group has these two; where they are served says more than the table needs.
		if !strings.HasSuffix(name, ".DeleteOptions") && !strings.HasSuffix(name, ".WatchEvent") {
			for _, kind := range of.Kinds {
				fmt.Fprintf(w, " %s/%s/%s", kind.Group, kind.Version, kind.Kind)
			}
		}
		if of.MapType != "" {
			fmt.Fprintf(w, " %s", of.MapType)
		}
		fmt.Fprintln(w)
		in, known := gos[name]
		if !known {
			return fmt.Errorf("%s: no Go type", name)
		}
		fields := members(in)
		for _, field := range slices.Sorted(maps.Keys(of.Properties)) {
			member, known := fields[field]
			if !known {
				return fmt.Errorf("%s.%s: not in the Go type", name, field)
			}
			w.field(field, of.Properties[field], member, slices.Contains(of.Required, field))
		}
	}
	_, err := to.Write(w.Bytes())
	return err
}

func (w writer) field(name string, of schema, in member, required bool) {
	pointer := in.of.Kind() == reflect.Pointer
	vanishes := in.omitZero || in.omitEmpty && in.of.Kind() != reflect.Struct
	presence := map[bool]string{false: "=", true: "~"}[vanishes]
	if pointer {
		presence = map[bool]string{false: "?", true: ""}[vanishes]
	}
	fmt.Fprintf(w, " %s %s%s", name, presence, w.shape(of, in.of))
	if required {
		fmt.Fprint(w, " !")
	}
	for _, strategy := range strings.Split(of.PatchStrategy, ",") {
		switch {
		case strategy == "merge" && of.PatchKey != "":
			fmt.Fprintf(w, " merge(%s)", of.PatchKey)
		case strategy != "":
			fmt.Fprintf(w, " %s", strategy)
		}
	}
	if in.inside != "" && in.inside != "TypeMeta" {
		fmt.Fprintf(w, " <%s", in.inside)
	}
	if values := enum(of); len(values) > 0 {
		fmt.Fprintf(w, " |%s", strings.Join(values, "|"))
	}
	if zero := w.zero(of, in.of, vanishes); string(of.Default) != zero {
		if of.Default == nil {
			of.Default = []byte("-")
		}
		fmt.Fprintf(w, " default %s", of.Default)
	}
	fmt.Fprintln(w)
}

// enum gives the values a field, or the elements of it, may have.
func enum(of schema) []string {
	switch {
	case of.Items != nil:
		return enum(*of.Items)
	case of.Values != nil:
		return enum(*of.Values)
	}
	return of.Enum
}

// zero is the default that OpenAPI gets from the Go type alone.
func (w writer) zero(of schema, in reflect.Type, vanishes bool) string {
	switch ref := ref(of); {
	case in.Kind() == reflect.Pointer:
		return ""
	case ref != "" && len(w.types[ref].Properties) > 0:
		return "{}"
	case ref != "" || vanishes || of.Format == "byte":
		return ""
	}
	return map[string]string{"string": `""`, "integer": "0", "number": "0", "boolean": "false"}[of.Type]
}

func ref(of schema) string {
	if len(of.AllOf) == 1 {
		return ref(of.AllOf[0])
	}
	return strings.TrimPrefix(of.Ref, "#/components/schemas/")
}

func (w writer) shape(of schema, in reflect.Type) string {
	if in.Kind() == reflect.Pointer {
		in = in.Elem()
	}
	named := ""
	if in.PkgPath() != "" && !special(in) && in.Kind() != reflect.Struct {
		named = ":" + in.String()
	}
	marks := ""
	switch {
	case of.ListType == "map":
		marks = " map(" + strings.Join(of.ListKeys, ",") + ")"
	case of.ListType != "":
		marks = " " + of.ListType
	case of.MapType != "":
		marks = " " + of.MapType
	}
	var shape string
	switch ref := ref(of); {
	case ref != "":
		shape = w.short(ref)
	case of.Items != nil:
		shape = "[" + w.shape(*of.Items, in.Elem()) + "]"
	case of.Values != nil:
		shape = "{" + w.shape(*of.Values, in.Elem()) + "}"
	default:
		shape = scalar(of)
		if kind := in.Kind().String(); named == "" && of.Type == "integer" && kind != shape {
			named = ":" + kind
		}
	}
	return shape + named + marks
}

// short leaves out the package of a type next door, and shortens any other to its last two words.
func (w writer) short(name string) string {
	if home, own := strings.CutPrefix(name, w.home+"."); own && !strings.Contains(home, ".") {
		return home
	}
	words := strings.Split(name, ".")
	return strings.Join(words[len(words)-3:], ".")
}

// alone is the shape of a type that has no fields.
func alone(name string, of schema) string {
	word := strings.ToLower(name[strings.LastIndex(name, ".")+1:])
	switch word {
	case "time", "microtime", "duration", "quantity", "intorstring":
		return word
	}
	return scalar(of)
}

func scalar(of schema) string {
	switch {
	case of.Type == "boolean":
		return "bool"
	case of.Format == "byte":
		return "bytes"
	case of.Type == "string":
		return "string"
	case of.Type == "number":
		return "number"
	case of.Type == "integer":
		return of.Format
	}
	return "any"
}
