package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// A registry to pull from, never to push to: what the distribution protocol asks of one is a manifest by
// name and tag, then blobs by digest. A pull of anything it does not hold fails as it does in a real one.
func serveImages(layout, address string) error {
	data, err := os.ReadFile(filepath.Join(layout, "index.json"))
	if err != nil {
		return err
	}
	var held index
	if err := json.Unmarshal(data, &held); err != nil {
		return err
	}
	manifests := map[string]string{} // "library/nginx:1.27" and "sha256:…" to a digest
	for _, m := range held.Manifests {
		manifests[m.Annotations[nameAnnotation]] = m.Digest
		manifests[m.Digest] = m.Digest
	}
	blob := func(w http.ResponseWriter, r *http.Request, mediaType, digest string) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Docker-Content-Digest", digest)
		http.ServeFile(w, r, filepath.Join(layout, "blobs", "sha256", strings.TrimPrefix(digest, "sha256:")))
	}
	return http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, "/v2/")
		if ok && rest == "" {
			return
		}
		if name, reference, ok := strings.Cut(rest, "/manifests/"); ok {
			if digest := manifests[reference]; digest != "" {
				blob(w, r, manifestType, digest)
			} else if digest := manifests[name+":"+reference]; digest != "" {
				blob(w, r, manifestType, digest)
			} else {
				refuse(w, "MANIFEST_UNKNOWN", "manifest unknown")
			}
			return
		}
		if _, digest, ok := strings.Cut(rest, "/blobs/"); ok && !strings.ContainsAny(digest, "/.") {
			blob(w, r, "application/octet-stream", digest)
			return
		}
		refuse(w, "NAME_UNKNOWN", "repository name not known to registry")
	}))
}

func refuse(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
}
