import { long, texts } from '../../say'

// What the first page says of the audit log and the ledger as chains of hashes, and what an auditor does first.
export const chain = texts({
  chains: ['防篡改核验', 'Proof against tampering'],
  chain_audit: ['操作日志', 'Audit log'],
  chain_ledger: ['收款账本', 'Ledger'],
  chain_receivables: ['应收账本', 'Receivables'],
  chain_intact: ['完整', 'Intact'],
  chain_broken: ['与写入时不符', 'Not as it was written'],
  chain_unverified: ['尚未核验', 'Not verified yet'],
  chain_lines: ['已核验 {n} 条，到最后一条', 'lines verified: {n}, up to the last'],
  chain_lines_more: [
    '已核验 {n} 条，新增的一分钟内核验',
    'lines verified: {n}; what was added since is within a minute',
  ],
  chain_lines_good: ['前 {n} 条与写入时一致', 'lines as they were written: the first {n}'],
  chain_none: ['服务启动后一分钟内核验', 'verified within a minute after the server started'],
  chain_when: ['核验时间 {when}', 'verified {when}'],
  chain_whole: ['全部重新核验 {when}', 'all of it {when}'],
  chain_last_hash: ['最后一条的哈希 {hash}', 'hash of the last {hash}'],
  chain_broken_means: [
    '前 {n} 条之后有记录被改动、删除或插入过，很可能有人直接动过数据库。',
    long('After the first {n} a line was changed, taken out or put in, most likely in the database itself.'),
  ],
  chain_broken_do: [
    '请保留现场：不要清理或恢复数据库，先备份，再用留存在别处的链头核对（linlipay verify --against 文件）。',
    long(
      'Leave the database as it is, back it up, and hold it to heads that were kept elsewhere ',
      '(linlipay verify --against FILE).',
    ),
  ],
  chain_finding: ['核验结果', 'What was found'],
  chain_keep: ['下载签名的链头', 'Download the signed heads'],
  chain_keep_means: [
    '链头是各链最后一条的哈希，由服务器签名。请保存到本系统以外的地方：日后有人整段重写或截断记录，只有与它核对才能发现。',
    long(
      'A head is the hash of the last line of a chain, signed by the server. Keep it outside this system: that a ',
      'chain was written anew or cut off since is seen by nothing else.',
    ),
  ],
  chain_kept: ['已下载，请保存到本系统以外的地方', 'Downloaded; keep it outside this system'],
  audit_first: ['先看这些', 'Look at these first'],
  audit_first_means: ['近 30 天的操作日志，按最容易出问题的操作', 'The audit log of 30 days, by what goes wrong most'],
  audit_by_hand: ['线下退款', 'Refunds by hand'],
  audit_by_hand_means: ['由人登记已退，没有渠道凭证', 'entered by a person, with no word of an institution'],
  audit_ended: ['核销的异常款', 'Unapplied funds written off'],
  audit_ended_means: ['没有退回，也没有转预存', 'neither returned nor kept as prepayment'],
  audit_rights: ['批准的员工权限', 'Rights that were given'],
  audit_rights_means: ['谁批准谁，成为什么角色', 'who approved whom, and as what'],
  audit_accounts: ['批准的商户号变更', 'Merchant accounts changed'],
  audit_accounts_means: ['钱此后进哪个账户', 'where money goes since'],
  audit_phones: ['查看住户电话', 'Telephone numbers seen'],
  audit_phones_means: ['谁查过完整号码', 'who saw whole numbers'],
  audit_exports: ['导出操作日志', 'Exports of the log'],
  audit_exports_means: ['带出系统的内容', 'what left the system'],
  audit_refused: ['员工登录失败', 'Log-ins refused'],
  audit_refused_means: ['密码试错，连续的合并计数', 'wrong passwords; repeated ones are counted'],
})
