package main

import (
	"fmt"
	"io"
	"net"
	"strconv"
)

// All are held until all are found: asked for one by one, the same port can come twice.
func printFreePorts(count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer listener.Close()
		fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	}
	return nil
}

// The API server listens on loopback only, where no pod reaches it; this lets pods in by the node's address.
func forward(from, to string) error {
	listener, err := net.Listen("tcp", from)
	if err != nil {
		return err
	}
	for {
		near, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer near.Close()
			far, err := net.Dial("tcp", to)
			if err != nil {
				return
			}
			defer far.Close()
			go func() {
				defer far.Close()
				io.Copy(far, near)
			}()
			io.Copy(near, far)
		}()
	}
}
