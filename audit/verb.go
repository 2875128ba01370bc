package audit

// Verb says what was done: the kind of thing, a dot, and what became of it.
type Verb string

// The verbs. The console has a sentence for each (audit.verb.* in its texts), which a test sees to.
const (
	StaffLoggedIn    Verb = "staff.logged_in"
	StaffRefused     Verb = "staff.refused" // a wrong login or password; repeated ones are counted
	ResidentLoggedIn Verb = "resident.logged_in"
	ResidentRefused  Verb = "resident.refused"
	SessionEnded     Verb = "session.ended"  // logged out
	SessionReused    Verb = "session.reused" // a refresh token that was used before: the session is ended
	StaffAdded       Verb = "staff.added"
	PhonesSeen       Verb = "phones.seen" // a list with whole telephone numbers
	PairingMade      Verb = "pairing.made"
	TerminalPaired   Verb = "terminal.paired"
	TerminalRefused  Verb = "terminal.refused" // a wrong pairing code or a signature that does not verify; repeated ones are counted
	AccountAdded     Verb = "account.added"    // by the shell, as the next and account.enabled
	AccountChanged   Verb = "account.changed"
	AccountAsked     Verb = "account.asked" // a new one, a change or its enabling, which another person decides
	AccountApproved  Verb = "account.approved"
	AccountRejected  Verb = "account.rejected"
	AccountWithdrawn Verb = "account.withdrawn"
	AccountDisabled  Verb = "account.disabled"
	AccountEnabled   Verb = "account.enabled"
	AccountTested    Verb = "account.tested"
	RoutesChanged    Verb = "routes.changed" // by the shell
	RoutesAsked      Verb = "routes.asked"
	RoutesApproved   Verb = "routes.approved"
	RoutesRejected   Verb = "routes.rejected"
	RoutesWithdrawn  Verb = "routes.withdrawn"
	RefundAsked      Verb = "refund.asked"
	RefundApproved   Verb = "refund.approved"
	RefundRejected   Verb = "refund.rejected"
	RefundRetried    Verb = "refund.retried"
	RefundByHand     Verb = "refund.by_hand" // a person says that the money went back, or hands it out
	RefundEnded      Verb = "refund.ended"   // a person says that nothing goes back
	ReturnSeen       Verb = "return.seen"
	ReturnNamed      Verb = "return.named" // explained by the institution's number of the refund
	ReturnDismissed  Verb = "return.dismissed"
	ReturnReopened   Verb = "return.reopened"
	ExceptionClaimed Verb = "exception.claimed"
	ExceptionPrepaid Verb = "exception.prepaid"
	ExceptionEnded   Verb = "exception.dismissed"
	CardDenied       Verb = "card.denied"
	ResultEnded      Verb = "result.ended"
	BindingMade      Verb = "binding.made"   // by the code that went to the phone on record
	BindingDenied    Verb = "binding.denied" // a wrong code; repeated ones are counted
	BindingApproved  Verb = "binding.approved"
	BindingRefused   Verb = "binding.refused"
	BindingEnded     Verb = "binding.ended"
	OwnerChanged     Verb = "unit.owner_changed" // another owner, or another phone or name of theirs, is on record
	MessageReplayed  Verb = "message.replayed"
	WorkbookImported Verb = "workbook.imported"
	StoreBackedUp    Verb = "store.backed_up"
	StoreRestored    Verb = "store.restored"
	AuditExported    Verb = "audit.exported"
)
