import { texts } from '../../say'

// Terminals and their pairing.
export const terminal = texts({
  new_pairing: ['新增终端', 'Pair a terminal'],
  community: ['小区', 'Community'],
  name: ['名称', 'Name'],
  pairing_code: ['配对码', 'Pairing code'],
  pairing_hint: ['在终端上输入，{time} 内有效', 'Enter it on the terminal within {time}'],
  last_seen: ['最近在线', 'Last seen'],
})
