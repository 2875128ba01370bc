package mongo

import (
	"errors"
	"slices"

	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"linlipay/fault"
)

// The server's codes, as https://www.mongodb.com/docs/manual/reference/error-codes/ names them; those from 10000 on
// that only a server's message explains are named Location.
const (
	failedToParse                   = 9
	unauthorized                    = 13
	namespaceNotFound               = 26
	commandNotFound                 = 59
	cannotCreateIndex               = 67
	invalidOptions                  = 72
	commandNotSupported             = 115
	invalidIndexSpecificationOption = 197
	notImplemented                  = 238
	invalidResumeToken              = 260
	changeStreamFatalError          = 280
	changeStreamHistoryLost         = 286
	duplicateKey                    = 11000
	unknownStage                    = 40324 // Location40324: Unrecognized pipeline stage name
	onlyOnReplicaSets               = 40573 // Location40573: The $changeStream stage is only supported on replica sets
)

// withoutStreams are the codes of a server that has no change streams. FerretDB does not know the form of the command
// that opens one and cannot parse it.
func withoutStreams() []int {
	return []int{onlyOnReplicaSets, unknownStage, commandNotFound, commandNotSupported, notImplemented, failedToParse}
}

// withoutIndexes are the codes of a server that cannot make a partial unique index.
func withoutIndexes() []int {
	return []int{cannotCreateIndex, invalidOptions, invalidIndexSpecificationOption, commandNotFound,
		commandNotSupported, notImplemented}
}

// lostPlace are the codes by which a change stream says for good that it cannot go on from its token. Any other
// failure passes.
func lostPlace() []int {
	return []int{invalidResumeToken, changeStreamFatalError, changeStreamHistoryLost}
}

// hasCode reports whether the server itself failed an operation with one of the codes.
func hasCode(err error, codes ...int) bool {
	var e driver.ServerError
	return errors.As(err, &e) && slices.ContainsFunc(codes, e.HasErrorCode)
}

// unconfirmed reports whether a majority did not acknowledge a write in time. What the answer says beside it may still
// be undone by an election, a duplicate key too: the document that holds the key may go.
func unconfirmed(err error) bool {
	var (
		one  driver.WriteException
		many driver.BulkWriteException
	)
	return errors.As(err, &one) && one.WriteConcernError != nil || errors.As(err, &many) &&
		many.WriteConcernError != nil
}

// duplicate reports whether a write met a taken key: by its code alone.
func duplicate(err error) bool { return hasCode(err, duplicateKey) && !unconfirmed(err) }

func asFault(err error) error {
	switch {
	case err == nil:
		return nil
	case duplicate(err):
		return taken()
	}
	return unavailable(err)
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "数据库暂不可用，请稍后重试。", "The database cannot answer now; please try again.").Because(
		err)
}

func taken() error {
	return fault.New(fault.AlreadyExists, "记录已存在。", "The id or a unique key is taken.")
}

func stale() error {
	return fault.New(fault.Stale, "记录已被他人修改。", "The stored version is another one.")
}

func expired(err error) error {
	return fault.New(fault.Expired, "事件已过期，请刷新。", "The feed no longer reaches back that far.").Because(err)
}
