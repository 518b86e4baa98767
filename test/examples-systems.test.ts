// Owns the proof that the programs in examples/systems/ run: each compares what is mirrored with its emulator's truth, and
// fails where they differ.

import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '..', 'examples', 'systems')

test.each(readdirSync(folder))('%s', async (file) => {
  const cwd = mkdtempSync(join(tmpdir(), 'tidemark-example-'))
  try {
    const env = { ...process.env, TIDEMARK_KEY: Buffer.alloc(32, 7).toString('base64') }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--no-warnings', join(folder, file)], {
      cwd,
      env,
    })
    expect([stdout, stderr]).toEqual([expect.stringMatching(/\S/), ''])
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
})
