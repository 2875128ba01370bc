package mongo

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"linlipay/fault"
	"linlipay/mongo/mongotest"
	"linlipay/store"
)

// What the server fails with, what somebody then does, and what they are told. In each the document a, version 1,
// holds "h". A line more is a case more.
func TestWhatFailsIsToldRightly(t *testing.T) {
	type writes func(context.Context, *Store) error
	insert := func(id string, holds ...any) writes {
		return func(ctx context.Context, s *Store) error { return s.Insert(ctx, "orders", order(id, 0, holds...)) }
	}
	replace := func(id string, version int64, holds ...any) writes {
		return func(ctx context.Context, s *Store) error {
			return s.Replace(ctx, "orders", order(id, version, holds...))
		}
	}
	remove := func(id string, version int64) writes {
		return func(ctx context.Context, s *Store) error { return s.Delete(ctx, "orders", id, version) }
	}
	bulk := func(ids ...string) writes {
		return func(ctx context.Context, s *Store) error {
			var docs []store.Doc
			for _, id := range ids {
				docs = append(docs, order(id, 0))
			}
			_, err := s.InsertMany(ctx, "orders", docs)
			return err
		}
	}
	big := func(do func(context.Context, *Store, store.Doc) error) writes {
		d := order("big", 1)
		d.Body = []byte(`{"text":"` + strings.Repeat("x", 16<<20) + `"}`)
		return func(ctx context.Context, s *Store) error { return do(ctx, s, d) }
	}
	retryable := []string{"RetryableWriteError"}
	for name, test := range map[string]struct {
		faults []mongotest.Fault
		do     writes
		want   fault.Code
	}{
		"a taken id": {nil, insert("a"), fault.AlreadyExists},
		"a taken id beside a write-concern error": {[]mongotest.Fault{{Command: "insert", WriteConcern: 64}},
			insert("a"), fault.Unavailable},
		"a taken key beside a write-concern error": {[]mongotest.Fault{{Command: "insert", WriteConcern: 64}},
			insert("b", "h"), fault.Unavailable},
		"a replaced key beside a write-concern error": {
			[]mongotest.Fault{{Command: "update", Skip: 0, WriteConcern: 64}}, replace("a", 1, "h"), fault.Unavailable},
		"taken ids of many": {nil, bulk("a", "b"), ""},
		"taken ids of many beside a write-concern error": {[]mongotest.Fault{{Command: "insert", WriteConcern: 100}},
			bulk("a", "b"), fault.Unavailable},
		"a write-concern error alone": {[]mongotest.Fault{{Command: "insert", WriteConcern: 64}},
			insert("b"), fault.Unavailable},
		"a delete that a majority did not confirm": {[]mongotest.Fault{{Command: "delete", WriteConcern: 64}},
			remove("a", 1), fault.Unavailable},
		"an insert whose connection closes": {[]mongotest.Fault{{Command: "insert", Close: true}}, insert("b"),
			""},
		"an insert whose answer is lost": {[]mongotest.Fault{{Command: "insert", Close: true, Done: true}},
			insert("b"), ""},
		"a replacement whose answer is lost": {[]mongotest.Fault{{Command: "update", Close: true, Done: true}},
			replace("a", 1), ""},
		"a delete whose answer is lost": {[]mongotest.Fault{{Command: "delete", Close: true, Done: true}},
			remove("a", 1), ""},
		"an insert while the primary steps down": {
			[]mongotest.Fault{{Command: "insert", Code: 189, Labels: retryable}}, insert("b"), ""},
		"a replacement while the primary steps down": {
			[]mongotest.Fault{{Command: "update", Code: 189, Labels: retryable}}, replace("a", 1), ""},
		"an insert that runs out of time": {[]mongotest.Fault{{Command: "insert", Code: 50}}, insert("b"),
			fault.Unavailable},
		"an insert without the right to": {[]mongotest.Fault{{Command: "insert", Code: 13}}, insert("b"),
			fault.Unavailable},
		"a stale version": {nil, replace("a", 7), fault.Stale},
		"a document over 16 MB": {nil, big(func(ctx context.Context, s *Store, d store.Doc) error {
			return s.Insert(ctx, "orders", d)
		}), fault.TooLarge},
		"a replacement over 16 MB": {nil, big(func(ctx context.Context, s *Store, d store.Doc) error {
			return s.Replace(ctx, "orders", d)
		}), fault.TooLarge},
		"a document over 16 MB among others": {nil, big(func(ctx context.Context, s *Store, d store.Doc) error {
			_, err := s.InsertMany(ctx, "orders", []store.Doc{order("b", 0), d})
			return err
		}), fault.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			p := mongotest.Play(t)
			s := open(t, p.URI("timeoutMS=5000"))
			must(t, s.Insert(t.Context(), "orders", order("a", 0, "h")))
			before := len(p.Received("insert")) + len(p.Received("update"))
			p.Fail(test.faults...)
			wantCode(t, test.do(t.Context(), s), test.want)
			if sent := len(p.Received("insert")) + len(p.Received("update")) - before; test.want == fault.TooLarge &&
				sent > 0 {
				t.Error("it was sent")
			}
		})
	}
}

// A write whose answer was lost was made once, and what is read after it is what it wrote.
func TestARetriedWriteIsMadeOnce(t *testing.T) {
	p := mongotest.Play(t)
	s := open(t, p.URI())
	insert(t, s, "a")
	for version := range int64(3) {
		p.Fail(mongotest.Fault{Command: "update", Close: true, Done: true})
		must(t, s.Replace(t.Context(), "orders", order("a", version+1)))
	}
	if d, err := s.Get(t.Context(), "orders", "a"); err != nil || d.Version != 4 {
		t.Errorf("version %d, %v, want 4", d.Version, err)
	}
}

// An election takes longer than the two seconds in which a primary had to be found: who writes and who reads waits for
// its end, by the settings of an address that says nothing.
func TestAnElectionIsWaitedFor(t *testing.T) {
	p := mongotest.Play(t)
	s := open(t, p.URI())
	insert(t, s, "a")
	p.StepDown(3 * time.Second)
	insert(t, s, "b")
	if _, err := s.Get(t.Context(), "orders", "b"); err != nil {
		t.Error(err)
	}
}

// A collection's indexes may take longer to build than any other operation.
func TestAnIndexBuildOutlivesTheTimeout(t *testing.T) {
	p := mongotest.Play(t)
	s := open(t, p.URI(short))
	p.Fail(mongotest.Fault{Command: "createIndexes", Delay: longer})
	big := orders()
	big.Name = "big"
	must(t, s.Ensure(t.Context(), big))
	for _, c := range p.Received("createIndexes") {
		if limit, ok := argument(c, "maxTimeMS").(int64); ok && c[0].Value == "big" &&
			limit < time.Hour.Milliseconds() {
			t.Errorf("the server is to give up after %d ms", limit)
		}
	}
}

func argument(command bson.D, name string) any {
	for _, e := range command {
		if e.Key == name {
			return e.Value
		}
	}
	return nil
}

// Whatever the address says: reads are of the primary and of what a majority has, writes are acknowledged by a
// majority and may be retried.
func TestTheAddressWeakensNothing(t *testing.T) {
	for _, weak := range []string{
		"readPreference=secondaryPreferred", "readPreference=nearest&maxStalenessSeconds=120", "readConcernLevel=local",
		"readConcernLevel=available", "w=1", "w=1&journal=false", "w=0",
		"retryWrites=false", "retryReads=false",
	} {
		t.Run(weak, func(t *testing.T) {
			p := mongotest.Play(t)
			s := open(t, p.URI(weak))
			insert(t, s, "a")
			must(t, s.Replace(t.Context(), "orders", order("a", 1)))
			_, err := s.Find(t.Context(), "orders", store.Query{Index: "by_amount"})
			must(t, err)
			_, err = s.Count(t.Context(), "orders", store.Query{Index: "by_amount"})
			must(t, err)
			_, err = store.Now(t.Context(), s)
			must(t, err)
			must(t, s.Delete(t.Context(), "orders", "a", 2))
			for _, name := range []string{"find", "aggregate"} {
				for _, c := range p.Received(name) {
					if level, _ := argument(c, "readConcern").(bson.D); fmt.Sprint(
						argument(level, "level")) != "majority" {
						t.Errorf("%s reads with %v", name, level)
					}
					if preference, ok := argument(c, "$readPreference").(bson.D); ok &&
						argument(preference, "mode") != "primary" {
						t.Errorf("%s reads from %v", name, preference)
					}
				}
			}
			for _, name := range []string{"insert", "update", "delete"} {
				for _, c := range p.Received(name) {
					if concern, _ := argument(c, "writeConcern").(bson.D); fmt.Sprint(
						argument(concern, "w")) != "majority" || argument(c, "txnNumber") == nil {
						t.Errorf("%s writes with %v, transaction %v", name, concern, argument(c, "txnNumber"))
					}
				}
			}
		})
	}
}

// Only codes that mean "cannot" are incapacity; anything else keeps the store from opening. What was found is in the
// log.
func TestOnlyWhatMeansCannotIsIncapacity(t *testing.T) {
	stream := mongotest.Fault{Command: "aggregate", Stage: "$changeStream"}
	for _, test := range []struct {
		fault mongotest.Fault
		codes []int32 // 0 is a closed connection
		found string  // in the log; "" is that it does not open
	}{
		{mongotest.Fault{Command: "none"}, []int32{1}, "sharded=false change_streams=true unique_indexes=true"},
		{stream, []int32{40573, 40324, 59, 115, 238, 9}, "sharded=false change_streams=false unique_indexes=true"},
		{stream, []int32{13, 18, 50, 91, 136, 189, 262, 280, 11600, 10107, 0}, ""},
		{mongotest.Fault{Command: "createIndexes"}, []int32{67, 72, 197, 59, 115, 238},
			"sharded=false change_streams=true unique_indexes=false"},
		{mongotest.Fault{Command: "createIndexes"}, []int32{13, 26, 50, 91, 189, 11600, 10107, 0}, ""},
		{mongotest.Fault{Command: "insert"}, []int32{13, 50, 189, 11600, 0}, ""},
		{mongotest.Fault{Command: "insert", Skip: 3}, []int32{13, 50, 189, 11600, 0}, ""},
	} {
		for _, code := range test.codes {
			t.Run(fmt.Sprint(test.fault.Command, test.fault.Skip, " ", code), func(t *testing.T) {
				t.Parallel()
				p := mongotest.Play(t)
				f := test.fault
				f.Code, f.Close, f.Times = code, code == 0, -1
				p.Fail(f)
				var log strings.Builder
				s, err := Open(t.Context(), p.URI(short), slog.New(slog.NewTextHandler(&log, nil)))
				if err == nil {
					must(t, s.Close())
				}
				if (err == nil) != (test.found != "") || !strings.Contains(log.String(), test.found) {
					t.Fatalf("got %v and logged %q", err, log.String())
				}
				if err != nil && !strings.Contains(err.Error(), "MongoDB ") {
					t.Errorf("%v says not what is wrong", err)
				}
			})
		}
	}
}

// What Sum makes of fields that a document lacks, or that somebody has written by hand, where the server groups and
// where this process does. A line more is a case more.
func TestSumsOfOddFields(t *testing.T) {
	type fields = bson.M
	group := func(by any, count, sum int64) store.Group {
		return store.Group{By: []any{by}, Count: count, Sums: []int64{sum}}
	}
	for name, test := range map[string]struct {
		docs []fields
		want []store.Group // nil is an error
	}{
		"all there": {[]fields{{"status": "p", "amount": int64(1)}, {"status": "p", "amount": int64(2)}},
			[]store.Group{group("p", 2, 3)}},
		"no amount": {[]fields{{"status": "p"}, {"status": "p", "amount": int64(2)}},
			[]store.Group{group("p", 2, 2)}},
		"no amount anywhere": {[]fields{{"status": "p"}}, []store.Group{group("p", 1, 0)}},
		"no status": {[]fields{{"status": "p", "amount": int64(1)}, {"amount": int64(5)}},
			[]store.Group{group(nil, 1, 5), group("p", 1, 1)}},
		"32 bits": {[]fields{{"status": "p", "amount": int32(7)},
			{"status": "p", "amount": int32(2147483647)}}, []store.Group{group("p", 2, 2147483654)}},
		"a status of 32 bits": {[]fields{{"status": int32(7), "amount": int64(1)},
			{"status": int64(7), "amount": int64(1)}}, []store.Group{group(int64(7), 2, 2)}},
		"the greatest": {[]fields{{"status": "p", "amount": int64(9223372036854775807)}},
			[]store.Group{group("p", 1, 9223372036854775807)}},
		"beyond the greatest": {[]fields{{"status": "p", "amount": int64(9223372036854775807)},
			{"status": "p", "amount": int64(1)}}, nil},
		"a fraction":           {[]fields{{"status": "p", "amount": 1.5}}, nil},
		"a whole double":       {[]fields{{"status": "p", "amount": 2.0}}, nil},
		"a text":               {[]fields{{"status": "p", "amount": "12"}}, nil},
		"a null":               {[]fields{{"status": "p", "amount": nil}}, nil},
		"an array":             {[]fields{{"status": "p", "amount": bson.A{int64(1), int64(2)}}}, nil},
		"a status of booleans": {[]fields{{"status": true, "amount": int64(1)}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, mongotest.Play(t).URI())
			for i, f := range test.docs {
				f["community"] = "c"
				_, err := s.db.Collection("orders").InsertOne(t.Context(),
					bson.M{"_id": fmt.Sprint(i), "v": int64(1), "f": f, "b": bson.M{}, "u": int64(0)})
				must(t, err)
			}
			for _, native := range []bool{true, false} {
				s.native = native
				got, err := s.Sum(t.Context(), "orders", store.Query{Index: "by_community", Equal: []any{"c"}},
					[]string{"status"}, []string{"amount"})
				if test.want == nil && !fault.Is(err, fault.Internal) || test.want != nil &&
					(err != nil || !reflect.DeepEqual(got, test.want)) {
					t.Errorf("grouped by the server %t: %v, %v", native, got, err)
				}
			}
		})
	}
}

// On a cluster an _id is unique on its shard only; an id of the store is unique all the same, also after a crash
// between a claim and its document.
func TestAnIDIsUniqueOnAllShards(t *testing.T) {
	p := mongotest.Play(t)
	p.Sharded(map[string]string{"orders": "f.community"})
	s := open(t, p.URI())
	elsewhere := func(id string) store.Doc {
		d := order(id, 0)
		d.Keys["community"] = []any{"d"}
		return d
	}
	insert(t, s, "a")
	wantCode(t, s.Insert(t.Context(), "orders", elsewhere("a")), fault.AlreadyExists)
	values, err := s.InsertMany(t.Context(), "orders", []store.Doc{elsewhere("a"), elsewhere("b")})
	if err != nil || !reflect.DeepEqual(values, []string{"a"}) {
		t.Errorf("%v taken, %v", values, err)
	}
	must(t, s.Replace(t.Context(), "orders", order("a", 1)))
	wantCode(t, s.Insert(t.Context(), "orders", elsewhere("a")), fault.AlreadyExists)
	must(t, s.Delete(t.Context(), "orders", "a", 2))
	must(t, s.Insert(t.Context(), "orders", elsewhere("a")))

	_, err = s.claimsFor(orders()).InsertOne(t.Context(),
		claim{Key: `["gone"]`, Owner: "gone", At: time.Now().Add(-2 * claimGrace).UnixMilli()})
	must(t, err)
	insert(t, s, "gone")
	wantCode(t, s.Insert(t.Context(), "orders", elsewhere("gone")), fault.AlreadyExists)
}

// Whoever lets go of a key after somebody else took it does not take it from them.
func TestAClaimIsReleasedByItsMakerOnly(t *testing.T) {
	p := mongotest.Play(t)
	s := open(t, p.URI())
	s.native = false
	ctx, schema := t.Context(), orders()
	old, err := s.claim(ctx, schema, "k", "a", false)
	must(t, err)
	time.Sleep(2 * time.Millisecond)
	must(t, s.release(ctx, schema, []claim{old}))
	_, err = s.claim(ctx, schema, "k", "a", false)
	must(t, err)
	must(t, s.release(ctx, schema, []claim{old}))
	_, err = s.claim(ctx, schema, "k", "b", false)
	wantCode(t, err, fault.AlreadyExists)
}
