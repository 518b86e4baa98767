// Owns `tidemark demo`: emulated services, connected and synced before one's eyes, in a database that is thrown away.

import { existsSync } from 'node:fs'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import type { DemoHome } from '../demo/home.ts'
import { quoted } from '../own-command.ts'
import { portNumber } from '../values.ts'

interface Options {
  readonly port?: number
  readonly serve: boolean
  readonly small?: boolean
}

export const declare: Declare = (program, run) =>
  program
    .command('demo')
    .summary('see it work, with emulated services')
    .description(
      'Starts emulated services on this machine, connects and syncs them in a new database, shows what happens when ' +
        'they change, then keeps running until Ctrl-C. Needs no account, and touches nothing of yours.',
    )
    .option('--port <port>', 'the port to serve on (default: 4600, or the next that is free)', portNumber)
    .option('--no-serve', 'end after the story')
    .option('--small', 'a portal of 1,400 titles, as with --no-serve, in place of 83,183')
    .addHelpText('after', examples('tidemark demo', 'tidemark demo --no-serve', 'tidemark demo --database ./demo.db'))
    .action(run(demo))

async function demo(cli: Cli, { port, serve, small = !serve }: Options): Promise<number> {
  const stop = cli.interruption.graceful()
  const [{ DemoWorld }, { demoHome }, { tellStory }, { demoServer, PORT, stay }, { loginLink, newLoginCode }] =
    await Promise.all([
      import('../demo/world.ts'),
      import('../demo/home.ts'),
      import('../demo/story.ts'),
      import('../demo/stay.ts'),
      import('../../server/api/login-links.ts'),
    ])
  // What can be wrong is found before the story begins.
  const home = await demoHome(cli.options, cli.surroundings.environment)
  let opened: Tidemark | undefined
  const loginCode = newLoginCode()
  const api = { tidemark: () => opened, closing: stop, loginCode }
  const server = serve ? await demoServer(port, { api }) : undefined
  const world = await DemoWorld.start(1, { large: !small })
  try {
    const tidemark = await cli.open({
      create: true,
      readsApart: true,
      database: home.database,
      ...(home.key ? { key: home.key } : {}),
    })
    opened = tidemark
    const connected = await Promise.all(
      world.accounts.map(async ({ connector, id, options, schedule, takesLong }) => {
        const connection = await tidemark.connect(connector, { id, options })
        if (schedule !== undefined) await connection.schedule({ spec: schedule })
        return { connection, takesLong }
      }),
    )
    const those = (long: boolean) =>
      connected.filter(({ takesLong }) => takesLong === long).map(({ connection }) => connection)
    const stage = { cli, tidemark, world, home, connections: those(false), long: those(true) }
    const runs = await tellStory(stage)
    const { database, keyFile = null } = home
    const url = server?.url ?? null
    const dashboard = url === null ? null : loginLink(url, loginCode)
    if (cli.options.json) await cli.json({ database, keyFile, url, dashboard, runs })
    if (stop.aborted) return 130
    const wrong = runs.some(({ status }) => status !== 'succeeded')
    if (!server) return wrong ? 1 : 0
    const moved = port === undefined && server.port !== PORT ? ` (${PORT} is in use)` : ''
    cli.note(
      `\nDashboard: ${dashboard}${moved}\nThe services go on changing, every 15 s a sync keeps up, and schedules are kept.`,
    )
    const { token } = await tidemark.createToken({ scopes: ['admin'], note: 'the demo' })
    cli.note(`HTTP API: curl -H "Authorization: Bearer ${token}" ${server.url}/api/status`)
    cli.note('Ctrl-C ends it.')
    await stay(stage)
    return 0
  } finally {
    await server?.close()
    await world.close()
    if (stop.aborted) sayWhatStays(cli, home)
  }
}

/** The services are gone; what was read of them is not, and whoever has looked enough can delete it. */
function sayWhatStays(cli: Cli, { folder, database }: DemoHome): void {
  if (existsSync(database)) cli.note(`The database stays: ${database}`)
  if (folder !== undefined) cli.note(`Delete what the demo made: rm -r ${quoted(folder)}`)
}
