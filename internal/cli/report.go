package cli

import (
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"slpdoctor/internal/report"
)

func newReport(a *app) *cobra.Command {
	var o output
	c := &cobra.Command{
		Use:   "report RUN.json",
		Short: "Render a saved run again, in any output format (- for stdin)",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			text, err := readAll(a.In, args[0])
			if err != nil {
				return usage(err, "")
			}
			r, err := report.Read(bytes.NewReader(text))
			if err != nil {
				return usage(errors.Join(err), "report takes what -o json wrote, also the run.json of a bundle")
			}
			if r, err = a.waived(&o.waivers, r); err != nil {
				return err
			}
			return a.deliver(&o, r)
		},
	}
	o.flags(c)
	return c
}

func readAll(stdin io.Reader, path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(path)
}
