package sim

import (
	"net/netip"
	"strconv"
	"strings"
)

// token is one word of a pattern: a literal, or a parameter of a kind.
type token struct {
	literal string   // "" for a parameter
	name    string   // parameter name
	kind    string   // word, int, ip, rest, or "" with choices
	choices []string // the words a choice accepts
}

// pattern is a compiled command or configuration syntax. The notation:
//
//	word          a literal
//	<name>        any word; <name:int>, <name:ip> restrict it; <name:rest> takes the rest of the line
//	<name=a|b>    one of the words
//	[x y]         an optional group (not nested)
//	::            separates the key of a single-valued line from its value
type pattern struct {
	alternatives [][]token // one per combination of optional groups
	keyLen       []int     // tokens before "::" in each alternative; -1: the whole line is the key
}

func compile(text string) pattern {
	var p pattern
	for _, alt := range expand(strings.Fields(strings.NewReplacer("[", " [ ", "]", " ] ").Replace(text))) {
		var toks []token
		key := -1
		for _, w := range alt {
			if w == "::" {
				key = len(toks)
				continue
			}
			toks = append(toks, compileToken(w))
		}
		p.alternatives = append(p.alternatives, toks)
		p.keyLen = append(p.keyLen, key)
	}
	return p
}

// expand turns optional groups into alternatives, the longest first.
func expand(words []string) [][]string {
	for i, w := range words {
		if w != "[" {
			continue
		}
		end := i + 1
		for words[end] != "]" {
			end++
		}
		rest := expand(words[end+1:])
		var out [][]string
		for _, group := range [][]string{words[i+1 : end], nil} {
			for _, r := range rest {
				alt := append([]string{}, words[:i]...)
				alt = append(alt, group...)
				out = append(out, append(alt, r...))
			}
		}
		return out
	}
	return [][]string{words}
}

func compileToken(w string) token {
	inner, ok := strings.CutPrefix(w, "<")
	if !ok {
		return token{literal: w}
	}
	inner = strings.TrimSuffix(inner, ">")
	if name, choices, ok := strings.Cut(inner, "="); ok {
		return token{name: name, choices: strings.Split(choices, "|")}
	}
	name, kind, ok := strings.Cut(inner, ":")
	if !ok {
		kind = "word"
	}
	return token{name: name, kind: kind}
}

// accepts reports whether the word can stand for the token, and the full word
// it means: choices and literals may be abbreviated when abbrev is set.
func (t token) accepts(word string, abbrev bool) (string, bool) {
	lower := strings.ToLower(word)
	words := t.choices
	if t.literal != "" {
		words = []string{t.literal}
	}
	for _, c := range words {
		if strings.ToLower(c) == lower {
			return c, true
		}
	}
	if words != nil {
		for _, c := range words {
			if abbrev && strings.HasPrefix(strings.ToLower(c), lower) {
				return c, true
			}
		}
		return "", false
	}
	switch t.kind {
	case "int":
		_, err := strconv.Atoi(word)
		return word, err == nil
	case "ip":
		_, err := netip.ParseAddr(word)
		return word, err == nil
	}
	return word, true
}

// match matches whole words exactly; used for configuration lines, which are
// always written out. It returns the arguments, the canonical text and the key.
func (p pattern) match(words []string) (args map[string]string, text, key string, ok bool) {
	for i, alt := range p.alternatives {
		args, canon, matched := matchWords(alt, words)
		if !matched {
			continue
		}
		text = strings.Join(canon, " ")
		key = text
		if n := p.keyLen[i]; n >= 0 {
			key = strings.Join(canon[:n], " ")
		}
		return args, text, key, true
	}
	return nil, "", "", false
}

func matchWords(alt []token, words []string) (map[string]string, []string, bool) {
	args := map[string]string{}
	var canon []string
	for i, t := range alt {
		if t.kind == "rest" {
			if i >= len(words) {
				return nil, nil, false
			}
			rest := strings.Join(words[i:], " ")
			args[t.name] = rest
			return args, append(canon, rest), true
		}
		if i >= len(words) {
			return nil, nil, false
		}
		full, ok := t.accepts(words[i], false)
		if !ok {
			return nil, nil, false
		}
		if t.literal == "" {
			args[t.name] = full
		}
		canon = append(canon, full)
	}
	return args, canon, len(alt) == len(words)
}
