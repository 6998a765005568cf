// Command todo stands in for the two halves of a small web application: `todo backend`
// and `todo frontend`. Each answers / and /health; the backend ends at once without DATABASE_URL,
// the most ordinary reason for a crash loop there is.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	half, port := "backend", "8000"
	if len(os.Args) > 1 && os.Args[1] == "frontend" {
		half, port = "frontend", "3000"
	}
	if set := os.Getenv("PORT"); set != "" {
		port = set
	}
	if half == "backend" && os.Getenv("DATABASE_URL") == "" {
		log.Fatal("FATAL: DATABASE_URL is not set")
	}
	http.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	http.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		log.Println(r.Method, r.URL.Path)
		fmt.Fprintln(w, "todo", half)
	})
	log.Println("todo", half, "listens on port", port)
	log.Fatal(http.ListenAndServe(":"+port, nil))
}
