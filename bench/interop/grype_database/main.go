// Builds a database for grype of schema 6 from provider states: grype_database OUTPUT STATE...
//
// A state is the file metadata.json of a provider's folder, in the form that grype's own builder reads. It is what the program
// "grype-db" does, which cannot be had as a module; its packages are part of grype's.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/anchore/grype/grype/db"
	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/db/provider"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "grype_database OUTPUT STATE...")
		os.Exit(1)
	}
	var states provider.States
	for _, path := range os.Args[2:] {
		state, err := provider.ReadState(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		states = append(states, *state)
	}
	err := db.Build(db.BuildConfig{
		SchemaVersion:      v6.ModelVersion,
		Directory:          os.Args[1],
		States:             states,
		Timestamp:          time.Now(),
		Hydrate:            true,
		SQLiteCacheSizeKiB: 65536,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
