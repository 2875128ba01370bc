package gateway

import (
	"slices"
	"strings"
)

// CodeMeaning is what an institution's result code means: the kind of failure, and of a refusal what a person can do
// about it.
type CodeMeaning struct {
	Kind   ErrorKind
	Reason DeclineReason // Declined only; "" is anything else
}

// ReadCodeKinds reads the setting in which an account declares what result codes mean, where the institution does not
// publish them all: "CODE=kind" or "CODE=refused/reason" (or with a colon), separated by commas. Codes that mean a
// success may not be declared anew; more are kinds that the gateway alone knows. Anything else is an Invalid fault of
// the setting.
func ReadCodeKinds(settings map[string]string, name string, success []string, more ...ErrorKind) (
	map[string]CodeMeaning, error) {
	declared := map[string]CodeMeaning{}
	for part := range strings.SplitSeq(settings[name], ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		code, means, _ := strings.Cut(part, "=")
		m := readMeaning(means)
		if code == "" || slices.Contains(success, code) || !m.declarable(more) {
			return nil, BadSetting(name, "格式应为 返回码=含义，以逗号分隔。",
				"must be CODE=kind or CODE=refused/reason, separated by commas.")
		}
		declared[code] = m
	}
	return declared, nil
}

func readMeaning(text string) CodeMeaning {
	kind, reason, _ := strings.Cut(strings.Replace(text, ":", "/", 1), "/")
	return CodeMeaning{ErrorKind(kind), DeclineReason(reason)}
}

// declarable reports whether a setting may give a code this meaning.
func (m CodeMeaning) declarable(more []ErrorKind) bool {
	kinds := []ErrorKind{Declined, AlreadyPaidUpstream, AlreadyClosedUpstream, NotFound, TryLater, Indeterminate}
	reasons := []DeclineReason{CodeInvalid, CodeExpired, CodeUsed, BalanceLow, LimitReached, PayerDeclined,
		MerchantBalance}
	if m.Reason != "" {
		return m.Kind == Declined && slices.Contains(reasons, m.Reason)
	}
	return slices.Contains(kinds, m.Kind) || slices.Contains(more, m.Kind)
}
