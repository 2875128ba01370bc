package audit

import (
	"maps"
	"slices"
)

// Verb says what was done: the kind of thing, a dot, and what became of it.
type Verb string

// The verbs. Each has its words in Words.
const (
	StaffLoggedIn    Verb = "staff.logged_in"
	StaffRefused     Verb = "staff.refused" // a wrong login or password; repeated ones are counted
	ResidentLoggedIn Verb = "resident.logged_in"
	ResidentRefused  Verb = "resident.refused"
	SessionEnded     Verb = "session.ended" // logged out
	StaffAdded       Verb = "staff.added"
	StaffAsked       Verb = "staff.requested" // rights that wait for another person
	StaffApproved    Verb = "staff.approved"
	StaffDenied      Verb = "staff.denied" // another person refused what was asked for
	StaffWithdrawn   Verb = "staff.withdrawn"
	StaffChanged     Verb = "staff.changed" // rights taken, or changed by the shell
	StaffDisabled    Verb = "staff.disabled"
	PasswordChanged  Verb = "password.changed" // by its owner
	SessionsEnded    Verb = "sessions.ended"   // of a member of staff, one or all, without a log-out
	TerminalUnpaired Verb = "terminal.unpaired"
	PhonesSeen       Verb = "phones.viewed" // a list with whole telephone numbers
	PairingMade      Verb = "pairing.made"
	TerminalPaired   Verb = "terminal.paired"
	// a wrong pairing code or a signature that does not verify; repeated ones are counted
	TerminalRefused   Verb = "terminal.refused"
	AccountAdded      Verb = "account.added" // by the shell, as the next and account.enabled
	AccountChanged    Verb = "account.changed"
	AccountAsked      Verb = "account.requested" // a new one, a change or its enabling, which another person decides
	AccountApproved   Verb = "account.approved"
	AccountRejected   Verb = "account.rejected"
	AccountWithdrawn  Verb = "account.withdrawn"
	AccountDisabled   Verb = "account.disabled"
	AccountEnabled    Verb = "account.enabled"
	AccountTested     Verb = "account.tested"
	RoutesChanged     Verb = "routes.changed" // by the shell
	RoutesAsked       Verb = "routes.requested"
	RoutesApproved    Verb = "routes.approved"
	RoutesRejected    Verb = "routes.rejected"
	RoutesWithdrawn   Verb = "routes.withdrawn"
	RefundAsked       Verb = "refund.requested"
	RefundApproved    Verb = "refund.approved"
	RefundRejected    Verb = "refund.rejected"
	RefundRetried     Verb = "refund.retried"
	RefundByHand      Verb = "refund.out_of_band" // a person says that the money went back, or hands it out
	RefundEnded       Verb = "refund.ended"       // a person says that nothing goes back
	ReturnSeen        Verb = "return.acknowledged"
	ReturnNamed       Verb = "return.explained" // explained by the institution's number of the refund
	ReturnDismissed   Verb = "return.dismissed"
	ReturnReopened    Verb = "return.reopened"
	ClientAdded       Verb = "client.added"     // by the shell
	ClientAsked       Verb = "client.requested" // an API client, or more for one, which another person decides
	ClientApproved    Verb = "client.approved"
	ClientRejected    Verb = "client.rejected"
	ClientWithdrawn   Verb = "client.withdrawn"
	ClientChanged     Verb = "client.changed" // less than it had, another name or another pace
	ClientKeyMade     Verb = "client.key_made"
	ClientKeyEnded    Verb = "client.key_ended"
	ClientRevoked     Verb = "client.revoked"
	ClientDenied      Verb = "client.denied"      // a key of it that does not count; repeated ones are counted
	EndpointAsked     Verb = "endpoint.requested" // of webhooks, or a change of one, which another person decides
	EndpointApproved  Verb = "endpoint.approved"
	EndpointRejected  Verb = "endpoint.rejected"
	EndpointWithdrawn Verb = "endpoint.withdrawn"
	EndpointRemoved   Verb = "endpoint.removed"
	EndpointEnabled   Verb = "endpoint.enabled"
	EndpointDisabled  Verb = "endpoint.disabled"
	EndpointFailed    Verb = "endpoint.failed"  // switched off by itself: it took nothing for three days
	EndpointRotated   Verb = "endpoint.rotated" // a new secret
	UnappliedClaimed  Verb = "exception.claimed"
	UnappliedKept     Verb = "exception.prepaid"
	UnappliedEnded    Verb = "exception.dismissed"
	CardDenied        Verb = "card.denied"
	ResultEnded       Verb = "result.ended"
	BindingMade       Verb = "binding.made"   // by the code that went to the phone on record, or by the rule before it
	BindingDenied     Verb = "binding.denied" // a wrong code; repeated ones are counted
	BindingApproved   Verb = "binding.approved"
	BindingRefused    Verb = "binding.refused"
	BindingEnded      Verb = "binding.ended"
	OwnerChanged      Verb = "unit.owner_changed" // another owner, or another phone or name of theirs, is on record
	MessageReplayed   Verb = "message.replayed"

	CorrectionAsked     Verb = "correction.requested" // of a bill, which another person decides
	CorrectionApproved  Verb = "correction.approved"
	CorrectionRejected  Verb = "correction.rejected"
	CorrectionWithdrawn Verb = "correction.withdrawn"

	PrepaymentUsed     Verb = "prepayment.used"     // a bill is paid of it
	PrepaymentReturned Verb = "prepayment.returned" // that was undone: the bill is owed again
	PrepaymentLimited  Verb = "prepayment.limited"  // to some fees, or to none any more

	PayoutAsked     Verb = "payout.requested" // of a prepayment or a deposit; another person decides
	PayoutApproved  Verb = "payout.approved"
	PayoutRefused   Verb = "payout.refused"
	PayoutWithdrawn Verb = "payout.withdrawn"
	PayoutPaid      Verb = "payout.paid"
	PayoutCancelled Verb = "payout.cancelled" // it was approved, and is not paid

	CutOverEntered   Verb = "cutover.entered"   // what the system before says is owed of a community
	CutOverAsked     Verb = "cutover.requested" // to lock its open balance, or to open it again
	CutOverApproved  Verb = "cutover.approved"
	CutOverRejected  Verb = "cutover.rejected"
	CutOverWithdrawn Verb = "cutover.withdrawn"

	WorkbookImported Verb = "workbook.imported"
	WorkbookTried    Verb = "workbook.tried" // nothing was written; the report shows owners and phones that are stored

	OrganisationAsked     Verb = "organisation.requested" // an entity, where communities belong, or settings
	OrganisationApproved  Verb = "organisation.approved"
	OrganisationRejected  Verb = "organisation.rejected"
	OrganisationWithdrawn Verb = "organisation.withdrawn"
	OrganisationChanged   Verb = "organisation.changed" // by the shell
	RegionChanged         Verb = "region.changed"

	DeputyNamed Verb = "deputy.named" // who decides in a person's place, where nobody else had to approve
	DeputyEnded Verb = "deputy.ended"

	StoreBackedUp Verb = "store.backed_up"
	StoreRestored Verb = "store.restored"
	StoreRekeyed  Verb = "store.rekeyed"
	AuditExported Verb = "audit.exported"
)

// Words are the verbs in Chinese and in English.
func Words() map[Verb][2]string {
	return map[Verb][2]string{
		StaffLoggedIn:       {"登录", "logged in"},
		StaffRefused:        {"登录被拒", "log-in refused"},
		ResidentLoggedIn:    {"住户登录", "resident logged in"},
		ResidentRefused:     {"住户登录被拒", "resident refused"},
		SessionEnded:        {"退出登录", "logged out"},
		StaffAdded:          {"新增员工", "added staff"},
		StaffAsked:          {"申请员工权限变更", "asked for a change of a member's rights"},
		StaffApproved:       {"批准员工权限变更", "approved a change of a member's rights"},
		StaffDenied:         {"驳回员工权限变更", "rejected a change of a member's rights"},
		StaffWithdrawn:      {"撤回员工权限变更", "withdrew a change of a member's rights"},
		StaffChanged:        {"更改员工", "changed staff"},
		StaffDisabled:       {"停用员工", "disabled a member of staff"},
		PasswordChanged:     {"修改密码", "changed their password"},
		SessionsEnded:       {"强制退出登录", "ended sessions"},
		TerminalUnpaired:    {"解除终端配对", "unpaired a terminal"},
		PhonesSeen:          {"查看住户电话", "looked at telephone numbers"},
		PairingMade:         {"生成配对码", "made a pairing code"},
		TerminalPaired:      {"终端配对", "paired a terminal"},
		TerminalRefused:     {"终端配对被拒", "pairing refused"},
		AccountAdded:        {"新增商户号", "added a merchant account"},
		AccountChanged:      {"更改商户号", "changed a merchant account"},
		AccountTested:       {"测试商户号", "tested a merchant account"},
		AccountWithdrawn:    {"撤回商户号变更", "withdrew a change of a merchant account"},
		AccountRejected:     {"驳回商户号变更", "rejected a change of a merchant account"},
		AccountApproved:     {"批准商户号变更", "approved a merchant account or its change"},
		AccountAsked:        {"申请商户号变更", "asked for a merchant account or its change"},
		AccountDisabled:     {"停用商户号", "disabled a merchant account"},
		AccountEnabled:      {"启用商户号", "enabled a merchant account"},
		RoutesChanged:       {"更改支付路由", "changed payment routes"},
		RoutesWithdrawn:     {"撤回支付路由变更", "withdrew other payment routes"},
		RoutesRejected:      {"驳回支付路由变更", "rejected other payment routes"},
		RoutesApproved:      {"批准支付路由变更", "approved other payment routes"},
		RoutesAsked:         {"申请支付路由变更", "asked for other payment routes"},
		RefundAsked:         {"申请退款", "asked for a refund"},
		RefundApproved:      {"批准退款", "approved a refund"},
		RefundRejected:      {"驳回退款", "rejected a refund"},
		RefundRetried:       {"重试退款", "tried a refund again"},
		RefundByHand:        {"人工退款", "gave a refund by hand"},
		RefundEnded:         {"终止退款", "ended a refund"},
		ReturnSeen:          {"确认渠道退款", "saw a channel refund"},
		ReturnNamed:         {"按单号登记渠道退款", "named a channel refund"},
		ReturnDismissed:     {"核实无渠道退款", "found no channel refund"},
		ReturnReopened:      {"重新打开渠道退款", "opened a channel refund again"},
		ClientAdded:         {"新增 API 客户端", "added an API client"},
		ClientAsked:         {"申请 API 客户端或其变更", "asked for an API client or its change"},
		ClientApproved:      {"批准 API 客户端或其变更", "approved an API client or its change"},
		ClientRejected:      {"驳回 API 客户端或其变更", "rejected an API client or its change"},
		ClientWithdrawn:     {"撤回 API 客户端变更", "withdrew a change of an API client"},
		ClientChanged:       {"更改 API 客户端", "changed an API client"},
		ClientKeyMade:       {"生成 API 密钥", "made an API key"},
		ClientKeyEnded:      {"停用 API 密钥", "ended an API key"},
		ClientRevoked:       {"吊销 API 客户端", "revoked an API client"},
		ClientDenied:        {"API 密钥被拒", "API key refused"},
		CutOverEntered:      {"填写期初控制总数", "entered the control totals of an open balance"},
		CutOverAsked:        {"申请锁定或解锁期初余额", "asked to lock an open balance, or to open it again"},
		CutOverApproved:     {"批准期初余额锁定或解锁", "approved to lock an open balance, or to open it again"},
		CutOverRejected:     {"驳回期初余额锁定或解锁", "rejected to lock an open balance, or to open it again"},
		CutOverWithdrawn:    {"撤回期初余额申请", "withdrew a request about an open balance"},
		PrepaymentUsed:      {"预存抵扣账单", "paid a bill of a prepayment"},
		PrepaymentReturned:  {"撤销预存抵扣", "undid a payment of a prepayment"},
		PrepaymentLimited:   {"更改预存适用费用", "changed the fees of a prepayment"},
		PayoutAsked:         {"申请退付", "asked for a payout"},
		PayoutApproved:      {"批准退付", "approved a payout"},
		PayoutRefused:       {"驳回退付", "rejected a payout"},
		PayoutWithdrawn:     {"撤回退付", "withdrew a payout"},
		PayoutPaid:          {"登记退付已付", "paid a payout"},
		PayoutCancelled:     {"取消退付", "cancelled a payout"},
		CorrectionAsked:     {"申请账单更正", "asked for a correction of a bill"},
		CorrectionApproved:  {"批准账单更正", "approved a correction of a bill"},
		CorrectionRejected:  {"驳回账单更正", "rejected a correction of a bill"},
		CorrectionWithdrawn: {"撤回账单更正", "withdrew a correction of a bill"},
		EndpointAsked:       {"申请回调地址", "asked for a webhook endpoint"},
		EndpointApproved:    {"批准回调地址", "approved a webhook endpoint"},
		EndpointRejected:    {"驳回回调地址", "rejected a webhook endpoint"},
		EndpointWithdrawn:   {"撤回回调地址申请", "withdrew a webhook endpoint"},
		EndpointRemoved:     {"删除回调地址", "deleted a webhook endpoint"},
		EndpointEnabled:     {"启用回调地址", "enabled a webhook endpoint"},
		EndpointDisabled:    {"停用回调地址", "disabled a webhook endpoint"},
		EndpointFailed:      {"回调地址自动停用", "a webhook endpoint was switched off"},
		EndpointRotated:     {"更换回调密钥", "rotated a webhook secret"},
		UnappliedClaimed:    {"认领异常款", "claimed unapplied funds"},
		UnappliedKept:       {"异常款转预存", "kept unapplied funds as prepayment"},
		UnappliedEnded:      {"核销异常款", "wrote off unapplied funds"},
		CardDenied:          {"刷卡未到账", "denied a card payment"},
		ResultEnded:         {"终端结果结案", "settled a terminal result"},
		MessageReplayed:     {"重放渠道消息", "worked a message again"},
		WorkbookImported:    {"导入台账", "imported a workbook"},
		WorkbookTried:       {"试导入台账", "tried a workbook"},

		OrganisationAsked:     {"申请组织或设置变更", "asked for a change of the organisation or settings"},
		OrganisationApproved:  {"批准组织或设置变更", "approved a change of the organisation or settings"},
		OrganisationRejected:  {"驳回组织或设置变更", "rejected a change of the organisation or settings"},
		OrganisationWithdrawn: {"撤回组织或设置变更", "withdrew a change of the organisation or settings"},
		OrganisationChanged:   {"更改组织或设置", "changed the organisation or settings"},
		RegionChanged:         {"更改区域", "changed a region"},

		DeputyNamed: {"指定审批代理", "named a deputy"},
		DeputyEnded: {"终止审批代理", "ended a deputy"},

		StoreBackedUp:   {"备份", "backed up"},
		StoreRestored:   {"恢复备份", "restored a backup"},
		StoreRekeyed:    {"更换数据加密密钥", "sealed the store under another key"},
		AuditExported:   {"导出操作日志", "exported the audit log"},
		BindingMade:     {"绑定房屋", "bound a home"},
		BindingDenied:   {"绑定验证码错误", "wrong code for a binding"},
		BindingApproved: {"批准绑定", "approved a binding"},
		BindingRefused:  {"驳回绑定", "rejected a binding"},
		BindingEnded:    {"解除绑定", "ended a binding"},
		OwnerChanged:    {"更换业主", "changed a unit's owner"},
	}
}

// Verbs lists all verbs, in the order of their names.
func Verbs() []Verb { return slices.Sorted(maps.Keys(Words())) }
