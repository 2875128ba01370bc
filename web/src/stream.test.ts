import { expect, test } from 'vitest'
import { EventParser } from './stream'

const text = 'id: 7\nevent: order\ndata: {"a":1}\n\n: alive\n\ndata: x\ndata: y\n\nid: 8\r\ndata: z\r\n\r\n'
const want = [
  { id: '7', name: 'order', data: '{"a":1}' },
  { id: '7', name: 'message', data: 'x\ny' },
  { id: '8', name: 'message', data: 'z' },
]

test('events are the same however the text is cut', () => {
  for (let size = 1; size <= text.length; size++) {
    const parser = new EventParser()
    const got = []
    for (let i = 0; i < text.length; i += size) got.push(...parser.feed(text.slice(i, i + size)))
    expect(got, `pieces of ${size}`).toEqual(want)
  }
})

test('an event that has not ended is not told', () => {
  expect(new EventParser().feed('data: x\n')).toEqual([])
})
