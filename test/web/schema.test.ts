// Owns the proof that the dashboard's client is typed by the API as it is, and says what the other faces say.
// `UPDATE_DOCS=1 npx vitest run test/web/schema.test.ts` writes the types and the words anew.

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { ENDED_WORDS } from '../../src/model/run.ts'
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

test('web/src/api/words.ts has the words of src/model/run.ts: the dashboard imports nothing of ours', () => {
  const words = Object.entries(ENDED_WORDS).map(([ended, text]) => `  '${ended}': '${text}',\n`)
  const head =
    '// Owns words that all faces share, made from src/model/run.ts: `npm run web:types` writes them anew.\n\n/** How a pass ended. */\n'
  const text = `${head}export const ENDED_WORDS = {\n${words.join('')}} as const\n`
  const place = join(web, 'src', 'api', 'words.ts')
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(place, text)
  expect(readFileSync(place, 'utf8')).toBe(text)
})
