package handlers

import (
	"linlipay/access"
	"linlipay/audit"
	"linlipay/payment"
)

// routes is every route there is. A route without an audience lets nobody in.
func (s *Server) routes() []route {
	table := []route{
		{method: "GET", path: "/healthz", who: everybody, summary: "Whether money can be taken", endpoint: handle(s, 200, s.health)},
		{method: "GET", path: "/.well-known/jwks.json", who: everybody, summary: "The keys that tokens are signed with", endpoint: handle(s, 200, s.publicKeys)},

		{method: "POST", path: "/v1/staff/login", who: everybody, summary: "Log in as staff", perMinute: 30, records: recording{done: audit.StaffLoggedIn, refused: audit.StaffRefused}, endpoint: handle(s, 200, s.staffLogin)},
		{method: "POST", path: "/v1/residents/code", who: everybody, summary: "Send a one-time code to a phone", perMinute: 20, endpoint: handle(s, 200, s.sendCode)},
		{method: "POST", path: "/v1/residents/login", who: everybody, summary: "Log in as resident with the code", perMinute: 30, records: recording{done: audit.ResidentLoggedIn, refused: audit.ResidentRefused}, endpoint: handle(s, 200, s.residentLogin)},
		{method: "POST", path: "/v1/token/refresh", who: everybody, summary: "Exchange a refresh token, once", perMinute: 120, endpoint: handle(s, 200, s.refresh)},
		{method: "POST", path: "/v1/token/revoke", who: everybody, summary: "End a session", perMinute: 120, records: recording{done: audit.SessionEnded}, endpoint: handle(s, 204, s.revoke)},
		{method: "POST", path: "/v1/terminals/pair", who: everybody, summary: "Pair a device by its code", perMinute: 10, records: recording{refused: audit.TerminalRefused}, endpoint: handle(s, 201, s.pair)},
		{method: "POST", path: "/v1/terminals/token", who: everybody, summary: "A token for a device that signs", perMinute: 120, endpoint: handle(s, 200, s.terminalToken)},

		{method: "GET", path: "/v1/me", who: signedIn, summary: "Who the token speaks for", unfinished: true, endpoint: handle(s, 200, s.me)},
		{method: "GET", path: "/v1/staff", who: anyStaff, summary: "The company's staff, to name the actors of timelines", endpoint: handle(s, 200, s.listStaff)},
		{
			method: "GET", path: "/v1/overview", who: anyStaff,
			summary: "What the console's first page counts, each number for those who may see its list", endpoint: handle(s, 200, s.overview),
		},
		{
			method: "PUT", path: "/v1/me/password", who: anyStaff, summary: "Change one's own password; all other sessions end",
			perMinute: 30, unfinished: true, endpoint: handle(s, 204, s.changePassword),
		},
		{method: "GET", path: "/v1/me/sessions", who: anyStaff, summary: "Where one is logged in", endpoint: handle(s, 200, s.mySessions)},
		{method: "POST", path: "/v1/me/sessions/end", who: anyStaff, summary: "Log out elsewhere", endpoint: handle(s, 204, s.endMySessions)},
		{
			method: "GET", path: "/v1/members", who: staffWith(access.Finance, access.Operations),
			summary: "Staff with their rights, and what waits for another person", endpoint: handle(s, 200, s.listMembers),
		},
		{
			method: "POST", path: "/v1/members", who: staffWith(access.Operations),
			summary: "Ask for a new member of staff, whom another person approves", endpoint: handle(s, 201, s.addMember),
		},
		{
			method: "PUT", path: "/v1/members/:id", who: staffWith(access.Operations),
			summary: "Change roles and communities: less at once, more once another person approves", endpoint: handle(s, 200, s.changeMember),
		},
		{
			method: "POST", path: "/v1/members/:id/disable", who: staffWith(access.Operations),
			summary: "Disable a login: it is out everywhere within a minute", endpoint: handle(s, 200, s.disableMember),
		},
		{
			method: "POST", path: "/v1/members/:id/enable", who: staffWith(access.Operations),
			summary: "Ask for a disabled login to be enabled", endpoint: handle(s, 200, s.enableMember),
		},
		{
			method: "POST", path: "/v1/members/:id/reset", who: staffWith(access.Operations),
			summary: "Ask for a one-time password in place of a member's", endpoint: handle(s, 200, s.resetMember),
		},
		{
			method: "POST", path: "/v1/members/:id/decision", who: decides(access.RightsMatter()),
			summary: "Approve or refuse what waits, as another person", endpoint: handle(s, 200, s.decideMember),
		},
		{
			method: "POST", path: "/v1/members/:id/withdraw", who: asks(access.RightsMatter()),
			summary: "Take back what one asked for", endpoint: handle(s, 200, s.withdrawMember),
		},
		{method: "GET", path: "/v1/members/:id/sessions", who: staffWith(access.Operations), summary: "Where a member is logged in", endpoint: handle(s, 200, s.memberSessions)},
		{method: "POST", path: "/v1/members/:id/sessions/end", who: staffWith(access.Operations), summary: "End one or all of a member's sessions", endpoint: handle(s, 204, s.endSessions)},
		{method: "GET", path: "/v1/communities", who: desks, summary: "Communities within reach", endpoint: handle(s, 200, s.communities)},
		{method: "GET", path: "/v1/communities/all", who: residents, summary: "Communities by name, for binding a unit", perMinute: 60, endpoint: handle(s, 200, s.findCommunity)},
		{method: "GET", path: "/v1/units", who: signedIn, summary: "Find units; a resident gets their own", records: recording{done: audit.PhonesSeen}, endpoint: handle(s, 200, s.findUnits)},
		{method: "GET", path: "/v1/bindings", who: residentsAndFront, summary: "What a resident asked for; for staff the requests by state (绑定申请)", records: recording{done: audit.PhonesSeen}, endpoint: handle(s, 200, s.findBindings)},
		{method: "GET", path: "/v1/bindings/waiting", who: staffWith(access.Cashier, access.Operations), summary: "How many requests wait for the office", endpoint: handle(s, 200, s.bindingsWaiting)},
		{method: "POST", path: "/v1/bindings", who: residents, summary: "Ask for a home: by a code to the phone on record, or at the office", perMinute: 10, endpoint: handle(s, 202, s.askToBind)},
		{method: "POST", path: "/v1/bindings/:id/code", who: residents, summary: "Bind by the code that went to the phone on record", perMinute: 10, records: recording{refused: audit.BindingDenied}, endpoint: handle(s, 200, s.bindByCode)},
		{method: "POST", path: "/v1/bindings/:id/decision", who: staffWith(access.Cashier, access.Operations), summary: "Approve or refuse a request", endpoint: handle(s, 200, s.decideBinding)},
		{method: "POST", path: "/v1/bindings/:id/end", who: residentsAndFront, summary: "End a binding, or take back a request", endpoint: handle(s, 200, s.endBinding)},
		{method: "GET", path: "/v1/units/:id", who: anyStaff, summary: "A unit, with its owner on record", records: recording{done: audit.PhonesSeen}, endpoint: handle(s, 200, s.getUnit)},
		{method: "GET", path: "/v1/units/:id/bindings", who: residentsAndFront, summary: "Who is bound to a unit, and who was under its owner", records: recording{done: audit.PhonesSeen}, endpoint: handle(s, 200, s.household)},
		{method: "POST", path: "/v1/units/:id/bindings/read", who: residents, summary: "Mark what happened at a home as read", endpoint: handle(s, 204, s.readHousehold)},
		{method: "PUT", path: "/v1/units/:id/owner", who: staffWith(access.Cashier, access.Operations), summary: "Put another owner or phone on a unit's record; bindings end", endpoint: handle(s, 200, s.setOwner)},
		{method: "GET", path: "/v1/units/:id/bills", who: signedIn, summary: "A unit's bills: unpaid ones oldest first, then paid ones newest first", endpoint: handle(s, 200, s.unitBills)},

		{method: "POST", path: "/v1/orders", who: signedIn, summary: "Make an order for bills of one unit", keyed: true, endpoint: handle(s, 201, s.createOrder)},
		{method: "GET", path: "/v1/orders", who: signedIn, summary: "Orders within reach, newest first", endpoint: handle(s, 200, s.findOrders)},
		{method: "GET", path: "/v1/orders/:id", who: signedIn, summary: "An order", endpoint: handle(s, 200, s.getOrder)},
		{method: "POST", path: "/v1/orders/:id/attempts", who: signedIn, summary: "Open a try at an institution", keyed: true, endpoint: handle(s, 201, s.openAttempt)},
		{method: "POST", path: "/v1/orders/:id/close", who: signedIn, summary: "Close an order, upstream first", endpoint: handle(s, 200, s.closeOrder)},
		{method: "POST", path: "/v1/orders/:id/check", who: signedIn, summary: "Ask the institutions now (查单)", perMinute: 60, endpoint: handle(s, 200, s.checkOrder)},
		{method: "GET", path: "/v1/orders/:id/events", who: signedIn, summary: "An order's changes as they happen", endpoint: s.orderEvents()},
		{method: "GET", path: "/v1/events", who: anyStaff, summary: "All orders' changes within reach", endpoint: s.staffEvents()},
		{method: "GET", path: "/v1/terminal/events", who: terminals, summary: "What the terminal shows", endpoint: s.terminalEvents()},

		{method: "POST", path: "/v1/orders/:id/code", who: desks, summary: "Charge a payment code (付款码)", keyed: true, endpoint: handle(s, 201, s.payCode)},
		{method: "POST", path: "/v1/orders/:id/cash", who: staffWith(access.Cashier), summary: "Take cash for an order", keyed: true, endpoint: handle(s, 201, s.takeCash)},
		{method: "POST", path: "/v1/orders/:id/refunds", who: asks(payment.RefundMatter()), summary: "Ask for a refund (退款申请)", keyed: true, endpoint: handle(s, 201, s.requestRefund)},
		{method: "POST", path: "/v1/orders/:id/refunds/:no/decision", who: decides(payment.RefundMatter()), summary: "Approve or reject a refund, as another person than the maker", endpoint: handle(s, 200, s.decideRefund)},
		{method: "POST", path: "/v1/orders/:id/refunds/:no/retry", who: staffWith(access.Finance), summary: "Send an abnormal refund on its way again", endpoint: handle(s, 200, s.retryRefund)},
		{method: "POST", path: "/v1/orders/:id/refunds/:no/settle", who: staffWith(access.Finance), summary: "End an abnormal refund by hand", endpoint: handle(s, 200, s.settleRefund)},
		{method: "POST", path: "/v1/orders/:id/refunds/:no/handout", who: staffWith(access.Cashier), summary: "Hand out an approved refund in cash", endpoint: handle(s, 200, s.handOut)},
		{method: "GET", path: "/v1/orders/:id/ways", who: signedIn, summary: "The ways in which an order can be paid", endpoint: handle(s, 200, s.orderWays)},
		{method: "POST", path: "/v1/orders/:id/attempts/:no/device", who: terminals, summary: "A terminal's signed word of a card payment (刷卡结果)", endpoint: handle(s, 200, s.reportCard)},
		{method: "POST", path: "/v1/orders/:id/results/:no/settle", who: staffWith(access.Finance), summary: "End a terminal's result that was not taken, once it is known what became of the money", endpoint: handle(s, 200, s.settleResult)},
		{method: "POST", path: "/v1/orders/:id/attempts/:no/deny", who: staffWith(access.Finance), summary: "A card payment that never arrived (未到账)", endpoint: handle(s, 200, s.denyCard)},
		{method: "GET", path: "/v1/unconfirmed", who: staffWith(access.Cashier, access.Finance), summary: "Orders with card payments and terminals' results that nobody has confirmed yet", endpoint: handle(s, 200, s.findUnconfirmed)},
		{method: "GET", path: "/v1/terminal/voids", who: terminals, summary: "Orders whose card payments this terminal is to undo (撤销)", endpoint: handle(s, 200, s.findVoids)},
		{method: "GET", path: "/v1/orders/:id/refunds/:no/call", who: terminals, summary: "What the terminal hands to the acquirer's application for a void", endpoint: handle(s, 200, s.callVoid)},
		{method: "POST", path: "/v1/orders/:id/refunds/:no/device", who: terminals, summary: "A terminal's signed word of a void", endpoint: handle(s, 200, s.reportVoid)},
		{method: "GET", path: "/v1/routes", who: staffWith(access.Finance, access.Operations), summary: "Which institution takes each way to pay (支付路由), and which could", endpoint: handle(s, 200, s.getRoutes)},
		{method: "PUT", path: "/v1/routes", who: asks(payment.RouteMatter()), summary: "Ask that other institutions take ways to pay; another person decides", endpoint: handle(s, 200, s.askRoutes)},
		{method: "POST", path: "/v1/routes/decision", who: decides(payment.RouteMatter()), summary: "Approve or refuse a change of routes, as another person than the maker", endpoint: handle(s, 200, s.decideRoutes)},
		{method: "POST", path: "/v1/routes/withdraw", who: asks(payment.RouteMatter()), summary: "Take back one's own change of routes", endpoint: handle(s, 200, s.withdrawRoutes)},
		{method: "GET", path: "/v1/approvals", who: staffWith(access.Finance, access.Operations), summary: "Changes of merchant accounts and routes that wait for another person (待审批)", endpoint: handle(s, 200, s.listApprovals)},

		{method: "GET", path: "/v1/refunds", who: staffWith(access.Cashier, access.Finance), summary: "Orders with refunds, by the refund's status", endpoint: handle(s, 200, s.findRefunds)},
		{method: "POST", path: "/v1/orders/:id/refunds/:no/seen", who: staffWith(access.Finance), summary: "Say that a refund made at the institution (渠道退款) was seen", endpoint: handle(s, 200, s.seeReturn)},
		{method: "POST", path: "/v1/orders/:id/attempts/:no/returns", who: staffWith(access.Finance), summary: "Explain money that the institution says went back: by its number of the refund, or by an amount that another person must approve", keyed: true, endpoint: handle(s, 200, s.explainReturn)},
		{method: "POST", path: "/v1/orders/:id/attempts/:no/returns/dismiss", who: staffWith(access.Finance), summary: "Say that nothing but our own refunds went back", endpoint: handle(s, 200, s.dismissReturn)},
		{
			method: "POST", path: "/v1/orders/:id/attempts/:no/returns/reopen", who: staffWith(access.Finance),
			summary:  "Take back that nothing but our own refunds went back; the note says why",
			endpoint: handle(s, 200, s.reopenReturn),
		},
		{method: "GET", path: "/v1/returns", who: staffWith(access.Finance), summary: "Orders with refunds made at the institution (渠道退款) that nobody has seen or explained yet", endpoint: handle(s, 200, s.findReturns)},
		{method: "POST", path: "/v1/orders/:id/exceptions/:no", who: staffWith(access.Finance), summary: "Decide what becomes of exceptional money", endpoint: handle(s, 200, s.decideException)},
		{method: "GET", path: "/v1/exceptions", who: staffWith(access.Finance), summary: "Orders with exceptional money, by its state", endpoint: handle(s, 200, s.findExceptions)},
		{method: "GET", path: "/v1/messages", who: staffWith(access.Finance, access.Operations), summary: "Institutions' messages as they came, and what became of them", endpoint: handle(s, 200, s.findMessages)},
		{method: "POST", path: "/v1/messages/:id/replay", who: staffWith(access.Finance, access.Operations), summary: "Work a message once more", endpoint: handle(s, 200, s.replayMessage)},

		{method: "GET", path: "/v1/workbooks/template", who: staffWith(access.Operations), summary: "An empty workbook (.xlsx) to fill in and import", endpoint: s.workbookTemplate()},
		{
			method: "POST", path: "/v1/workbooks", who: staffWith(access.Operations), perMinute: 30, bodyMost: workbookLimit,
			summary:  "Take in a workbook of units and bills, or try to: what became of each row (导入)",
			endpoint: s.importWorkbook(),
		},

		{method: "POST", path: "/v1/pairings", who: staffWith(access.Operations), summary: "A pairing code for a terminal", records: recording{done: audit.PairingMade}, endpoint: handle(s, 201, s.newPairing)},
		{method: "GET", path: "/v1/terminals", who: anyStaff, summary: "The company's terminals", endpoint: handle(s, 200, s.listTerminals)},
		{method: "POST", path: "/v1/terminals/:id/unpair", who: staffWith(access.Operations), summary: "End a terminal's pairing", endpoint: handle(s, 200, s.unpairTerminal)},

		{method: "GET", path: "/v1/audit", who: staffWith(access.Finance, access.Auditor), summary: "The audit log (操作日志), newest first", endpoint: handle(s, 200, s.findEvents)},
		{method: "GET", path: "/v1/audit/verbs", who: staffWith(access.Finance, access.Auditor), summary: "What the audit log tells of, in words", endpoint: handle(s, 200, s.listVerbs)},
		{method: "GET", path: "/v1/audit/heads", who: staffWith(access.Finance, access.Auditor), summary: "The signed ends of the company's audit log and ledger, to be kept elsewhere", endpoint: handle(s, 200, s.signHeads)},
		{method: "GET", path: "/v1/audit/export", who: staffWith(access.Finance, access.Auditor), summary: "What is found in the audit log, as CSV", perMinute: 60, endpoint: s.exportEvents()},

		{method: "GET", path: "/v1/institutions", who: staffWith(access.Finance, access.Operations), summary: "What the institutions ask of a merchant account", endpoint: handle(s, 200, s.listInstitutions)},
		{method: "GET", path: "/v1/accounts", who: staffWith(access.Finance, access.Operations), summary: "The company's merchant accounts, without their secrets", endpoint: handle(s, 200, s.listAccounts)},
		{method: "POST", path: "/v1/accounts", who: asks(payment.AccountMatter()), summary: "Ask for a merchant account; another person approves it before it takes part in anything", keyed: true, endpoint: handle(s, 201, s.addAccount)},
		{method: "PUT", path: "/v1/accounts/:id", who: asks(payment.AccountMatter()), summary: "Ask for a change of an account: the settings given are replaced, or rotated; a changed address needs every secret again", endpoint: handle(s, 200, s.editAccount)},
		{method: "POST", path: "/v1/accounts/:id/test", who: staffWith(access.Finance, access.Operations), summary: "Test an account at its institution: as it is in force, or as a request would make it", perMinute: 30, records: recording{done: audit.AccountTested}, endpoint: handle(s, 200, s.testAccount)},
		{method: "POST", path: "/v1/accounts/:id/disable", who: staffWith(access.Operations), summary: "Let an account take no new charges, at once", endpoint: handle(s, 200, s.disableAccount)},
		{method: "POST", path: "/v1/accounts/:id/enable", who: asks(payment.AccountMatter()), summary: "Ask that a disabled account take charges again", endpoint: handle(s, 200, s.enableAccount)},
		{method: "POST", path: "/v1/accounts/:id/decision", who: decides(payment.AccountMatter()), summary: "Approve or refuse a change of an account, as another person than the maker", endpoint: handle(s, 200, s.decideAccount)},
		{method: "POST", path: "/v1/accounts/:id/withdraw", who: asks(payment.AccountMatter()), summary: "Take back one's own change of an account", endpoint: handle(s, 200, s.withdrawAccount)},

		{method: "POST", path: "/callbacks/:institution/:account", who: everybody, summary: "An institution's notification", endpoint: s.callback()},

		{method: "GET", path: "/q/:token", who: everybody, summary: "The page behind the QR", perOrder: 120, endpoint: s.checkout()},
		{method: "GET", path: "/q/:token/wechat", who: everybody, summary: "Back from WeChat's OAuth", perOrder: 20, endpoint: s.checkoutWechat()},
		{method: "POST", path: "/q/:token/pay", who: everybody, summary: "Pay with the wallet chosen", perOrder: 60, endpoint: s.checkoutPay()},
		{method: "GET", path: "/q/:token/code", who: everybody, summary: "The institution's QR that the payer chose", perOrder: 120, endpoint: s.checkoutCode()},
		{method: "GET", path: "/q/:token/result", who: everybody, summary: "How the payment went", perOrder: 120, endpoint: s.checkoutResult()},
		{method: "GET", path: "/q/:token/state", who: everybody, summary: "The order's status, for that page", perOrder: 240, endpoint: handle(s, 200, s.checkoutState)},
		{method: "GET", path: "/q/:token/qr.png", who: everybody, summary: "The QR as PNG", perOrder: 60, endpoint: s.qrPNG()},
		{method: "GET", path: "/q/:token/qr.svg", who: everybody, summary: "The QR as SVG", perOrder: 60, endpoint: s.qrSVG()},
	}
	table = append(table, s.pageRoutes()...)
	return append(table, route{method: "GET", path: "/openapi.json", who: everybody, summary: "This document", endpoint: s.openAPI(table)})
}
