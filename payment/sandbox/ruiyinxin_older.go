package sandbox

import "encoding/json"

// What a mock server of third parties shows of older servers of this kind: the fault OlderForm writes so.

// smzfOlderAnswer is the text of an answer to a question in the older form: it does not name the payment
// (oriReqMsgId), the amount stands beside data, and data is an object written as a text.
func smzfOlderAnswer(text []byte) []byte {
	head, data, ok := smzfParts(text)
	if !ok {
		return text
	}
	delete(data, "oriReqMsgId")
	if amount, told := data["totalAmount"]; told {
		head["totalAmount"] = amount
		delete(data, "totalAmount")
	}
	head["data"] = encoded(string(encoded(data)))
	return encoded(head)
}

// smzfOlderNotice is the text of a notification in the older form: without its time, a number, or the payment's.
func smzfOlderNotice(text []byte) []byte {
	head, data, ok := smzfParts(text)
	if !ok {
		return text
	}
	for _, name := range []string{"version", "msgType", "smzfMsgId", "reqDate", "respDate", "respMsg"} {
		delete(head, name)
	}
	few := map[string]json.RawMessage{"respType": head["respType"]}
	for _, name := range []string{"totalAmount", "settleDate"} {
		few[name], head[name] = data[name], data[name]
	}
	head["data"] = encoded(few)
	return encoded(head)
}

// smzfParts are the members of a text and of its data.
func smzfParts(text []byte) (head, data map[string]json.RawMessage, ok bool) {
	if json.Unmarshal(text, &head) != nil || json.Unmarshal(head["data"], &data) != nil {
		return nil, nil, false
	}
	return head, data, data != nil
}
