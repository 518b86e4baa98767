// Owns the proof of how the program ends: with 0 only when the command is done, also where the code of a configuration or
// a connector never ends, ends the process itself, leaves something open, or prints.

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Ending, place } from './program.ts'

const ITEMS = 2_000
const TOKEN = 'sk-live-9f8e7d6c5b4a3210'

/** A place whose configuration declares a connection; `read` is the body of its connector's read. */
async function world(ending: Ending, read = 'return page(http)', top = '') {
  const items = JSON.stringify(Array.from({ length: ITEMS }, (_, i) => ({ id: `i${i}`, text: 'x'.repeat(200) })))
  // Items come only after what is gone was answered, so that its failure is known first.
  let answerGone = () => {}
  const answered = new Promise<void>((resolve) => (answerGone = resolve))
  const server = createServer((request, response) => {
    if (request.url === '/gone') return response.writeHead(404).end('{}', answerGone)
    return request.url === '/after' ? void answered.then(() => response.end(items)) : response.end(items)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ending.onTestFinished(() => void server.close())
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const here = place(ending)
  const config = (text: string) => writeFileSync(join(here.folder, 'tidemark.config.ts'), text)
  config(`
    import { defineConnector, fullPass, secret, stream, z } from 'tidemark'
    ${top}
    const page = async (http) => ({ records: (await http.get('/items')).body })
    const items = stream({
      schema: z.object({ id: z.string(), text: z.string() }),
      key: (item) => item.id,
      passes: [fullPass({ pageSize: 1000, read: async ({ http, options }) => { ${read} } })],
    })
    const service = { name: 'own', title: 'Own', options: z.object({ token: secret('Token').optional() }), http: () => ({ baseUrl: '${baseUrl}' }) }
    const connector = defineConnector(service, { items })
    const options = { baseUrl: '${baseUrl}', allowPrivateNetwork: true }
    export default { connections: { mine: { connector, options: { ...options, token: '${TOKEN}' } } } }
  `)
  return { here, config }
}

describe.concurrent('the program', () => {
  test.for([
    ['status', '--json'],
    ['sync', '--json'],
    ['audit', '--json'],
    ['backup', 'copy.db', '--json'],
  ])('says so when the configuration never finishes loading: %s', async (args, ending) => {
    const { here, config } = await world(ending)
    config('await new Promise(() => {})\nexport default {}\n')
    const { code, json, stderr } = await here.run(args)
    expect([code, json.error.code]).toEqual([2, 'config_invalid'])
    expect(stderr).toContain('tidemark.config.ts never finishes loading')
  })

  test('says so when a connector ends the process', async (ending) => {
    const { here } = await world(ending, 'process.exit(0)')
    const { code, json, stderr } = await here.run(['sync', '--json'])
    expect([code, json.error.code]).toEqual([1, 'process_ended'])
    expect(stderr).toContain('The process was ended before the command was done')
  })

  test.for([
    ['a timer', 'setInterval(() => {}, 1_000)'],
    ['a server', "(await import('node:net')).createServer().listen(0, '127.0.0.1')"],
  ] as const)('ends when a connector or a configuration leaves %s open', async ([, leave], ending) => {
    const { here } = await world(ending, `${leave}\nreturn page(http)`, leave)
    expect((await here.run(['sync', '--json'])).code).toBe(0)
    const rows = await here.run(['sql', 'select * from own_items', '--format', 'jsonl'])
    // More than a pipe holds: nothing of it is cut off.
    expect(rows.stdout.trimEnd().split('\n')).toHaveLength(ITEMS)
  })

  test('ends by no request that fails before it is awaited', async (ending) => {
    const read = "const gone = http.get('/gone'); await http.get('/after'); await page(http); await gone"
    const { here } = await world(ending, read)
    const { code, json, stderr } = await here.run(['sync', '--json'])
    expect([code, json.runs[0].error.code]).toEqual([2, 'not_found'])
    expect(stderr).not.toContain('error_unhandled')
  })

  test('goes on after a rejection that nobody handles, and fails: it says where it was made, and no secret', async (ending) => {
    const read = 'Promise.reject(new Error(`cannot open ${options.token}`)); await page(http); return page(http)'
    const { here } = await world(ending, read)
    const { code, json, stderr } = await here.run(['sync', '--json'], { env: { TIDEMARK_LOG: 'error' } })
    expect([code, json.runs[0].status]).toEqual([1, 'succeeded'])
    expect(stderr).toMatch(/^error_unhandled: .*Error: cannot open … \(at .*tidemark\.config\.ts:\d+:\d+\)\.$/m)
    expect(stderr).toMatch(/^\{.*"error\.unhandled".*tidemark\.config\.ts.*\}$/m)
    expect(stderr).not.toContain(TOKEN)
  })

  test('ends after an exception that nobody handles, with one message and no secret', async (ending) => {
    const read =
      'for (const ms of [1, 2]) setTimeout(() => { throw new Error(options.token) }, ms); await new Promise(() => {})'
    const { here } = await world(ending, read)
    const { code, json, stderr } = await here.run(['sync', '--json'], { env: { TIDEMARK_DEBUG: '1' } })
    expect([code, json.error.code]).toEqual([1, 'error_unhandled'])
    expect(stderr.match(/^error_unhandled:/gm)).toHaveLength(1)
    expect(stderr).not.toContain('Node.js v')
    expect(stderr + json.error.message).not.toContain(TOKEN)
  })

  test.for([
    ['on after a rejection', 'Promise.reject(new Error(`floating`))', 0],
    ['no longer after an exception', 'throw new Error(`floating`)', 1],
  ] as const)('serves %s that nobody handles', async ([, stray, code], ending) => {
    const { here } = await world(ending, undefined, `process.on('SIGUSR2', () => { ${stray} })`)
    const server = here.start(['serve', '--port', '0', '--json'])
    let text = ''
    server.child.stdout?.on('data', (part: string) => (text += part))
    await server.saw(/\n}/)
    const { url } = JSON.parse(text) as { url: string }
    server.child.kill('SIGUSR2')
    await server.saw(/error_unhandled: .*floating/)
    if (code === 0 && (await fetch(`${url}/healthz`)).ok) server.child.kill('SIGINT')
    expect((await server.ended).code).toBe(code)
  })

  test('names a level of TIDEMARK_LOG that is none, and a configuration that can not be looked at', async (ending) => {
    const { here, config } = await world(ending)
    const loud = await here.run(['sync', '--json'], { env: { TIDEMARK_LOG: 'loud' } })
    expect([loud.code, loud.json.error.message]).toEqual([2, 'TIDEMARK_LOG is "loud".'])
    config("export default new Proxy({}, { get() { throw new Error('not to be looked at') } })")
    const { code, json } = await here.run(['sync', '--json'])
    expect([code, json.error.code]).toEqual([2, 'config_invalid'])
  })

  test('keeps what is logged out of its results', async (ending) => {
    const log = "console.log('noise'); console.info('noise'); console.table([{ noise: 1 }])"
    const { here } = await world(ending, `${log}\nreturn page(http)`, log)
    const { code, json, stderr } = await here.run(['sync', '--json'])
    expect([code, json.runs[0].status]).toEqual([0, 'succeeded'])
    expect(stderr).toContain('noise')
  })
})
