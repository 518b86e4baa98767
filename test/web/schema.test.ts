// Owns the proof that the dashboard's client is typed by the API as it is.
// `UPDATE_DOCS=1 npx vitest run test/web/schema.test.ts` writes the types anew.

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { openApi } from '../../src/server/api/openapi.ts'

const web = join(import.meta.dirname, '..', '..', 'web')
const file = join(web, 'src', 'api', 'schema.d.ts')

const HEAD = `// Owns the types of the API, made from its OpenAPI document: \`npm run web:types\` writes them anew.\n\n`

interface Generator {
  readonly default: (document: object) => Promise<unknown>
  readonly astToString: (tree: unknown) => string
}

test('web/src/api/schema.d.ts is what the OpenAPI document says', async () => {
  // It has a compiler of its own, in the folder of the dashboard.
  const place = createRequire(join(web, 'package.json')).resolve('openapi-typescript')
  const { default: generate, astToString } = (await import(pathToFileURL(place).href)) as Generator
  const text = HEAD + astToString(await generate(await openApi()))
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, text)
  expect(readFileSync(file, 'utf8')).toBe(text)
})
