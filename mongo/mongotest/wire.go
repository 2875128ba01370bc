package mongotest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The wire protocol's messages that a client of MongoDB 6.0 sends: OP_MSG, and OP_QUERY for the first hello alone.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013

	flagChecksum   = 1 << 0
	flagMoreToCome = 1 << 1

	maxMessage  = 48_000_000 // bytes
	maxDocument = 16 << 20   // bytes
)

// message is one request.
type message struct {
	id     int32
	legacy bool // it came as OP_QUERY and is answered by OP_REPLY
	mute   bool // the client wants no answer (moreToCome)
	body   bson.D
}

func readMessage(r *bufio.Reader) (message, error) {
	head, rest, err := readFrame(r)
	if err != nil {
		return message{}, err
	}
	m := message{id: number(head[4:])}
	switch op := number(head[12:]); op {
	case opMsg:
		m.body, m.mute, err = readSections(rest)
	case opQuery:
		m.legacy = true
		m.body, err = readQuery(rest)
	default:
		err = fmt.Errorf("mongotest: opcode %d", op)
	}
	return m, err
}

// readFrame reads a message's head, which says how long it is, and the rest.
func readFrame(r io.Reader) (head [16]byte, rest []byte, err error) {
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return head, nil, err
	}
	size := int(number(head[0:]))
	if size < 16 || size > maxMessage {
		return head, nil, fmt.Errorf("mongotest: a message of %d bytes", size)
	}
	rest = make([]byte, size-16)
	_, err = io.ReadFull(r, rest)
	return head, rest, err
}

func number(b []byte) int32 { return int32(binary.LittleEndian.Uint32(b)) }

var errShort = errors.New("mongotest: a message ends too early")

// readSections reads OP_MSG: flags, one body (kind 0), and sequences of documents (kind 1), which become arrays of the
// body.
func readSections(b []byte) (body bson.D, mute bool, err error) {
	if len(b) < 5 {
		return nil, false, errShort
	}
	flags := number(b)
	b = b[4:]
	if flags&flagChecksum != 0 && len(b) >= 4 {
		b = b[:len(b)-4]
	}
	for len(b) > 0 {
		kind := b[0]
		part, rest, err := sized(b[1:])
		if err != nil {
			return nil, false, err
		}
		section, err := readSection(kind, part)
		if err != nil {
			return nil, false, err
		}
		if b = rest; kind == 0 { // the command's name stands first, wherever its section stands
			body = append(section, body...)
		} else {
			body = append(body, section...)
		}
	}
	return body, flags&flagMoreToCome != 0, nil
}

func readSection(kind byte, part []byte) (section bson.D, err error) {
	if kind == 0 {
		return section, bson.Unmarshal(part, &section)
	}
	e, err := readSequence(part[4:])
	return bson.D{e}, err
}

// sized cuts off what begins with its own size.
func sized(b []byte) (part, rest []byte, err error) {
	if len(b) < 4 || number(b) < 4 || int(number(b)) > len(b) {
		return nil, nil, errShort
	}
	return b[:number(b)], b[number(b):], nil
}

func readSequence(b []byte) (bson.E, error) {
	name, b, found := bytes.Cut(b, []byte{0})
	if !found {
		return bson.E{}, errShort
	}
	docs := bson.A{}
	for len(b) > 0 {
		part, rest, err := sized(b)
		if err != nil {
			return bson.E{}, err
		}
		var d bson.D
		if err := bson.Unmarshal(part, &d); err != nil {
			return bson.E{}, err
		}
		docs, b = append(docs, d), rest
	}
	return bson.E{Key: string(name), Value: docs}, nil
}

// readQuery reads OP_QUERY: flags, the collection's name, two numbers, the query; isMaster comes so.
func readQuery(b []byte) (body bson.D, err error) {
	if len(b) < 4 {
		return nil, errShort
	}
	_, b, found := bytes.Cut(b[4:], []byte{0})
	if !found || len(b) < 8 {
		return nil, errShort
	}
	part, _, err := sized(b[8:])
	if err != nil {
		return nil, err
	}
	return body, bson.Unmarshal(part, &body)
}

func writeMessage(w io.Writer, to message, answer bson.D) error {
	raw, err := bson.Marshal(answer)
	if err != nil {
		return err
	}
	op, head := opMsg, []byte{0, 0, 0, 0, 0} // no flags, a section of kind 0
	if to.legacy {
		op, head = opReply, make([]byte, 20)
		head[16] = 1 // flags, cursor, starting from, one document
	}
	out := make([]byte, 16, 16+len(head)+len(raw))
	binary.LittleEndian.PutUint32(out[0:], uint32(cap(out)))
	binary.LittleEndian.PutUint32(out[8:], uint32(to.id))
	binary.LittleEndian.PutUint32(out[12:], uint32(op))
	_, err = w.Write(append(append(out, head...), raw...))
	return err
}
