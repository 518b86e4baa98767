// Owns the proof that what an operator does works on a server, too: looking, keys, the doctor, the audit, disconnecting;
// and that what works on a file only says so.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'
import { connectGitHub, place } from './program.ts'

withPostgres('on PostgreSQL', () => {
  test('care works', async (ending) => {
    const database = await PostgresDatabase.open()
    const github = await githubEmulator({ stars: 120, limits: false })
    ending.onTestFinished(async () => {
      await github.close()
      await database.drop()
    })
    const here = place(ending)
    const env = { XDG_CONFIG_HOME: join(here.folder, 'config') }
    const ask = async (...args: string[]) => {
      const { code, json } = await here.ask([...args, '--database', database.url(), '--json'], { env })
      return { code, json }
    }
    expect(await ask('status')).toMatchObject({ code: 2, json: { error: { code: 'project_unknown' } } })
    expect((await ask(...connectGitHub(github))).code).toBe(0)
    expect((await ask('sync')).code).toBe(0)

    const { code, json } = await ask('doctor', '--port', '9')
    const ill = json.checks.filter(({ state }: { state: string }) => state !== 'ok')
    expect([code, ill]).toEqual([0, []])
    expect(JSON.stringify(json)).not.toContain('password')

    const rotated = await ask('keys', 'rotate')
    expect(rotated).toMatchObject({ code: 0, json: { outcome: 'rotated', secrets: 1 } })
    expect((await ask('keys')).json).toMatchObject({ key: rotated.json.to, wanted: [rotated.json.to] })
    expect((await ask('sync')).code).toBe(0)
    expect(await ask('audit')).toMatchObject({ code: 0, json: { problems: 0 } })
    expect((await ask('projects')).json.projects).toHaveLength(1)
    for (const args of [
      ['backup', 'copy'],
      ['restore', 'copy'],
    ]) {
      expect((await ask(...args)).json.error.code).toBe('file_unsupported')
    }

    expect(await ask('disconnect', 'me')).toMatchObject({ code: 0, json: { secrets: 1, paused: ['disconnected'] } })
    expect((await ask('records', 'me/stars')).json).toHaveLength(120)
    expect((await ask('disconnect', 'me', '--purge', '--yes')).code).toBe(0)
    expect((await ask('connections')).json.connections).toEqual([])
    const left = await database.query('select (select count(*) from tm_runs) + (select count(*) from tm_changes) as n')
    expect(Number(left[0]?.['n'])).toBe(0)
  })
})
