// Owns the proof that docs/http.md lists the routes that there are.
// `UPDATE_DOCS=1 npx vitest run test/server/docs.test.ts` rewrites the table.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operationNamed } from '../../src/operations/all.ts'
import { inputNames } from '../../src/server/api/openapi.ts'
import { ROUTES } from '../../src/server/api/routes.ts'

const file = join(import.meta.dirname, '..', '..', 'docs', 'http.md')
const TABLE = /(<!-- routes -->\n)[^]*?(<!-- end of routes -->)/

const rows = await Promise.all(
  ROUTES.map(async (route) => {
    const operation = await operationNamed(route.operation)
    const inputs = inputNames(route, operation).map((name) => `\`${name}\``)
    const { method, path, does = operation.does } = route
    return `| \`${method} ${path}\` | ${does} | ${inputs.join(', ')} | ${operation.scope} |`
  }),
)
const table = ['| route | what it does | inputs | scope |', '|---|---|---|---|', ...rows, ''].join('\n')

test('docs/http.md has every route', () => {
  const text = readFileSync(file, 'utf8')
  const whole = text.replace(TABLE, (_, start: string, end: string) => `${start}\n${table}\n${end}`)
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, whole)
  expect(readFileSync(file, 'utf8')).toBe(whole)
})
