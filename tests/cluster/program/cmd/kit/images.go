package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// An image of one layer: a root file system and how it is started.
type image struct {
	root   string // folder under ROOTS
	layout string // "pulled" by way of the registry, or "local": there from the start
	names  []string
	config map[string]any
}

// Stand-ins under the names that manifests use. Local ones are those whose pods say
// imagePullPolicy: Never, and the pause image that each pod's sandbox needs before any pull.
var images = []image{
	{"pause", "local", []string{"aiops.test/pause:1"}, map[string]any{"Entrypoint": []string{"/pause"}}},
	{"todo", "local", []string{"docker.io/library/todo-backend:latest"}, map[string]any{
		"Entrypoint": []string{"/todo", "backend"},
	}},
	{"todo", "local", []string{"docker.io/library/todo-frontend:latest"}, map[string]any{
		"Entrypoint": []string{"/todo", "frontend"},
	}},
	{"busybox", "pulled", []string{"library/busybox:latest", "library/busybox:1.36", "library/busybox:1.35"}, map[string]any{
		"Env": []string{path}, "Cmd": []string{"sh"},
	}},
	{"nginx", "pulled", []string{
		"library/nginx:latest", "library/nginx:1.27", "library/nginx:1.26", "library/nginx:1.25",
		"library/nginx:alpine", "library/nginx:1.27-alpine", "library/nginx:1.25-alpine",
	}, map[string]any{
		"Env": []string{path}, "Cmd": []string{"nginx", "-g", "daemon off;"},
		"StopSignal": "SIGQUIT", "ExposedPorts": map[string]any{"80/tcp": struct{}{}},
	}},
}

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar"
	indexType    = "application/vnd.oci.image.index.v1+json"
)

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Manifests     []descriptor `json:"manifests"`
}

// What containerd reads an image's name from when it imports a layout; the registry reads it too.
const nameAnnotation = "io.containerd.image.name"

// Writes LAYOUTS/pulled and LAYOUTS/local, each an OCI image layout.
func writeImages(roots, layouts string) error {
	indexes := map[string]*index{}
	for _, i := range images {
		dir := filepath.Join(layouts, i.layout)
		manifest, err := i.write(filepath.Join(roots, i.root), dir)
		if err != nil {
			return err
		}
		if indexes[dir] == nil {
			indexes[dir] = &index{SchemaVersion: 2, MediaType: indexType}
		}
		for _, name := range i.names {
			manifest.Annotations = map[string]string{nameAnnotation: name}
			indexes[dir].Manifests = append(indexes[dir].Manifests, manifest)
		}
	}
	for dir, index := range indexes {
		data, err := json.Marshal(index)
		if err != nil {
			return err
		}
		marker := []byte(`{"imageLayoutVersion":"1.0.0"}`)
		if err := errors.Join(
			os.WriteFile(filepath.Join(dir, "index.json"), data, 0o644),
			os.WriteFile(filepath.Join(dir, "oci-layout"), marker, 0o644),
		); err != nil {
			return err
		}
	}
	return nil
}

func (i image) write(root, dir string) (descriptor, error) {
	none := descriptor{}
	if err := os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755); err != nil {
		return none, err
	}
	layer, err := archive(root)
	if err != nil {
		return none, err
	}
	layerBlob, err := writeBlob(dir, layerType, layer)
	if err != nil {
		return none, err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       i.config,
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{layerBlob.Digest}},
	})
	if err != nil {
		return none, err
	}
	configBlob, err := writeBlob(dir, configType, config)
	if err != nil {
		return none, err
	}
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2,
		"mediaType":     manifestType,
		"config":        configBlob,
		"layers":        []descriptor{layerBlob},
	})
	if err != nil {
		return none, err
	}
	return writeBlob(dir, manifestType, manifest)
}

func writeBlob(dir, mediaType string, data []byte) (descriptor, error) {
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:])
	blob := descriptor{MediaType: mediaType, Digest: "sha256:" + digest, Size: len(data)}
	return blob, os.WriteFile(filepath.Join(dir, "blobs", "sha256", digest), data, 0o644)
}

// The folder as a layer. Owners are root and times are left out: the same files make the same digest.
func archive(root string) ([]byte, error) {
	var buffer bytes.Buffer
	out := tar.NewWriter(&buffer)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		target := ""
		if info.Mode()&fs.ModeSymlink != 0 {
			if target, err = os.Readlink(path); err != nil {
				return err
			}
		}
		header, err := tar.FileInfoHeader(info, target)
		if err != nil {
			return err
		}
		if header.Name, err = filepath.Rel(root, path); err != nil {
			return err
		}
		if info.IsDir() {
			header.Name += "/"
		}
		clean := tar.Header{Typeflag: header.Typeflag, Name: header.Name, Linkname: header.Linkname, Mode: header.Mode, Size: header.Size}
		if err := out.WriteHeader(&clean); err != nil || !info.Mode().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = out.Write(data)
		return err
	})
	return buffer.Bytes(), errors.Join(err, out.Close())
}
