package mongotest

import (
	"sort"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// cursor is an open cursor: the rest of an answer, or a change stream at its place.
type cursor struct {
	id       int64
	name     string
	rest     []bson.D
	stream   bool
	database string
	pipeline bson.A // what follows $changeStream
	place    int64
	batch    int
}

// defaultBatch is the size of a first batch that the client does not choose.
const defaultBatch = 101

// tell adds an event for change streams; mu is held.
func (p *Played) tell(body bson.D, kind string, id any, full bson.D) {
	p.place++
	if kind == "replace" && p.deltas {
		kind = "update"
	}
	p.events = append(p.events, event{p.place, kind, text(body, "$db"), text(body, body[0].Key), id, full})
	p.wake()
}

func (p *Played) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// opened is the answer with a cursor's first batch; the cursor stays open while there is more.
func (p *Played) opened(c *cursor, size int64) bson.D {
	if size <= 0 {
		size = defaultBatch
	}
	first := c.rest[:min(int(size), len(c.rest))]
	if c.rest = c.rest[len(first):]; len(c.rest) > 0 {
		p.keep(c)
	}
	return batch(c, "firstBatch", first)
}

func (p *Played) keep(c *cursor) {
	p.lastCursor++
	c.id = p.lastCursor
	p.cursors[c.id] = c
}

func batch(c *cursor, name string, docs []bson.D, more ...bson.E) bson.D {
	if docs == nil {
		docs = []bson.D{}
	}
	d := bson.D{{Key: "id", Value: c.id}, {Key: "ns", Value: c.name}, {Key: name, Value: docs}}
	return bson.D{{Key: "cursor", Value: append(d, more...)}}
}

func (p *Played) killCursors(body bson.D) (bson.D, error) {
	for _, id := range list(body, "cursors") {
		delete(p.cursors, whole(id))
	}
	return nil, nil
}

func (p *Played) aggregate(body bson.D) (bson.D, error) {
	if firstStage(body) == "$changeStream" {
		return p.openStream(body)
	}
	c, name := p.namespace(body)
	docs, err := c.find(nil)
	if err != nil {
		return nil, err
	}
	docs, err = staged(docs, list(body, "pipeline"))
	if err != nil {
		return nil, err
	}
	return p.opened(&cursor{name: name, rest: docs}, whole(get(object(body, "cursor"), "batchSize"))), nil
}

// openStream opens a change stream on a database, from now or from behind a token. A token behind which events are
// forgotten is ChangeStreamHistoryLost; one of an event that ended its stream can be started after, not resumed after.
// https://www.mongodb.com/docs/manual/changeStreams/#resume-a-change-stream
func (p *Played) openStream(body bson.D) (bson.D, error) {
	pipeline := list(body, "pipeline")
	options := object(pipeline[0].(bson.D), "$changeStream")
	c := &cursor{name: text(body, "$db") + ".$cmd.aggregate", stream: true, database: text(body, "$db"),
		pipeline: pipeline[1:], place: p.place}
	for _, way := range []string{"resumeAfter", "startAfter"} {
		if token := get(options, way); rank(token) != 1 {
			var err error
			if c.place, err = p.begin(way, token); err != nil {
				return nil, err
			}
		}
	}
	if err := p.lost(c); err != nil {
		return nil, err
	}
	if c.batch = int(whole(get(object(body, "cursor"), "batchSize"))); c.batch == 0 {
		c.batch = defaultBatch
	}
	p.keep(c)
	docs, token, err := p.look(c)
	if err != nil {
		return nil, err
	}
	return batch(c, "firstBatch", docs, token), nil
}

// begin is the place of a token that a stream is to begin behind.
func (p *Played) begin(way string, token any) (int64, error) {
	place, err := placeOf(token)
	switch {
	case err != nil:
		return 0, err
	case way == "resumeAfter" && p.ended(place):
		return 0, &failure{code: 260, text: "Attempting to resume a change stream using 'resumeAfter' is not " +
			"allowed from an invalidate notification"}
	case place > p.place:
		return 0, &failure{code: 280, text: "cannot resume stream; the resume token was not found"}
	}
	return place, nil
}

func (p *Played) ended(place int64) bool {
	for _, e := range p.events {
		if e.at == place {
			return e.kind == "invalidate"
		}
	}
	return false
}

func (p *Played) lost(c *cursor) error {
	if c.place < p.oldest {
		return &failure{code: 286, text: "Resume of change stream was not possible, as the resume point may no " +
			"longer be in the oplog.", labels: []string{"NonResumableChangeStreamError"}}
	}
	return nil
}

// look reads a stream's next batch, and says how far it looked: the token advances on a stream that has nothing to
// tell too.
func (p *Played) look(c *cursor) ([]bson.D, bson.E, error) {
	if err := p.lost(c); err != nil {
		delete(p.cursors, c.id)
		return nil, bson.E{}, err
	}
	var told []bson.D
	next := sort.Search(len(p.events), func(i int) bool { return p.events[i].at > c.place })
	for _, e := range p.events[next:] {
		if e.database != c.database {
			continue
		}
		c.place = e.at
		ds, err := p.tellOne(c, e)
		if err != nil {
			return nil, bson.E{}, err
		}
		p.told = append(p.told, ds...)
		if told = append(told, ds...); len(told) >= c.batch || c.id == 0 {
			return told, bson.E{Key: "postBatchResumeToken", Value: token(e.at, "event")}, nil
		}
	}
	p.place++ // as the server's own periodic entries do
	c.place = p.place
	return told, bson.E{Key: "postBatchResumeToken", Value: token(c.place, "")}, nil
}

// tellOne is what a stream tells of an event; an invalidate event ends it, whatever its pipeline selects.
func (p *Played) tellOne(c *cursor, e event) ([]bson.D, error) {
	if e.kind == "invalidate" {
		p.exhaust(c)
		return []bson.D{e.document()}, nil
	}
	return staged([]bson.D{e.document()}, c.pipeline)
}

// document is an event as it is told.
// https://www.mongodb.com/docs/manual/reference/change-events/
func (e event) document() bson.D {
	d := bson.D{{Key: "_id", Value: token(e.at, "event")}, {Key: "operationType", Value: e.kind}}
	if e.kind == "invalidate" {
		return d
	}
	d = append(d, bson.E{Key: "ns", Value: bson.D{{Key: "db", Value: e.database}, {Key: "coll", Value: e.collection}}})
	d = append(d, bson.E{Key: "documentKey", Value: bson.D{{Key: "_id", Value: e.id}}})
	if e.kind == "insert" || e.kind == "replace" {
		return append(d, bson.E{Key: "fullDocument", Value: e.full})
	}
	if e.kind == "update" {
		d = append(d, bson.E{Key: "updateDescription", Value: bson.D{{Key: "updatedFields", Value: e.full}}})
	}
	return d
}

func (p *Played) getMore(body bson.D) (wait *cursor, answer bson.D, err error) {
	c := p.cursors[whole(body[0].Value)]
	if c == nil {
		return nil, nil, &failure{code: 43, text: "cursor id not found", labels: []string{"ResumableChangeStreamError"}}
	}
	if c.stream {
		return c, nil, nil
	}
	next := c.take(whole(get(body, "batchSize")))
	if len(c.rest) == 0 {
		p.exhaust(c)
	}
	return nil, batch(c, "nextBatch", next), nil
}

// take takes a batch of the rest; a size of 0 is all.
func (c *cursor) take(size int64) []bson.D {
	if size <= 0 || size > int64(len(c.rest)) {
		size = int64(len(c.rest))
	}
	next := c.rest[:size]
	c.rest = c.rest[size:]
	return next
}

// exhaust closes a cursor that has nothing more to tell: its id is 0 from then on.
func (p *Played) exhaust(c *cursor) {
	delete(p.cursors, c.id)
	c.id = 0
}

// defaultAwait is how long a getMore on a change stream waits for an event, unless the client chooses.
const defaultAwait = time.Second

// await is getMore on a change stream (awaitData): it answers when there is an event, or empty when it has waited long
// enough.
func (p *Played) await(c *cursor, body bson.D) (bson.D, error) {
	limit := time.Duration(whole(get(body, "maxTimeMS"))) * time.Millisecond
	if limit == 0 {
		limit = defaultAwait
	}
	for end := time.After(limit); ; {
		p.mu.Lock()
		answer, told, err := p.next(c)
		changed := p.changed
		p.mu.Unlock()
		if err != nil || told {
			return answer, err
		}
		select {
		case <-changed:
		case <-end:
			return answer, nil
		}
	}
}

// next looks once, and says whether there was anything; mu is held.
func (p *Played) next(c *cursor) (answer bson.D, told bool, err error) {
	if time.Now().Before(p.electing) {
		return nil, false, &failure{code: 11602, text: "operation was interrupted",
			labels: []string{"ResumableChangeStreamError"}}
	}
	if p.over || p.cursors[c.id] != c {
		return nil, false,
			&failure{code: 43, text: "cursor id not found", labels: []string{"ResumableChangeStreamError"}}
	}
	docs, token, err := p.look(c)
	return batch(c, "nextBatch", docs, token), len(docs) > 0, err
}
