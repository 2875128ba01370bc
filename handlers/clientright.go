package handlers

import (
	"slices"

	"linlipay/access"
)

// clientOperations are the routes that an API client may call with each right, by their ids; no route stands twice.
// What people decide, what only a person at a desk can know (cash that was handed over, a code that was scanned), live
// streams and whatever shows a telephone number are in none of them.
var clientOperations = map[access.Right][]string{
	anyClient:        {"getMe"},
	access.ReadUnits: {"listCommunities", "listUnits", "getUnit"},
	access.ReadBills: {"listUnitBills", "getBill", "getUnitStatement", "listUnitPrepayments", "listUnitDeposits",
		"getPrepayment"},
	access.ReadOrders:  {"listOrders", "getOrder", "listPaymentMethods", "listRefunds"},
	access.MakeOrders:  {"createOrder", "createAttempt", "closeOrder", "queryOrder"},
	access.AskRefunds:  {"createRefund"},
	access.ImportBills: {"importWorkbook"},

	access.ReadTerminals: {"listTerminals"},
}

// withRights are routes with the right that lets an API client call them.
func withRights(table []route) []route {
	for i := range table {
		for right, ids := range clientOperations {
			if slices.Contains(ids, table[i].id) {
				table[i].right = right
			}
		}
	}
	return table
}
