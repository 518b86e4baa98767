// Owns the proof of the second wall between projects: a session that names a project sees its rows alone, whatever it asks.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, place } from '../cli/program.ts'
import { record, SHAPE, World } from '../conformance/world.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

withPostgres('the wall between projects', () => {
  test('stands before tables and views, for who names a project', async (ending) => {
    const database = await PostgresDatabase.empty()
    const github = await githubEmulator({ stars: 40, limits: false })
    const role = `reader_${database.name}`
    ending.onTestFinished(async () => {
      await github.close()
      await database.destroy()
      await database.server.query(`DROP ROLE IF EXISTS ${role}`)
    })
    const here = place(ending)
    const ask = (...args: string[]) => here.ask([...args, '--database', database.url()])
    for (const project of ['north', 'south']) {
      expect((await ask(...connectGitHub(github), '--project', project)).code).toBe(0)
      expect((await ask('sync', '--project', project)).code).toBe(0)
    }
    // As docs/operating.md has it.
    const documented = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operating.md'), 'utf8')
    const [, grants = ''] = /```sql\n(CREATE ROLE reports[^]*?)```/.exec(documented) ?? []
    await database.query(grants.replaceAll('reports', role).replace('…', 'reads').replace("'shop'", "'north'"))
    const url = new URL(database.url())
    url.username = role
    url.password = 'reads'
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    ending.onTestFinished(() => client.end())
    const rows = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows
    const relations = await rows(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
         AND (relkind = 'v' OR has_table_privilege(oid, 'SELECT')) ORDER BY 1`,
    )
    expect(relations.length).toBeGreaterThan(50)
    await expect(rows('SELECT webhook_secret FROM tm_connections')).rejects.toThrow(/permission denied/)
    /** Names of tables and views that show a row. */
    const filled = async () => {
      const names: string[] = []
      for (const { name } of relations)
        if ((await rows(`SELECT 1 FROM "${String(name)}" LIMIT 1`)).length > 0) names.push(String(name))
      return names
    }
    const own = await filled()
    expect(own).toEqual(expect.arrayContaining(['github_stars', 'changes', 'runs', 'tm_requests', 'tm_s_github_stars']))
    expect(own).not.toContain('tm_data_keys')
    for (const name of own.filter((one) => !one.startsWith('tm_'))) {
      expect([name, await rows(`SELECT DISTINCT _project AS project FROM "${name}"`)]).toEqual([
        name,
        [{ project: 'north' }],
      ])
    }
    for (const name of ['tm_r_github_stars', 'tm_s_github_stars', 'tm_changes']) {
      expect([name, await rows(`SELECT count(*)::int AS n FROM ${name}`)]).toEqual([name, [{ n: 40 }]])
    }
    expect(await rows('SELECT id FROM tm_projects')).toEqual([{ id: 'north' }])
    await client.query(`SET tidemark.project = 'west'`)
    expect(await filled()).toEqual(['tm_schema', 'tm_tables'])
    await client.query(`SET tidemark.project = ''`)
    expect(await rows('SELECT count(*)::int AS n FROM github_stars')).toEqual([{ n: 80 }])
    await expect(client.query('DELETE FROM tm_changes')).rejects.toThrow(/permission denied/)
  })

  test('goes by the stream of a row, whatever its columns are called', async (ending) => {
    const database = await PostgresDatabase.empty()
    const role = `reader_${database.name}`
    ending.onTestFinished(async () => {
      await database.destroy()
      await database.server.query(`DROP ROLE IF EXISTS ${role}`)
    })
    const names = ['project_no', 'connection_no', 'stream_no', 'run_no', 'token_id', 'webhook_no', 'batch_id']
    const store = await database.connect()
    for (const [connector, type] of [
      ['numbers', 'integer'],
      ['words', 'text'],
    ] as const) {
      const shape = { ...SHAPE, connector, metrics: [], columns: names.map((name) => ({ name, type })) }
      for (const project of ['north', 'south']) {
        const world = await new World(database, store, project).begin(connector, shape)
        // As the numbers of the first project, its connection and its stream are.
        await world.put({
          inserts: [
            record(
              project,
              1,
              names.map(() => (type === 'text' ? '1' : 1)),
            ),
          ],
        })
      }
    }
    const client = new pg.Client({ connectionString: database.url() })
    await client.connect()
    ending.onTestFinished(() => client.end())
    await client.query(`CREATE ROLE ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}; SET ROLE ${role}`)
    for (const project of ['north', 'south']) {
      await client.query(`SET tidemark.project = '${project}'`)
      for (const table of ['tm_r_numbers_orders', 'tm_r_words_orders']) {
        expect([table, (await client.query(`SELECT _key FROM ${table}`)).rows]).toEqual([table, [{ _key: project }]])
      }
    }
  })
})
