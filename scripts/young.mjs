// Writes web/browser/young.txt: what browsers got after the oldest that the pages work in (docs/browsers.md), one a
// line with the versions of Chromium, Firefox and Safari that brought it, "-" for those without it. From MDN's data
// (CC0):
//   npm install --prefix /tmp/bcd @mdn/browser-compat-data
//   node scripts/young.mjs /tmp/bcd/node_modules/@mdn/browser-compat-data/data.json
import { readFileSync, writeFileSync } from 'node:fs'

const data = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const oldest = { chrome: 87, firefox: 79, safari: 14.1 }

function since(compat, engine) {
  const all = [compat.support[engine]].flat().filter((s) => s && !s.flags && !s.prefix && !s.alternative_name)
    .filter((s) => !s.version_removed || parseFloat(s.version_removed) >= oldest[engine])
  const added = all.map((s) => s.version_added).filter((v) => typeof v === 'string' && v !== 'preview')
  return Math.min(...added.map((v) => parseFloat(v.replace('≤', ''))))
}

function young(feature) {
  if (!feature.__compat) return undefined
  const versions = Object.entries(oldest).map(([engine, version]) => [since(feature.__compat, engine), version])
  return versions.some(([has, version]) => has > version) && versions.some(([has]) => has < Infinity)
    ? versions.map(([has]) => (has < Infinity ? has : '-')).join(' ') : undefined
}

const lines = []
for (const [name, thing] of [...Object.entries(data.javascript.builtins), ...Object.entries(data.api)]) {
  const whole = young(thing)
  if (whole) lines.push(`${name} ${whole}`)
  else for (const [member, feature] of Object.entries(thing)) {
    const part = young(feature)
    if (part && member !== name && /^[A-Za-z0-9]+(_static)?$/.test(member)) lines.push(`${name}.${member} ${part}`)
  }
}
const head = `# Made by scripts/young.mjs of browser-compat-data ${data.__meta.version}.\n`
writeFileSync(new URL('../web/browser/young.txt', import.meta.url), head + lines.sort().join('\n') + '\n')
