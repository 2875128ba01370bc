// Package store is the document-store port: what the domain packages ask of a database, and nothing more. Domain
// packages own their documents and describe each collection as data (Schema); the adapters (packages sqlite and mongo)
// know no business word. Package storetest is the suite that every adapter passes.
//
// One document is the unit of truth: no operation spans two. What touches several is written as one change to the
// document that decides, with the effects it still owes inside it.
//
// The store's faults: Unavailable when it cannot answer now, a write may then have happened or not; NotFound of an id
// that is not there; Invalid of a query that the schema does not declare, and of a cursor that is none of the store's;
// Internal of a collection that Ensure was not called for, and of a document that cannot be read. What else comes each
// method says: Stale and AlreadyExists of writes, Expired of the feed.
package store

import "context"

// Type is the type of an indexed field's values.
type Type string

// The types an indexed field may have. Instants are Int: milliseconds since 1970 UTC.
const (
	String Type = "string"
	Int    Type = "int"
)

// Field is a value that is kept beside the body so that indexes, counts and sums can use it.
type Field struct {
	Name string // [a-z][a-z0-9_]*
	Type Type
	Many bool // the document may have several values: one index entry each

	// the values are of a person, or tell of one: a sealed store keeps keyed digests in their place. The field can be
	// matched by Equal and In, and neither ordered nor bounded by a range, in any store.
	Digest bool
	// Open says which texts are of no person by their form, such as order numbers: they stay as they are, which keeps
	// an index in the order in which they are made. nil is none.
	Open func(text string) bool
	// Form names how the texts of a Digest are written: with another name than before, Rekey makes them anew.
	Form string
}

// Index is a declared order of a collection: by Fields, then by id. A document without a value for one of the fields
// is not in the index, and a unique index does not bind it. At most one field of an index is Many.
type Index struct {
	Name   string
	Fields []string
	Unique bool
}

// Schema describes one collection.
type Schema struct {
	Name    string // [a-z][a-z0-9_]*
	Fields  []Field
	Indexes []Index
	Feed    bool // changes of this collection appear in the change feed
	// the field by which a sharded store distributes the collection; "" is by id. Unique indexes must start with it.
	Shard string

	// Personal names the members of the body that are of a person, in a sealed store each sealed on its own: "name",
	// "payer.name", "former.*.phone" (each of an array, or of an object's members). A whole object or array may be one.
	Personal []string
	// Secrets names the members that their owner has sealed already, under the same key: rekey seals them anew.
	Secrets []Secret
	// Passing says that the ids begin with the name of the key, followed by a slash: what they name is worth nothing
	// under another key, such as one-time codes, and rekey deletes it.
	Passing bool
}

// Secret is a text in a body that its owner has sealed: where it stands, and what context it was sealed with, in which
// {id} stands for the document's.
type Secret struct{ Path, Context string }

// Keys are the values of a document's fields by name: string or int64. A field that is missing or empty has no value.
type Keys map[string][]any

// Doc is one stored document.
type Doc struct {
	ID      string
	Version int64 // 1 after Insert, one more after each Replace
	Keys    Keys
	Body    []byte // a JSON object
}

// Query selects documents by a declared index: Equal gives the values of its first fields, then the next field may be
// bounded by In or by From and To. The answer is in the order of the fields that Equal and In leave, then of the id;
// Desc turns it round. A Many field can only be matched by Equal. An unknown index or too many values is an Invalid
// fault: no query can be a scan.
type Query struct {
	Index    string
	Equal    []any
	In       []any
	From, To any // From is inclusive, To exclusive; nil is open
	Desc     bool
	Limit    int    // documents of a page: 1 to MaxLimit; 0 is DefaultLimit
	Cursor   string // where an earlier Page ended
	// the documents come without their bodies, which need not be read (a store that has them at hand may hand them out)
	Bare bool
}

// Bounds of a page, in documents. Ours.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Page is one answer of Find. Next is "" on the last page. Keys of a document hold at least the index's fields that
// Equal leaves open. A body that the store cannot read is empty, and ends nothing for the others.
type Page struct {
	Docs []Doc
	Next string
}

// Group is one row of Sum: the values of the group's fields, the count of documents and a total for each summed field.
type Group struct {
	By    []any
	Count int64
	Sums  []int64
}

// Token is a place in the change feed. Its order is known to the adapter alone; "" is now.
type Token string

// Change says that a document of a collection with Feed was written (Version) or deleted (Version 0). A reader that
// fell behind may see only the newest version of a document, never an older one after a newer one.
type Change struct {
	Token      Token
	Collection string
	ID         string
	Version    int64
}

// Writer changes documents. Every write that returned nil survives a crash of the process and of the machine.
// All methods return an Unavailable fault when the store cannot answer: then the write may or may not have happened.
type Writer interface {
	// Insert stores a new document as version 1, or returns an AlreadyExists fault when its id or a unique key is
	// taken.
	Insert(ctx context.Context, collection string, d Doc) error
	// InsertMany stores those documents whose id and unique keys are free and returns the ids of the others. It is not
	// atomic: after an error it may be repeated.
	InsertMany(ctx context.Context, collection string, docs []Doc) (taken []string, err error)
	// Replace stores d as version d.Version+1 if the stored version is d.Version. Otherwise it returns a Stale fault
	// (also when there is no such document), or AlreadyExists when a unique key is taken; then nothing is changed.
	Replace(ctx context.Context, collection string, d Doc) error
	// Delete removes the document if the stored version is the one given, or returns a Stale fault.
	Delete(ctx context.Context, collection, id string, version int64) error
}

// Reader reads documents. A read that starts after a write returned sees that write.
type Reader interface {
	// Get returns the document, or a NotFound fault.
	Get(ctx context.Context, collection, id string) (Doc, error)
	// Find returns one page. Following Next neither skips nor repeats a document, whatever is inserted meanwhile.
	Find(ctx context.Context, collection string, q Query) (Page, error)
	// Count returns how many documents the query selects; Limit and Cursor are ignored.
	Count(ctx context.Context, collection string, q Query) (int64, error)
	// Sum groups the selected documents by the given fields and adds up the given Int fields, ordered by group; Limit
	// and Cursor are ignored. Fields that are Many are an Invalid fault.
	Sum(ctx context.Context, collection string, q Query, by, sums []string) ([]Group, error)
}

// Feed tells what changed, in this process and in others.
type Feed interface {
	// Watch calls each for every change after the token until ctx is done (it then returns nil) or each returns an
	// error (it then returns that). A token that the store no longer reaches back to is an Expired fault.
	Watch(ctx context.Context, after Token, each func(Change) error) error
}

// Starter is implemented by a feed that says where it stands: whoever reads what is stored after asking for the token,
// and then watches from it, misses nothing in between. It is how to begin, and how to begin again after an Expired
// fault. What was changed shortly before may be told too.
type Starter interface {
	// Now is the place where the feed stands: changes after it are told to whoever watches from there.
	Now(ctx context.Context) (Token, error)
}

// Now is the place where a feed stands, "" for a feed that does not say it. Its faults are the feed's.
func Now(ctx context.Context, f Feed) (Token, error) {
	if s, ok := f.(Starter); ok {
		return s.Now(ctx)
	}
	return "", nil
}

// Store is a whole document store.
type Store interface {
	Writer
	Reader
	Feed
	// Ensure creates the collections and indexes that are missing. It must be called for a schema before the
	// collection is used.
	Ensure(ctx context.Context, schemas ...Schema) error
	// Ping returns nil when the store can take a write.
	Ping(ctx context.Context) error
	// Close waits for what is being written, and lets go of the files or connections.
	Close() error
}

// Walker is implemented by a store that can be gone through whole, whatever indexes there are. It is for the upkeep of
// a store (Sealed.Rekey): no query does that.
type Walker interface {
	// Walk returns at most limit documents of a collection in the order of their ids, from the first one after an id
	// on; "" is before all. Their keys are left out.
	Walk(ctx context.Context, collection, after string, limit int) ([]Doc, error)
}
