// Many who connect one id at once: none is turned away because others were faster.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import github from '../../src/connectors/github.ts'
import { openTidemark } from '../../src/index.ts'

const AT_ONCE = 40

test('as many connections of one id as begin at once are made', async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const tidemark = await openTidemark({ database: join(folder, 'tidemark.db'), key: Buffer.alloc(32, 7) })
  try {
    const users = Array.from({ length: AT_ONCE }, (_, i) => `user${i}`)
    const made = await Promise.all(
      users.map((user) => tidemark.connect(github, { id: 'me', options: { user, token: `token-${user}` } })),
    )
    expect(made.map(({ id }) => id)).toEqual(users.map(() => 'me'))
    expect(await tidemark.connections()).toHaveLength(1)
  } finally {
    await tidemark.close()
  }
})
