// Owns the proof of `keys` as people use it: rotation while a sync runs, old keys, lost keys, and a key file that is exposed.

import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openTidemark } from '../../src/open.ts'
import { findKey } from '../../src/secrets/keys.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { heldAt, mirror } from './keyed-mirror.ts'
import { connectGitHub, place } from './program.ts'

describe.concurrent('keys', () => {
  test('rotate while a sync runs, which goes on; and the next one, too', async (ending) => {
    const made = await mirror(ending, 1_200)
    const { here, env, ask, keys } = made
    const old = readFileSync(join(keys, 'key'), 'utf8')
    const { stands, open } = await heldAt(3, made, ending)
    const sync = here.start(['sync', '--json'], { env })
    await stands
    const { json } = await ask(['keys', 'rotate', '--json'])
    expect(json).toMatchObject({ outcome: 'rotated', secrets: 1, unreadable: [] })
    expect(sync.child.exitCode).toBeNull()
    open()
    expect((await sync.ended).code).toBe(0)
    expect((await ask(['sync'])).code).toBe(0)
    expect(readFileSync(join(keys, 'key'), 'utf8')).not.toBe(old)
    expect(readdirSync(keys).sort()).toEqual(['key', `key.${json.from}`])
    expect((await ask(['keys', '--json'])).json).toMatchObject({ key: json.to, wanted: [json.to] })
    const withOld = await ask(['sync', '--json'], { TIDEMARK_KEY: old.trim() })
    expect([withOld.code, withOld.json.runs[0].error.code]).toEqual([2, 'key_wrong'])
  })

  test('that this database does not need are deleted without another rotation', async (ending) => {
    const { ask, keys } = await mirror(ending, 20)
    const { from, to } = (await ask(['keys', 'rotate', '--json'])).json
    const refused = await ask(['keys', 'forget-old'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Other databases')])
    expect(readdirSync(keys).sort()).toEqual(['key', `key.${from}`])
    const { json } = await ask(['keys', 'forget-old', '--yes', '--json'])
    expect(json).toEqual({ deleted: [join(keys, `key.${from}`)] })
    expect(readdirSync(keys)).toEqual(['key'])
    expect((await ask(['keys', '--json'])).json.key).toBe(to)
    expect((await ask(['sync'])).code).toBe(0)
    expect((await ask(['keys', 'forget-old', '--json'])).json).toEqual({ deleted: [] })
  })

  test('that are lost keep nobody from a new login', async (ending) => {
    const { ask, keys } = await mirror(ending, 20)
    const rest = ['--id', 'brandnew', '--set', 'user=ada', '--secret-env', 'token=TOK', '--no-check']
    const other = { TIDEMARK_KEY: Buffer.alloc(32, 2).toString('base64'), TOK: 'a-new-token' }
    const brandNew = ['connect', 'github', ...rest]
    const locked = await ask([...brandNew, '--json'], other)
    expect([locked.code, locked.json.error]).toMatchObject([2, { code: 'key_wrong' }])
    expect(locked.json.error.hint).toContain('tidemark keys reset')

    const refused = await ask(['keys', 'reset', '--json'], other)
    expect([refused.code, refused.json.error.code]).toEqual([2, 'confirmation_missing'])
    const { json } = await ask(['keys', 'reset', '--yes', '--json'], other)
    const lost = { project: 'default', connection: 'me', connector: 'github', secrets: ['token'] }
    expect(json).toEqual({ connections: [lost] })
    expect((await ask(['status', '--json'])).json.connections[0].paused).toEqual(['login'])
    for (const action of ['show', 'rotate'] as const) {
      const { stdout, stderr } = await ask(['keys', action], other)
      expect(stdout + stderr).not.toMatch(/key_wrong|key_missing/)
    }
    const doctor = await ask(['doctor', '--json', '--port', '9'], other)
    expect(doctor.json.checks).toContainEqual(expect.objectContaining({ check: 'key', state: 'ok' }))
    expect((await ask(brandNew, other)).code).toBe(0)
    expect((await ask(['keys', '--json'], other)).json).toMatchObject({ dataKeys: 1 })
    expect(readdirSync(keys)).toEqual(['key'])
  })

  test('whose secrets are all forgotten are not missed', async (ending) => {
    const { ask, keys } = await mirror(ending, 20)
    await ask(['disconnect', 'me'])
    const elsewhere = { XDG_CONFIG_HOME: join(keys, 'elsewhere'), TOK: 'a-new-token' }
    const doctor = await ask(['doctor', '--json', '--port', '9'], elsewhere)
    expect(doctor.json.checks).toContainEqual(expect.objectContaining({ check: 'key', state: 'ok' }))
    const made = ['connect', 'github', '--id', 'two', '--set', 'user=ada', '--secret-env', 'token=TOK', '--no-check']
    expect((await ask(made, elsewhere)).code).toBe(0)
    const { code, json } = await ask(['keys', 'rotate', '--json'], elsewhere)
    expect([code, json]).toMatchObject([0, { outcome: 'rotated', secrets: 1, unreadable: [] }])
  })

  test('that are forgotten are named, each with its file', async (ending) => {
    const { ask, keys } = await mirror(ending, 20)
    const { from } = (await ask(['keys', 'rotate', '--json'])).json
    const refused = await ask(['keys', 'rotate', '--forget-old', '--json'])
    expect([refused.code, refused.json.error]).toMatchObject([
      2,
      { code: 'confirmation_missing', message: expect.stringContaining('Other databases') as string },
    ])
    expect(readdirSync(keys).sort()).toEqual(['key', `key.${from}`])
    const { stdout, stderr } = await ask(['keys', 'rotate', '--forget-old', '--yes'])
    const [, second] = /Replaced key (\w+) with/.exec(stdout) ?? []
    for (const name of [from, second]) expect(stdout).toContain(`    deleted ${join(keys, `key.${name}`)}\n`)
    expect(stderr).toContain('a backup made before this needs those keys')
    expect(readdirSync(keys)).toEqual(['key'])
    expect((await ask(['keys', 'rotate', '--json'])).json.deleted).toEqual([])
  })

  test('of the environment are exchanged in two halves', async (ending) => {
    const github = await githubEmulator({ stars: 20, limits: false })
    ending.onTestFinished(() => github.close())
    const here = place(ending)
    const [a, b] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string]
    const ask = (args: readonly string[], env: Record<string, string>) => here.ask(args, { env })
    await ask(connectGitHub(github), { TIDEMARK_KEY: a })
    const alone = await ask(['keys', 'rotate', '--json'], { TIDEMARK_KEY: a })
    expect([alone.code, alone.json.error.code]).toEqual([2, 'key_new_missing'])
    const first = await ask(['keys', 'rotate'], { TIDEMARK_KEY: a, TIDEMARK_KEY_NEW: b })
    expect([first.code, first.stderr]).toEqual([
      0,
      expect.stringContaining('set TIDEMARK_KEY to the new key everywhere'),
    ])
    for (const key of [a, b]) expect((await ask(['sync'], { TIDEMARK_KEY: key })).code).toBe(0)
    expect((await ask(['keys', 'rotate', '--json'], { TIDEMARK_KEY: b })).json.outcome).toBe('finished')
    expect((await ask(['sync'], { TIDEMARK_KEY: b })).code).toBe(0)
    expect((await ask(['sync'], { TIDEMARK_KEY: a })).code).toBe(2)
  })
})

describe.concurrent('a key file that others may read', () => {
  test('is used, with one warning that tells how to mend it', async (ending) => {
    const github = await githubEmulator({ stars: 20, limits: false })
    ending.onTestFinished(() => github.close())
    const here = place(ending)
    const file = join(here.folder, 'key')
    writeFileSync(file, `${Buffer.alloc(32, 1).toString('base64')}\n`, { mode: 0o644 })
    const ask = (args: readonly string[], more: Record<string, string> = {}) =>
      here.ask(args, { env: { TIDEMARK_KEY_FILE: file, ...more } })
    const warning = `warning: Other users of this machine may read the key file ${file} (mode 644). Run: chmod 600 ${file}\n`
    const first = await ask(connectGitHub(github))
    expect([first.code, first.stderr.split(warning)]).toEqual([0, [expect.any(String), expect.any(String)]])
    const synced = await ask(['sync', '--json'])
    expect([synced.code, synced.json.runs[0].status, synced.stderr]).toEqual([0, 'succeeded', warning])
    const quiet = await ask(['sync', '--quiet'], { TIDEMARK_LOG: 'warn' })
    expect([quiet.code, JSON.parse(quiet.stderr)]).toEqual([
      0,
      { at: expect.any(String), level: 'warn', event: 'key.exposed', file, mode: '644' },
    ])
    // Whoever needs no key hears nothing of it.
    expect(await ask(['status', '--json'])).toMatchObject({ code: 0, stderr: '' })
    const doctor = await ask(['doctor', '--json', '--port', '9'])
    expect([doctor.code, doctor.stderr, doctor.json.failed]).toEqual([1, '', 1])
    chmodSync(file, 0o600)
    expect(await ask(['sync', '--json'])).toMatchObject({ code: 0, stderr: '' })
  })
})

describe.concurrent('one database', () => {
  test('has its keys rotated by one process at a time', async (ending) => {
    const { file, ask, keys } = await mirror(ending)
    const open = () => openTidemark({ database: file, key: findKey({ XDG_CONFIG_HOME: join(keys, '..') }) })
    const [one, two] = [await open(), await open()]
    let refused: unknown
    const report = await one.rotateKeys({
      after: async (step) => {
        if (step === 'wrapped') refused = await two.rotateKeys().catch((error: unknown) => error)
      },
    })
    expect(refused).toMatchObject({ code: 'rotation_active', verdict: 'wait' })
    expect(report.outcome).toBe('rotated')
    await two.rotateKeys()
    for (const tidemark of [one, two]) await tidemark.close()
    expect((await ask(['sync'])).code).toBe(0)
  })
})
