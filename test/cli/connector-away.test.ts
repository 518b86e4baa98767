// Owns the proof that stored data is read without the code of its connector, and that what needs that code says where to
// get it.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTidemark } from '../../src/index.ts'
import { type Place, place } from './program.ts'

const NOTES = `import { createServer } from 'node:http'
import { defineConnector, fullPass, stream, z } from ${JSON.stringify(join(import.meta.dirname, '../../src/index.ts'))}
const read = async () => ({ records: [{ id: 'a', likes: 1 }, { id: 'b', likes: 'many' }] })
const notes = defineConnector(
  { name: 'my-notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'https://notes.example' }) },
  {
    notes: stream({
      schema: z.object({ id: z.string(), likes: z.int() }),
      key: ({ id }) => id,
      metrics: ['likes'],
      passes: [fullPass({ read, pageSize: 10 })],
    }),
  },
)
export default { connectors: [notes], connections: { notes: { connector: 'my-notes' } } }
`

let here: Place
let away: (...args: string[]) => ReturnType<Place['ask']>
const ends: (() => void | Promise<void>)[] = []

beforeAll(async () => {
  here = place({ onTestFinished: (end) => void ends.push(end) })
  mkdirSync(join(here.folder, 'theirs'))
  const config = join(here.folder, 'theirs', 'tidemark.config.ts')
  writeFileSync(config, NOTES)
  await here.ask(['--config', config, 'sync'])
  away = (...args) => here.ask(args)
})
afterAll(async () => {
  for (const end of ends) await end()
})

test.each<[...command: string[]]>([
  ['records', 'notes/notes', '--json'],
  ['export', 'notes/notes', '--out', '-'],
  ['history', 'notes/notes', 'a'],
  ['explain', 'notes/notes', 'a'],
  ['metrics', 'notes/notes', '--metric', 'likes'],
  ['status'],
  ['connections'],
  ['runs'],
  ['quarantine'],
  ['audit'],
  ['sql', 'select * from my_notes_notes'],
  ['schedule', 'notes', 'every 15m'],
  ['schedule', 'notes'],
  ['schedule', 'notes', 'off'],
  ['pause', 'notes'],
  ['resume', 'notes'],
])('%s %s works without it', async (...command) => {
  const { code, stdout, stderr } = await away(...command)
  expect([command[0] === 'audit' && code === 3 ? 0 : code, stderr]).toEqual([
    0,
    expect.not.stringContaining('connector_unknown'),
  ])
  expect(stdout).not.toBe('')
})

test.each<[...command: string[]]>([['sync', 'notes'], ['sync'], ['sync', '--plan'], ['quarantine', 'retry', 'notes']])(
  '%s %s says who has it',
  async (...command) => {
    const { code, stdout, stderr } = await away(...command)
    expect([code, stdout + stderr]).toEqual([
      2,
      expect.stringContaining(
        'connector_unknown: Connection "notes" uses connector "my-notes", which no tidemark.config.ts here declares.',
      ),
    ])
    expect(stderr).toContain('--config <file>')
  },
)

test('a retry of everything leaves its records as they are', async () => {
  const { code, json } = await away('quarantine', 'retry', '--json')
  expect([code, json]).toMatchObject([
    3,
    { released: 0, remaining: [{ connection: 'notes', stream: 'notes', key: 'b', code: 'connector_unknown' }] },
  ])
})

test('a program lists its connection and reads its records', async () => {
  await using tidemark = await openTidemark({ database: join(here.folder, 'tidemark.db'), create: false })
  const [notes] = await tidemark.connections()
  const keys: string[] = []
  for await (const { _key } of notes!.records('notes')) keys.push(_key)
  expect(keys).toEqual(['a'])
  expect(() => notes!.connector).toThrow(expect.objectContaining({ code: 'connector_unknown' }))
  await expect(notes!.sync()).rejects.toMatchObject({
    code: 'connector_unknown',
    message: expect.stringContaining('my-notes'),
  })
})
