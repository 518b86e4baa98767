// Owns the proof of what a person at a terminal is asked, and when.

import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { mainIn } from '../../src/cli/main.ts'

async function atTerminal(args: readonly string[], typed: string) {
  const said: string[] = []
  const stream = () => {
    const made = Object.assign(new PassThrough(), { isTTY: true, columns: 100 })
    made.on('data', (part: Buffer) => void said.push(part.toString()))
    return made
  }
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  stdin.write(typed)
  const [stdout, stderr] = [stream(), stream()]
  const environment = { NO_COLOR: '1' }
  const code = await mainIn({ stdin, stdout, stderr, environment } as never, ['--database', ':memory:', ...args])
  return { code, said: said.join('') }
}

test('no secret is asked for before everything else is right', async () => {
  const { code, said } = await atTerminal(['connect', 'instagram', '--id', 'r9', '--no-check'], 'secret\n')
  expect(code).toBe(2)
  expect(said).toContain('username is missing')
  expect(said).toContain('see: tidemark connectors instagram')
  expect(said).not.toContain('hidden')
  const right = ['connect', 'instagram', '--id', 'r9', '--no-check', '--set', 'username=ada']
  const asked = await atTerminal(right, 'secret\n')
  expect([asked.code, asked.said]).toEqual([0, expect.stringContaining('apifyToken (hidden): ')])
})
