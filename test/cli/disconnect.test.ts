// Owns the proof that a connection can be forgotten in part or in whole.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { mainIn } from '../../src/cli/main.ts'
import { openTidemark } from '../../src/open.ts'
import { findKey } from '../../src/secrets/keys.ts'
import { heldAt, mirror } from './keyed-mirror.ts'
import { connectGitHub } from './program.ts'

describe.concurrent('disconnecting', () => {
  test('forgets the login and keeps the records, until it is connected again', async (ending) => {
    const { github, ask, file } = await mirror(ending)
    await ask(['sync'])
    const { code, json } = await ask(['disconnect', 'me', '--json'])
    expect([code, json]).toEqual([
      0,
      { id: 'me', purged: false, secrets: 1, paused: ['disconnected'], declaredIn: null },
    ])
    const database = new DatabaseSync(file, { readOnly: true })
    expect(database.prepare('SELECT count(*) n FROM tm_secrets').get()).toEqual({ n: 0 })
    database.close()
    expect((await ask(['records', 'me/stars', '--json'])).json).toHaveLength(120)
    expect((await ask(['sync', 'me'])).code).toBe(4)
    // Who means all of them does not mean this one any more.
    expect((await ask(['connections', '--json'])).json.connections).toEqual([])
    expect((await ask(['connections', '--all', '--json'])).json.connections).toMatchObject([{ id: 'me' }])
    const listed = await ask(['connections'])
    expect([listed.stdout, listed.stderr]).toEqual(['', expect.stringContaining('tidemark connections --all')])
    expect((await ask(['connections', '--all'])).stdout).toMatch(/^me +github .*disconnected/m)
    expect(await ask(['audit', '--json'])).toMatchObject({ code: 0, json: { problems: 0 } })
    const all = await ask(['sync'])
    expect([all.code, all.stdout, all.stderr]).toEqual([0, '', expect.stringContaining('me (disconnected)')])
    const resumed = await ask(['resume', 'me'])
    expect([resumed.code, resumed.stdout]).toEqual([4, expect.stringContaining('tidemark connect github --id me')])
    await ask(connectGitHub(github))
    expect((await ask(['sync', 'me'])).code).toBe(0)
  })

  test('asks for no secret that was never given', async (ending) => {
    const { ask, github } = await mirror(ending)
    const open = [
      '--set',
      'user=ada',
      '--set',
      `baseUrl=${github.url}`,
      '--set',
      'allowPrivateNetwork=true',
      '--no-check',
    ]
    await ask(['connect', 'github', '--id', 'open', ...open])
    expect((await ask(['disconnect', 'open'])).stderr).toContain('Back: tidemark connect github --id open. Delete')
    expect((await ask(['disconnect', 'me'])).stderr).toContain('--id me --secret-env token=GITHUB_TOKEN. Delete')
  })

  test('with --purge leaves nothing of it, and asks nobody where nobody is', async (ending) => {
    const { github, ask, file } = await mirror(ending)
    await ask(connectGitHub(github, 'other'))
    await ask(['sync'])
    const gone = await ask(['disconnect', 'me', '--purge', '--json'])
    expect([gone.code, gone.json]).toEqual([0, { id: 'me', purged: true, rows: expect.any(Number), declaredIn: null }])
    const database = new DatabaseSync(file, { readOnly: true })
    const count = (sql: string) => Object.values(database.prepare(sql).get() ?? {})[0]
    expect(count(`SELECT count(*) FROM github_stars_all WHERE _connection IS NOT 'other'`)).toBe(0)
    expect(count('SELECT count(*) FROM github_stars')).toBe(120)
    expect(count('SELECT count(*) FROM tm_changes')).toBe(120)
    expect(count('SELECT count(*) FROM tm_runs')).toBe(1)
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([])
    database.close()
    expect((await ask(['connections', '--json'])).json.connections).toHaveLength(1)
    // The name is free again, for another service even.
    expect((await ask(['connect', 'github', '--id', 'me', '--no-check', '--set', 'user=ada'])).code).toBe(0)
    expect((await ask(['records', 'me/stars', '--json'])).json).toEqual([])
  })

  test('with --purge asks whoever is at a terminal, who has to type the id', async (ending) => {
    const { here, env, ask, file } = await mirror(ending)
    await ask(['sync'])
    const atTerminal = async (typed: string) => {
      const stdin = Object.assign(Readable.from([`${typed}\n`]), { isTTY: true })
      const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })]
      const streams = { stdin: stdin as never, stdout: stdout as never, stderr: stderr as never }
      const code = await mainIn({ ...streams, environment: { ...here.env, ...env } }, [
        '--database',
        file,
        'disconnect',
        'me',
        '--purge',
      ])
      stderr.end()
      return { code, said: Buffer.concat(await stderr.toArray()).toString() }
    }
    const refused = await atTerminal('yes')
    expect([refused.code, refused.said]).toEqual([2, expect.stringContaining('This deletes 120 records of "me"')])
    expect(refused.said).toContain('confirmation_missing')
    expect((await ask(['records', 'me/stars', '--json'])).json).toHaveLength(120)
    expect((await atTerminal('me')).code).toBe(0)
    expect((await ask(['connections', '--all', '--json'])).json.connections).toEqual([])
  })

  test('that was interrupted in the middle is gone on with', async (ending) => {
    const { ask, file } = await mirror(ending, 2_500)
    await ask(['sync'])
    const tidemark = await openTidemark({
      database: file,
      key: findKey({ XDG_CONFIG_HOME: join(file, '..', 'config') }),
    })
    const { connections } = tidemark.store
    const purge = connections.purge.bind(connections)
    let part = 0
    connections.purge = async (order) => {
      if (part++ === 1) throw new Error('cut off')
      return purge(order)
    }
    await expect(tidemark.purge('me')).rejects.toThrow('cut off')
    await tidemark.close()
    // What is left stands still, and says what it is.
    const left = (await ask(['status', '--json'])).json.connections[0]
    expect(left).toMatchObject({ id: 'me', paused: ['disconnected', 'purging'] })
    expect((await ask(['disconnect', 'me', '--purge', '--yes'])).code).toBe(0)
    expect((await ask(['connections', '--json'])).json.connections).toEqual([])
  })

  test('waits for no run that is under way', async (ending) => {
    const made = await mirror(ending)
    const { here, env, ask } = made
    const { stands, open } = await heldAt(2, made, ending)
    const sync = here.start(['sync'], { env })
    await stands
    const { code, json } = await ask(['disconnect', 'me', '--purge', '--yes', '--json'])
    expect([code, json.error.code]).toEqual([1, 'run_active'])
    open()
    expect((await sync.ended).code).toBe(0)
    expect((await ask(['records', 'me/stars', '--json'])).json).toHaveLength(120)
  })
})
