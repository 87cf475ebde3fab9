package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"slpdoctor/internal/report"
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.write("", func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "slpdoctor %s\n", version())
				return err
			})
		},
	}
}

func newMan(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "man [COMMAND...]",
		Short: "Print the manual page of slpdoctor, or of one command (pipe it into `man -l -`)",
		RunE: func(c *cobra.Command, args []string) error {
			page, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usage(fmt.Errorf("no command %q", strings.Join(args, " ")), "slpdoctor --help lists the commands")
			}
			page.DisableAutoGenTag = true
			return a.write("", func(w io.Writer) error {
				return doc.GenMan(page, &doc.GenManHeader{Title: "SLPDOCTOR", Section: "1", Source: "slpdoctor", Date: nil}, w)
			})
		},
	}
}

// schemas are the document kinds and how their JSON Schema is made.
var schemas = map[string]func() (*jsonschema.Schema, error){
	"run":          func() (*jsonschema.Schema, error) { return jsonschema.For[report.Document](nil) },
	"parse":        func() (*jsonschema.Schema, error) { return jsonschema.For[parseDocument](nil) },
	"logs":         logsSchema,
	"authcode":     authcodeSchema,
	"diff":         diffSchema,
	"history":      historySchema,
	"reconcile":    reconcileSchema,
	"transitions":  transitionsSchema,
	"waivers":      waiverListSchema,
	"waivers-lint": waiverLintSchema,

	"notification": notificationSchema,
}

func newSchema(a *app) *cobra.Command {
	kinds := slices.Sorted(maps.Keys(schemas))
	return &cobra.Command{
		Use:       "schema KIND",
		Short:     "Print the JSON Schema of a document kind: " + strings.Join(kinds, ", "),
		Args:      cobra.ExactArgs(1),
		ValidArgs: kinds,
		RunE: func(_ *cobra.Command, args []string) error {
			schema, ok := schemas[args[0]]
			if !ok {
				return usage(fmt.Errorf("no document kind %q; there are %s", args[0], strings.Join(kinds, ", ")), "")
			}
			s, err := schema()
			if err != nil {
				return fmt.Errorf("making the schema: %w", err)
			}
			s.Schema = "https://json-schema.org/draft/2020-12/schema"
			s.Title = "slpdoctor " + args[0]
			return a.write("", func(w io.Writer) error {
				e := json.NewEncoder(w)
				e.SetIndent("", "  ")
				return e.Encode(s)
			})
		},
	}
}
