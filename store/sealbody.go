package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// paths is a tree of the members that a schema names.
type paths struct {
	named bool
	next  map[string]*paths
	each  *paths // "*"
}

func treeOf(names []string) *paths {
	root := &paths{next: map[string]*paths{}}
	for _, name := range names {
		at := root
		for part := range strings.SplitSeq(name, ".") {
			at = at.to(part)
		}
		at.named = true
	}
	return root
}

func (p *paths) to(part string) *paths {
	next := p.each
	if part != "*" {
		next = p.next[part]
	}
	if next == nil {
		next = &paths{next: map[string]*paths{}}
		if part == "*" {
			p.each = next
		} else {
			p.next[part] = next
		}
	}
	return next
}

// rewriter copies a body of our own writing, and changes the members that a tree names.
type rewriter struct {
	dec    *jsontext.Decoder
	body   []byte
	copied int64
	out    []byte
	// change gives what stands in a member's place; path is where it stands, such as "former/0/phone"
	change func(path string, raw []byte) ([]byte, error)
}

var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

// rewrite returns a body with changed members. What is empty has nothing to change: "", null, [] and {}.
func (p *paths) rewrite(body []byte, change func(path string, raw []byte) ([]byte, error)) ([]byte, error) {
	w := rewriter{body: body, change: change, out: make([]byte, 0, len(body)+512)}
	w.dec = decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(w.dec)
	w.dec.Reset(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := w.value(p, ""); err != nil {
		return nil, err
	}
	return append(w.out, body[w.copied:]...), nil
}

func (w *rewriter) value(p *paths, path string) error {
	if p != nil && p.named {
		return w.member(path)
	}
	kind := w.dec.PeekKind()
	if p == nil || kind != '{' && kind != '[' {
		return w.dec.SkipValue()
	}
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	if path != "" {
		path += "/"
	}
	for i := 0; w.dec.PeekKind() != kind+2; i++ { // '{' and '}', '[' and ']' are two apart
		next, at, err := w.next(p, path, kind, i)
		if err != nil {
			return err
		}
		if err := w.value(next, at); err != nil {
			return err
		}
	}
	_, err := w.dec.ReadToken()
	return err
}

// next is the tree and the path of the member that comes next, in an object or an array: a nil tree where it names
// nothing there.
func (w *rewriter) next(p *paths, path string, kind jsontext.Kind, i int) (next *paths, at string, err error) {
	if kind == '[' && p.each != nil {
		return p.each, path + strconv.Itoa(i), nil
	} else if kind == '[' {
		return nil, "", nil
	}
	name, err := w.dec.ReadValue()
	if err != nil {
		return nil, "", err
	}
	name = bytes.Trim(name, `"`)
	if next = cmp.Or(p.next[string(name)], p.each); next == nil {
		return nil, "", nil
	}
	return next, path + string(name), nil
}

func (w *rewriter) member(path string) error {
	raw, err := w.dec.ReadValue()
	if err != nil || empty(raw) {
		return err
	}
	end := w.dec.InputOffset()
	changed, err := w.change(path, raw)
	if err != nil {
		return err
	}
	w.out = append(append(w.out, w.body[w.copied:end-int64(len(raw))]...), changed...)
	w.copied = end
	return nil
}

func empty(raw []byte) bool {
	switch string(raw) {
	case `""`, "null", "[]", "{}":
		return true
	}
	return false
}

// sealable is a schema with what its sealing takes.
type sealable struct {
	Schema
	personal *paths
	secrets  *paths
	contexts map[string]string                 // of secrets, by path
	digests  map[string]bool                   // fields
	public   map[string]func(text string) bool // Field.Open
	declared string                            // tells one set of declarations from another
}

func newSealable(s Schema) *sealable {
	v := &sealable{Schema: s, personal: treeOf(s.Personal), digests: map[string]bool{}, contexts: map[string]string{},
		public: map[string]func(string) bool{}}
	all := slices.Sorted(slices.Values(s.Personal))
	for _, f := range s.Fields {
		if f.Digest {
			v.digests[f.Name], v.public[f.Name] = true, f.Open
			all = append(all, strings.TrimSpace("digest of "+f.Name+" "+f.Form))
		}
	}
	var names []string
	for _, x := range s.Secrets {
		names = append(names, x.Path)
		v.contexts[strings.ReplaceAll(x.Path, ".", "/")] = x.Context
	}
	v.secrets = treeOf(names)
	v.declared = declarationOf(all)
	return v
}

// declarationOf tells one set of declarations from another.
func declarationOf(all []string) string {
	sum := sha256.Sum256([]byte(strings.Join(all, "\n")))
	return hex.EncodeToString(sum[:4])
}

// digested reports whether an index has a field that is kept as a digest.
func (v *sealable) digested(x Index) bool {
	return slices.ContainsFunc(x.Fields, func(f string) bool { return v.digests[f] })
}

// holds reports whether the documents have anything to seal.
func (v *sealable) holds() bool { return len(v.Personal)+len(v.digests) > 0 }

// The member that a sealed body begins with: under which key, and by which declarations, all of it was sealed.
const markStart = `{"sealed_by":"`

func (v *sealable) markOf(key string) string { return markStart + key + "/" + v.declared + `"` }

// seal seals the personal members of a document's body and marks it.
func (v *sealable) seal(s Sealer, id string, body []byte) ([]byte, error) {
	seal, _ := s.Of(v.context(id))
	sealed, err := v.personal.rewrite(body, func(path string, raw []byte) ([]byte, error) {
		return []byte(`"` + seal(raw, path) + `"`), nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: seal %s %s: %w", v.Name, id, err)
	}
	mark := v.markOf(s.Names()[0])
	if string(sealed) != "{}" {
		mark += ","
	}
	return append([]byte(mark), sealed[1:]...), nil
}

// open is the way back. What is not sealed, as it was stored by a version that did not seal, stays as it is.
func (v *sealable) open(s Sealer, id string, body []byte) ([]byte, error) {
	_, open := s.Of(v.context(id))
	opened, err := v.personal.rewrite(unmarked(body), func(path string, raw []byte) ([]byte, error) {
		text := bytes.Trim(raw, `"`)
		if s.KeyOf(string(text)) == "" {
			return raw, nil
		}
		return open(string(text), path)
	})
	if err != nil {
		return nil, fmt.Errorf("store: open %s %s: %w", v.Name, id, err)
	}
	return opened, nil
}

func unmarked(body []byte) []byte {
	if !bytes.HasPrefix(body, []byte(markStart)) {
		return body
	}
	_, rest, _ := bytes.Cut(body[len(markStart):], []byte(`"`))
	return append([]byte("{"), bytes.TrimPrefix(rest, []byte(","))...)
}

// context says whose document sealed texts are of, so that they open nowhere else.
func (v *sealable) context(id string) string { return "personal/" + v.Name + "/" + id }

// current reports whether all of a stored document is sealed under the first key and by the present declarations.
func (v *sealable) current(s Sealer, d Doc) bool {
	key := s.Names()[0]
	if v.Passing {
		return strings.HasPrefix(d.ID, key+"/")
	}
	if v.holds() && !bytes.HasPrefix(d.Body, []byte(v.markOf(key))) {
		return false
	}
	current := true
	_, err := v.secrets.rewrite(d.Body, func(_ string, raw []byte) ([]byte, error) {
		current = current && s.KeyOf(string(bytes.Trim(raw, `"`))) == key
		return raw, nil
	})
	return err == nil && current
}

// secretsAnew seals under the first key what the owner of the document has sealed under another.
func (v *sealable) secretsAnew(s Sealer, id string, body []byte) ([]byte, error) {
	return v.secrets.rewrite(body, func(path string, raw []byte) ([]byte, error) {
		context := strings.ReplaceAll(v.contexts[path], "{id}", id)
		plain, err := s.Open(string(bytes.Trim(raw, `"`)), context)
		if err != nil {
			return nil, fmt.Errorf("store: %s of %s %s: %w", path, v.Name, id, err)
		}
		return []byte(`"` + s.Seal(plain, context) + `"`), nil
	})
}
