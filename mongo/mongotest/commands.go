package mongotest

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// command carries a command out; mu is held. A cursor to wait for is one whose batch may come later.
func (p *Played) command(name string, body bson.D) (wait *cursor, answer bson.D, err error) {
	if name == "hello" {
		return nil, p.hello(), nil
	}
	if time.Now().Before(p.electing) && name != "ping" && name != "endSessions" {
		return nil, nil, &failure{code: 10107, text: "not primary", labels: []string{"RetryableWriteError"}}
	}
	if name == "getMore" {
		return p.getMore(body)
	}
	do, known := p.commands()[name]
	if !known {
		return nil, nil, &failure{code: 59, text: "no such command: '" + name + "'"}
	}
	answer, err = do(body)
	return nil, answer, err
}

// commands are those that are answered at once, by name.
func (p *Played) commands() map[string]func(bson.D) (bson.D, error) {
	return map[string]func(bson.D) (bson.D, error){
		"ping": p.nothing, "endSessions": p.nothing, "killCursors": p.killCursors, "find": p.find,
		"aggregate": p.aggregate, "insert": p.insert, "update": p.update, "delete": p.delete,
		"createIndexes": p.createIndexes, "listIndexes": p.listIndexes, "drop": p.drop,
		"dropDatabase": p.dropDatabase,
	}
}

func (p *Played) nothing(bson.D) (bson.D, error) { return nil, nil }

// hello says what the server is. It leaves topologyVersion out, so that clients ask again and again instead of waiting
// for a change.
// https://www.mongodb.com/docs/manual/reference/command/hello/
func (p *Played) hello() bson.D {
	primary := !time.Now().Before(p.electing)
	d := bson.D{
		{Key: "helloOk", Value: true}, {Key: "isWritablePrimary", Value: primary}, {Key: "ismaster", Value: primary},
		{Key: "maxBsonObjectSize", Value: int32(maxDocument)},
		{Key: "maxMessageSizeBytes", Value: int32(maxMessage)}, {Key: "maxWriteBatchSize", Value: int32(100_000)},
		{Key: "localTime", Value: bson.NewDateTimeFromTime(time.Now())},
		{Key: "logicalSessionTimeoutMinutes", Value: int32(30)}, {Key: "minWireVersion", Value: int32(0)},
		{Key: "maxWireVersion", Value: int32(17)}, {Key: "readOnly", Value: false},
	}
	if p.sharded != nil {
		return append(d, bson.E{Key: "msg", Value: "isdbgrid"})
	}
	return append(d, p.member(primary)...)
}

// member is what hello says of the replica set that this server is the one member of.
func (p *Played) member(primary bool) bson.D {
	address := p.listener.Addr().String()
	d := bson.D{
		{Key: "setName", Value: "played"}, {Key: "setVersion", Value: int32(1)}, {Key: "hosts", Value: bson.A{address}},
		{Key: "me", Value: address}, {Key: "secondary", Value: !primary},
	}
	if primary {
		d = append(d, bson.E{Key: "primary", Value: address})
	}
	return d
}

// namespace is the collection that a command names, nil when there is none yet.
func (p *Played) namespace(body bson.D) (*collection, string) {
	name := text(body, "$db") + "." + text(body, body[0].Key)
	return p.collections[name], name
}

func (p *Played) collection(body bson.D) *collection {
	c, name := p.namespace(body)
	if c == nil {
		c = newCollection(name, p.sharded[text(body, body[0].Key)])
		p.collections[name] = c
	}
	return c
}

func (p *Played) find(body bson.D) (bson.D, error) {
	c, name := p.namespace(body)
	docs, err := c.find(object(body, "filter"))
	if err != nil {
		return nil, err
	}
	sorted(docs, object(body, "sort"))
	if n := whole(get(body, "limit")); n > 0 {
		docs = docs[:min(int64(len(docs)), n)]
	}
	out := projectedAll(docs, object(body, "projection"))
	return p.opened(&cursor{name: name, rest: out}, whole(get(body, "batchSize"))), nil
}

// wrote is the answer of a write: what went wrong with single documents stands in it.
func wrote(n int, failed bson.A, more ...bson.E) bson.D {
	d := append(bson.D{{Key: "n", Value: int32(n)}}, more...)
	if len(failed) > 0 {
		d = append(d, bson.E{Key: "writeErrors", Value: failed})
	}
	return d
}

func writeError(i int, err error) bson.D {
	r := refused(err)
	return bson.D{{Key: "index", Value: int32(i)}, {Key: "code", Value: get(r, "code")},
		{Key: "errmsg", Value: get(r, "errmsg")}}
}

func (p *Played) insert(body bson.D) (bson.D, error) {
	c, n, failed := p.collection(body), 0, bson.A{}
	for i, v := range list(body, "documents") {
		d, _ := v.(bson.D)
		if err := c.insert(d); err != nil {
			failed = append(failed, writeError(i, err))
			if ordered := get(body, "ordered"); ordered != false {
				break
			}
			continue
		}
		n++
		p.tell(body, "insert", get(d, "_id"), d)
	}
	return wrote(n, failed), nil
}

// update replaces whole documents, or sets paths of them.
func (p *Played) update(body bson.D) (bson.D, error) {
	c, n, failed := p.collection(body), 0, bson.A{}
	for i, v := range list(body, "updates") {
		u, _ := v.(bson.D)
		found, err := c.find(object(u, "q"))
		if err == nil && len(found) > 0 {
			n++
			err = p.updateOne(body, c, found[0], object(u, "u"))
		}
		if err != nil {
			failed = append(failed, writeError(i, err))
			break
		}
	}
	return wrote(n, failed, bson.E{Key: "nModified", Value: int32(n)}), nil
}

func (p *Played) updateOne(body bson.D, c *collection, old, u bson.D) error {
	kind, next, told := "replace", u, u
	if set := object(u, "$set"); set != nil {
		kind, next, told = "update", updated(old, set), set
	}
	if _, no := get(next, "_id").(missing); no {
		next = append(bson.D{{Key: "_id", Value: get(old, "_id")}}, next...)
	}
	if err := c.replace(old, next); err != nil {
		return err
	}
	p.tell(body, kind, get(old, "_id"), told)
	return nil
}

// updated is a document with paths of it set.
func updated(d, set bson.D) bson.D {
	for _, e := range set {
		d = put(d, e.Key, e.Value)
	}
	return d
}

func (p *Played) delete(body bson.D) (bson.D, error) {
	c, n := p.collection(body), 0
	for _, v := range list(body, "deletes") {
		q, _ := v.(bson.D)
		found, err := c.find(object(q, "q"))
		if err != nil {
			return nil, err
		}
		if whole(get(q, "limit")) == 1 {
			found = found[:min(1, len(found))]
		}
		for _, d := range found {
			c.remove(d)
			p.tell(body, "delete", get(d, "_id"), nil)
		}
		n += len(found)
	}
	return wrote(n, nil), nil
}

func (p *Played) createIndexes(body bson.D) (bson.D, error) {
	c := p.collection(body)
	before := len(c.indexes)
	for _, v := range list(body, "indexes") {
		spec, _ := v.(bson.D)
		if err := c.addIndex(spec); err != nil {
			return nil, err
		}
	}
	return bson.D{{Key: "numIndexesBefore", Value: int32(before)},
		{Key: "numIndexesAfter", Value: int32(len(c.indexes))}}, nil
}

func (p *Played) listIndexes(body bson.D) (bson.D, error) {
	c, name := p.namespace(body)
	if c == nil {
		return nil, &failure{code: 26, text: "ns does not exist: " + name}
	}
	var specs []bson.D
	for _, x := range c.indexes {
		specs = append(specs, x.spec)
	}
	return p.opened(&cursor{name: name, rest: specs}, 0), nil
}

func (p *Played) drop(body bson.D) (bson.D, error) {
	_, name := p.namespace(body)
	delete(p.collections, name)
	return nil, nil
}

// dropDatabase ends the change streams of the database with an invalidate event.
func (p *Played) dropDatabase(body bson.D) (bson.D, error) {
	p.collections = map[string]*collection{}
	p.tell(body, "invalidate", nil, nil)
	return nil, nil
}
