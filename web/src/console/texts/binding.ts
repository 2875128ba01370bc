import { long, texts } from '../../say'

// Who wants a home in their app.
export const binding = texts({
  bindings: ['绑定申请', 'Binding requests'],
  homes: ['房屋', 'Homes'],
  bindings_hint: [
    '住户申请在手机上查看并缴纳某套房屋的账单。请核实申请人与房屋的关系（业主、家人或租户）后再通过；通过后业主会看到，也可以自行解除。',
    long(
      'Residents who ask to see and pay the bills of a home on their phone. Find out how they have to do with it ',
      'before you approve; the owner is told, and may end it.',
    ),
  ],
  no_requests: ['没有待处理的绑定申请', 'No requests wait'],
  no_such_bindings: ['没有记录', 'Nothing here'],
  no_requests_means: [
    '住户没有登记手机、或拿不到登记手机的验证码时，可在手机上向物业申请绑定，申请会列在这里。',
    long(
      'A resident who cannot get the code of the registered phone asks the office from their phone; the request is ',
      'listed here.',
    ),
  ],
  b_code_sent: ['已发验证码', 'Code sent'],
  b_requested: ['待处理', 'Waiting'],
  b_bound: ['已绑定', 'Bound'],
  b_refused: ['已拒绝', 'Refused'],
  b_ended: ['已解除', 'Ended'],
  owner_on_record: ['登记业主', 'Owner on record'],
  phone_on_record: ['登记手机', 'Registered phone'],
  no_phone: ['未登记手机', 'no phone'],
  asker_note: ['附言', 'Note'],
  no_note: ['无附言', 'no note'],
  asked_at: ['申请时间', 'Asked'],
  what_became: ['结果', 'What became of it'],
  no_such_unit: ['无此房号', 'no such unit'],
  no_such_unit_means: [
    '住户填写的房号不存在，请拒绝并让住户核对',
    'No unit has this label; refuse it and have the resident look again',
  ],
  approve_binding: ['通过', 'Approve'],
  approve_binding_means: [
    '通过后，申请人可以查看并缴纳本房屋的账单，业主会看到。',
    'The person will see and pay the bills of this home. The owner is told.',
  ],
  approve_binding_done: ['已通过', 'Approved'],
  refuse_binding: ['拒绝', 'Refuse'],
  refuse_binding_means: ['请填写原因，申请人可见。', 'Say why; the person sees it.'],
  refuse_binding_done: ['已拒绝', 'Refused'],
  end_binding: ['解除绑定', 'Unbind'],
  end_binding_means: [
    '解除后，该住户不能再查看和缴纳本房屋的账单。可填写原因，住户可见。',
    'The resident will no longer see or pay the bills of this home. You may say why; the resident sees it.',
  ],
  end_binding_done: ['已解除绑定', 'Unbound'],
  reason_seen: ['最多 100 字，住户可见', 'up to 100 characters; the resident sees it'],
  too_long_100: ['最多 100 字', '100 characters at most'],
  way_code: ['登记手机验证码', 'code to the registered phone'],
  way_office: ['物业审核', 'approved by the office'],
  way_earlier: ['旧版绑定', 'bound before'],
  ended_by: ['{name} 处理', 'by {name}'],
  ended_by_owner_changed: ['业主变更，自动解除', "ended by the owner's change"],
  bound_by: ['{name} 通过', 'approved by {name}'],
})
