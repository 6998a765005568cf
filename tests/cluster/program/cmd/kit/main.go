// Command kit does the parts of starting a test cluster that a shell script does badly:
// certificates, free ports, image layouts, and serving those images to a container runtime.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kit:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "certs":
		return writeCertificates(args[1], args[2])
	case len(args) == 2 && args[0] == "ports":
		return printFreePorts(args[1])
	case len(args) == 3 && args[0] == "images":
		return writeImages(args[1], args[2])
	case len(args) == 3 && args[0] == "registry":
		return serveImages(args[1], args[2])
	case len(args) == 3 && args[0] == "forward":
		return forward(args[1], args[2])
	}
	return fmt.Errorf(`one of
  kit certs DIR SERVER        every key, certificate and kubeconfig for an API server at SERVER
  kit ports N                 N free loopback ports, one a line
  kit images ROOTS LAYOUTS    container images from root file systems
  kit registry LAYOUT ADDR    serve those images for pulling, until killed
  kit forward FROM TO         carry connections from one address to another, until killed`)
}
