// Owns the proof that docs/agents.md and llms.txt list the tools that there are.
// `UPDATE_DOCS=1 npx vitest run test/server/tool-docs.test.ts` rewrites the lists.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allTools } from '../../src/server/mcp/tools.ts'

const root = join(import.meta.dirname, '..', '..')
const LIST = /(<!-- tools -->\n)[^]*?(<!-- end of tools -->)/

const tools = [...(await allTools()).values()]
const rows = tools.map(({ operation: { name, does, scope }, fields }) => {
  const inputs = Object.keys(fields).map((field) => `\`${field}\``)
  return `| \`${name}\` | ${does} | ${inputs.join(', ')} | ${scope} |`
})
const table = ['| tool | what it does | inputs | scope |', '|---|---|---|---|', ...rows].join('\n')
const lines = tools.map(({ operation: { name, does, scope } }) => {
  return `- ${name}${scope === 'read' ? '' : ` (scope ${scope})`}: ${does}`
})

test.each([
  ['docs/agents.md', table],
  ['llms.txt', lines.join('\n')],
])('%s has every tool', (path, list) => {
  const file = join(root, path)
  const text = readFileSync(file, 'utf8')
  expect(text).toMatch(LIST)
  const whole = text.replace(LIST, (_, start: string, end: string) => `${start}\n${list}\n\n${end}`)
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, whole)
  expect(readFileSync(file, 'utf8')).toBe(whole)
})
