package handlers

import "slices"

// routes is every route there is: one table a noun, each beside its handlers. A route without an audience lets nobody
// in.
func (s *Server) routes() []route {
	table := slices.Concat(
		s.loginRoutes(), s.staffRoutes(), s.terminalRoutes(), s.memberRoutes(), s.clientRoutes(), s.overviewRoutes(),
		s.organisationRoutes(), s.settingsRoutes(), s.authorityRoutes(), s.unitRoutes(),
		s.addressRoutes(), s.bindingRoutes(),
		s.billRoutes(), s.prepaymentRoutes(), s.payoutRoutes(), s.orderRoutes(), s.liveRoutes(), s.refundRoutes(),
		s.routingRoutes(),
		s.cardRoutes(), s.returnRoutes(), s.unappliedRoutes(), s.approvalRoutes(), s.correctionRoutes(),
		s.statementRoutes(), s.cutOverRoutes(), s.messageRoutes(),
		s.workbookRoutes(), s.auditRoutes(), s.accountRoutes(), s.callbackRoutes(), s.checkoutRoutes(),
		s.webhookRoutes(), s.pageRoutes(), s.docRoutes(), s.guideRoutes(),
	)
	return append(withRights(table), route{id: "getOpenAPI", method: "GET", path: "/openapi.json", who: everybody,
		summary:  "This document",
		endpoint: openAPI()})
}
