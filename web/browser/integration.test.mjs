// Every line of docs/integration.md and its Chinese twin is run, against a demo of its own, and says what it says.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startDemo } from './demo.mjs'

let demo
before(async () => {
  demo = await startDemo()
})
after(() => demo?.stop())

// linesOf are the commands of a document, each whole, with what it is said to answer.
function linesOf(file) {
  const text = readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap((m) => m[1].replaceAll('\\\n', '').trim().split('\n'))
    .map((line) => {
      const [command, answer] = line.split(' # → ')
      return { command, answer }
    })
}

// told runs the commands in one shell and returns what those that are said to answer something answered.
function told(lines) {
  const script = lines
    .map(({ command, answer }) => (answer ? `echo "answer=$(${command})"` : command))
    .join('\n')
    .replaceAll('http://127.0.0.1:8080', demo.base)
    .replaceAll('http://127.0.0.1:8090', demo.wallet_url)
    .replaceAll('data/demo', demo.dir)
  const run = spawnSync('bash', ['-euo', 'pipefail'], { input: script, encoding: 'utf8' })
  assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`)
  return [...run.stdout.matchAll(/^answer=(.*)$/gm)].map((m) => m[1])
}

for (const file of ['integration.md', 'integration.zh-CN.md'])
  test(file, () => {
    const lines = linesOf(file)
    const wanted = lines.map((l) => l.answer).filter(Boolean)
    assert.deepEqual(wanted, ['client', 'pending', 'paid', 'requested', 'true'])
    assert.deepEqual(told(lines), wanted)
  })

test('the two documents run the same', () => {
  const plain = (file) =>
    linesOf(file).map(({ command }) =>
      command
        .replace(/40[12]/, '')
        .replace(/"reason\\": .*?}"/, '')
        .replace(" -H 'Accept-Language: en'", ''),
    )
  assert.deepEqual(plain('integration.md'), plain('integration.zh-CN.md'))
})
