// Owns the proof of the commands that stay: `serve`, and `demo` with its story, its database and its end.

import { exec } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type Ending, place } from './program.ts'

const NO_KEY = { TIDEMARK_KEY: undefined, TIDEMARK_KEY_FILE: undefined }

/** The lines of output that the README shows. */
function shownInReadme(): string[] {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^( *)```text\n([^]*?)^\1```$/gm)].map(([, , output]) => output ?? '')
  return blocks
    .join('\n')
    .split('\n')
    .filter((shown) => shown !== '')
}

async function takenPort({ onTestFinished }: Ending): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  return String((other.address() as { port: number }).port)
}

describe.concurrent('serve', () => {
  test('says that it is up, until it is told to stop', async (ending) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const server = place(ending).start(['serve', '--port', '0', '--json'])
      let text = ''
      server.child.stdout?.on('data', (part: string) => (text += part))
      await server.saw(/\n}/)
      const { url } = JSON.parse(text) as { url: string }
      const answer = await fetch(`${url}/healthz`)
      expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
      server.child.kill(signal)
      expect((await server.ended).code).toBe(0)
    }
  })

  test('prints a link that logs a browser in on this machine, and none where others can reach it', async (ending) => {
    const here = place(ending)
    await here.ask(['connect', 'github', '--id', 'mine', '--no-check', '--set', 'user=ada'])
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const server = here.start(['serve', '--port', '0', '--host', host])
      let text = ''
      server.child.stderr?.on('data', (part: string) => (text += part))
      await server.saw(/Dashboard: \S+\n/)
      const [, address = ''] = /Dashboard: (\S+)/.exec(text) ?? []
      const { hash, port } = new URL(address)
      expect(hash.startsWith('#login=tidemark_')).toBe(host === '127.0.0.1')
      const url = `http://127.0.0.1:${port}`
      const page = await fetch(url)
      expect([page.status, await page.text()]).toEqual([200, expect.not.stringContaining('mine')])
      const headers = { authorization: `Bearer ${hash.slice('#login='.length) || 'tidemark_none'}` }
      const session = await fetch(`${url}/api/session`, { method: 'POST', headers })
      expect(session.status).toBe(host === '127.0.0.1' ? 201 : 401)
      // The code begins sessions, and is no token.
      expect((await fetch(`${url}/api/status`, { headers })).status).toBe(401)
      server.child.kill('SIGINT')
      expect((await server.ended).code).toBe(0)
    }
  })

  test('refuses a port that is taken', async (ending) => {
    const port = await takenPort(ending)
    const { code, json } = await place(ending).run(['serve', '--port', port, '--json'])
    expect([code, json.error.code]).toEqual([2, 'port_busy'])
  })
})

describe.concurrent('demo', () => {
  test('tells its story without a terminal and without a key, and touches nothing of the person', async (ending) => {
    const here = place(ending)
    const config = join(here.folder, 'config')
    const { code, stdout, stderr } = await here.run(['demo', '--no-serve'], {
      env: { ...NO_KEY, XDG_CONFIG_HOME: config, INIT_CWD: undefined },
    })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/616 new/)
    expect(stdout).toMatch(/480 new/)
    expect(stdout).toMatch(/stars {2}3 new, 100?\d* changed|stars {2}3 new/)
    expect(stdout).toMatch(/\$ tidemark sync [^\n]*--mode full\n[^$]*2 removed/)
    expect(stdout).toMatch(/language +stars +most\n/)
    expect(stdout).toMatch(/status +orders +amount\n/)
    // A sheet that somebody keeps by hand, the platforms, and what a person sets: one record, which says why.
    expect(stdout).toMatch(/\$ tidemark blend create creators [^\n]*\ncreators: \d+ records, in SQL blend_creators\n/)
    expect(stdout).toMatch(
      /\n {2}followers = 1200000 {2}max of team\/rows http:\/\/www\.Instagram\.com\/Ada\/, column followers, since /,
    )
    expect(stdout).toMatch(/\n {2}followers = 20000 {2}manual, since /)
    expect([existsSync(config), existsSync(join(here.folder, 'tidemark.db'))]).toEqual([false, false])
    const [folder = ''] = readdirSync(here.folder).filter((name) => name.startsWith('tidemark-demo-'))
    expect(readdirSync(join(here.folder, folder))).toEqual(expect.arrayContaining(['key', 'tidemark.db']))
    expect(statSync(join(here.folder, folder, 'key')).mode & 0o077).toBe(0)
    expect(stdout).toMatch(
      /\nYour own data, with two commands:\n {2}\S.* connect github --id me --set user=YOUR_LOGIN\n {2}\S.* sync me\n$/,
    )
    // The README shows lines of it.
    const plain = (words: string) => words.replaceAll(/\d+(?:\.\d+)? m?s\b/g, 'N ms')
    const said = new Set(plain(`${stdout}\n${stderr}`).split('\n'))
    expect(shownInReadme().length).toBeGreaterThan(9)
    expect(shownInReadme().filter((shown) => !said.has(plain(shown)))).toEqual([])
    // What it says at its end works.
    const [, line = ''] = /^Look around: (.+)$/m.exec(stdout) ?? []
    const status = await promisify(exec)(`${line} --json`, { cwd: here.folder, env: { ...here.env, ...NO_KEY } })
    const { connections } = JSON.parse(status.stdout) as { connections: { id: string; totalRecords: number }[] }
    const totals = Object.fromEntries(connections.map(({ id, totalRecords }) => [id, totalRecords]))
    expect(totals).toMatchObject({ me: 618, shop: 527, team: 12 })
  })

  test('stays up and keeps up, until Ctrl-C, which is no failure', async (ending) => {
    const here = place(ending)
    const demo = here.start(['demo', '--port', '0', '--json', '--database', 'mine.db'])
    let text = ''
    demo.child.stdout?.on('data', (part: string) => (text += part))
    await demo.saw(/\n}\n$/)
    const { url, dashboard, database, runs } = JSON.parse(text)
    expect(database).toBe(join(here.folder, 'mine.db'))
    expect(runs.map(({ status }: { status: string }) => status)).toEqual(new Array(runs.length).fill('succeeded'))
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const headers = { authorization: `Bearer ${new URL(dashboard).hash.replace('#login=', '')}` }
    const session = await fetch(`${url}/api/session`, { method: 'POST', headers })
    const cookie = (session.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    expect(await (await fetch(`${url}/api/status`, { headers: { cookie } })).text()).toContain('"id":"shop"')
    const key = readdirSync(here.folder).filter((name) => name.startsWith('tidemark-demo-') && !name.includes('files'))
    const env = { ...NO_KEY, TIDEMARK_KEY_FILE: join(here.folder, key[0] ?? '', 'key') }
    const { json } = await here.run(['status', '--json', '--database', 'mine.db'], { env })
    const unscheduled = json.connections.filter(({ schedules }: { schedules: object[] }) => schedules.length === 0)
    // A blend is made after its sources are read.
    expect(unscheduled).toMatchObject([{ id: 'creators', connector: 'blend' }])
    demo.child.kill('SIGINT')
    const { code, stderr } = await demo.ended
    expect([code, stderr]).toEqual([0, expect.stringContaining(`The database stays: ${database}\n`)])
    // Its key lies in a folder that was made for it.
    expect(stderr).toMatch(/rm -r \S+tidemark-demo-/)
    const again = await here.run(['demo', '--no-serve', '--json', '--database', 'mine.db'])
    expect([again.code, again.json.error.code]).toEqual([2, 'demo_database_exists'])
  })

  test('refuses the port that was asked for when it is taken', async (ending) => {
    const port = await takenPort(ending)
    const { code, json } = await place(ending).run(['demo', '--port', port, '--json'])
    expect([code, json.error.code]).toEqual([2, 'port_busy'])
  })
})
