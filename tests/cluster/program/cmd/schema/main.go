// Command schema prints the structure table of the built-in types (src/terms/schema/kubernetes.txt): what the OpenAPI documents
// of a running API server say, and what only the Go types know, without a word of prose.
//
//	go run ./cmd/schema KUBECONFIG >../../../src/terms/schema/kubernetes.txt
//
// With the word numbers in place of a kubeconfig it prints the protobuf field numbers of the same types:
//
//	go run ./cmd/schema numbers >../../../src/simulator/api/numbers.txt
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	metrics "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// schema is one JSON schema, as far as the API server uses them.
type schema struct {
	Type          string                                  `json:"type"`
	Format        string                                  `json:"format"`
	Ref           string                                  `json:"$ref"`
	AllOf         []schema                                `json:"allOf"`
	Items         *schema                                 `json:"items"`
	Values        *schema                                 `json:"additionalProperties"`
	Properties    map[string]schema                       `json:"properties"`
	Required      []string                                `json:"required"`
	Default       json.RawMessage                         `json:"default"`
	Enum          []string                                `json:"enum"`
	Kinds         []struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
	ListType      string                                  `json:"x-kubernetes-list-type"`
	ListKeys      []string                                `json:"x-kubernetes-list-map-keys"`
	MapType       string                                  `json:"x-kubernetes-map-type"`
	PatchStrategy string                                  `json:"x-kubernetes-patch-strategy"`
	PatchKey      string                                  `json:"x-kubernetes-patch-merge-key"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./cmd/schema KUBECONFIG")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func run(kubeconfig string) error {
	if kubeconfig == "numbers" {
		numbers(os.Stdout, "1.36", goTypes(scheme.Scheme))
		return nil
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return err
	}
	types, err := served(func(path string, into any) error {
		raw, err := client.RESTClient().Get().AbsPath(path).DoRaw(context.Background())
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, into)
	})
	if err != nil {
		return err
	}
	for _, add := range []func() error{
		func() error { return apiextensions.AddToScheme(scheme.Scheme) },
		func() error { return apiregistration.AddToScheme(scheme.Scheme) },
		func() error { return metrics.AddToScheme(scheme.Scheme) },
	} {
		if err := add(); err != nil {
			return err
		}
	}
	return write(os.Stdout, version.GitVersion, types, goTypes(scheme.Scheme))
}

// served gives every schema of the groups' documents by its name. Groups that another server adds come last: of a type that both
// have, the API server's own form counts.
func served(get func(path string, into any) error) (map[string]schema, error) {
	var index struct{ Paths map[string]any }
	if err := get("/openapi/v3", &index); err != nil {
		return nil, err
	}
	paths := slices.DeleteFunc(slices.Collect(maps.Keys(index.Paths)), func(path string) bool {
		return path != "api/v1" && strings.Count(path, "/") != 2 || !strings.HasPrefix(path, "api")
	})
	added := func(path string) bool { return strings.HasPrefix(path, "apis/metrics.k8s.io") }
	slices.SortFunc(paths, func(a, b string) int {
		if added(a) != added(b) {
			if added(a) {
				return 1
			}
			return -1
		}
		return cmp.Compare(a, b)
	})
	types := map[string]schema{}
	for _, path := range paths {
		var document struct {
			Components struct{ Schemas map[string]schema }
		}
		if err := get("/openapi/v3/"+path, &document); err != nil {
			return nil, err
		}
		for name, found := range document.Components.Schemas {
			// Custom resources of that server are nobody else's.
			if _, known := types[name]; !known && strings.HasPrefix(name, "io.k8s.") {
				types[name] = found
			}
		}
	}
	return types, nil
}
