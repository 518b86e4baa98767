// Owns `tidemark serve`: the server until Ctrl-C.

import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { portNumber } from '../values.ts'

const HOST = '127.0.0.1'
const PORT = 4600

export const declare: Declare = (program, run) =>
  program
    .command('serve')
    .summary('serve over HTTP')
    .description('Serves GET /healthz until Ctrl-C, on this machine alone unless --host says otherwise.')
    .option('--host <host>', `the address to bind (default: ${HOST})`)
    .option('--port <port>', `the port, 0 for any that is free (default: ${PORT})`, portNumber)
    .addHelpText('after', examples('tidemark serve', 'tidemark serve --host 0.0.0.0 --port 8080'))
    .action(run(serve))

async function serve(cli: Cli, { host = HOST, port = PORT }: { host?: string; port?: number }): Promise<void> {
  const [{ createApp }, { listen }] = await Promise.all([
    import('../../server/app.ts'),
    import('../../server/listen.ts'),
  ])
  // A server over a database that cannot be opened should not look healthy.
  await cli.open()
  const server = await listen(createApp({ hosts: [host] }), { host, port })
  const stop = cli.interruption.graceful()
  if (cli.options.json) await cli.json({ url: server.url })
  else cli.out.line(`Serving ${server.url}; Ctrl-C stops it.`)
  await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))
  await server.close()
}
