// Package bundle keeps the evidence of a run in a folder and reads evidence back from everything people
// have: bundles, folders of text, pasted terminal logs and "show tech-support" files. Whatever it reads
// becomes captures, so that an offline check runs the same code as a live one. It imports diag and mask;
// fleet and cli may import it. The catalogue of commands is a parameter.
package bundle
