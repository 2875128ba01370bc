// Writes workbooks for the tests, by hand: an archive of parts that are stored as they are. Reads ours, too.
import { inflateRawSync } from 'node:zlib'

const crcTable = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n >>> 0
})
const crc = (bytes) => ~bytes.reduce((c, b) => crcTable[(c ^ b) & 255] ^ (c >>> 8), ~0) >>> 0

function archive(parts) {
  const [files, directory] = [[], []]
  let at = 0
  for (const [name, content] of Object.entries(parts)) {
    const [label, body] = [Buffer.from(name), Buffer.from(content)]
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(20, 4)
    head.writeUInt32LE(crc(body), 14)
    head.writeUInt32LE(body.length, 18)
    head.writeUInt32LE(body.length, 22)
    head.writeUInt16LE(label.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(20, 4)
    head.copy(entry, 6, 4, 30)
    entry.writeUInt32LE(at, 42)
    files.push(head, label, body)
    directory.push(entry, label)
    at += head.length + label.length + body.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length / 2, 8)
  end.writeUInt16LE(directory.length / 2, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...files, ...directory, end])
}

const escape = (s) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const cell = (v) => (typeof v === 'number' ? `<c><v>${v}</v></c>` : `<c t="inlineStr"><is><t>${escape(v)}</t></is></c>`)

// workbook is an .xlsx of one sheet. A number is written as a number, anything else as text.
export function workbook(...rows) {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const relations = (content) =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${content}</Relationships>`
  const sheet = '<sheet name="账单" sheetId="1" r:id="r1"/>'
  const lines = rows.map((r) => `<row>${r.map(cell).join('')}</row>`)
  return archive({
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ' +
      'ContentType="application/xml"/></Types>',
    '_rels/.rels': relations(`<Relationship Id="r" Type="${office}/officeDocument" Target="xl/workbook.xml"/>`),
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${sheet}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations(
      `<Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/>`,
    ),
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><sheetData>${lines.join('')}</sheetData></worksheet>`,
  })
}

// sheetsOf is the XML of all sheets of a workbook, by the archive's directory.
export function sheetsOf(raw) {
  const end = raw.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  let [at, text] = [raw.readUInt32LE(end + 16), '']
  for (let n = raw.readUInt16LE(end + 10); n > 0; n--) {
    const [packed, size, label] = [raw.readUInt16LE(at + 10), raw.readUInt32LE(at + 20), raw.readUInt16LE(at + 28)]
    const local = raw.readUInt32LE(at + 42)
    if (raw.toString('utf8', at + 46, at + 46 + label).startsWith('xl/worksheets/sheet')) {
      const from = local + 30 + raw.readUInt16LE(local + 26) + raw.readUInt16LE(local + 28)
      const body = raw.subarray(from, from + size)
      text += (packed ? inflateRawSync(body) : body).toString()
    }
    at += 46 + label + raw.readUInt16LE(at + 30) + raw.readUInt16LE(at + 32)
  }
  return text
}
