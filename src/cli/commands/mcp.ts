// Owns `tidemark mcp`: the tools of this mirror for an agent that starts this program.

import { errorReport } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { complaint } from '../terminal/complaint.ts'

interface Options {
  readonly allowSync?: boolean
}

export const declare: Declare = (program, run) =>
  program
    .command('mcp')
    .summary('give agents this mirror as tools (MCP)')
    .description(
      'Speaks the Model Context Protocol through standard input and output, for an agent that starts this program: ' +
        'what looks is a tool, and with --allow-sync also what starts and cancels runs. Nothing else can be changed. ' +
        'An agent elsewhere calls /mcp of tidemark serve with a token. It ends when the agent closes its input.',
    )
    .option('--allow-sync', 'let the agent start and cancel runs')
    .addHelpText('after', examples('tidemark mcp', 'tidemark mcp --allow-sync --database /data/tidemark.db'))
    .action(run(mcp))

async function mcp(cli: Cli, { allowSync = false }: Options): Promise<void> {
  const { serveTools } = await import('../../server/mcp/over-stdio.ts')
  const tidemark = await cli.open({ who: 'agent' })
  if (allowSync) await cli.declareConnections(tidemark)
  const { stdin, stdout } = cli.surroundings
  cli.staysUp = true
  await serveTools(
    {
      tidemark,
      caller: { project: tidemark.project, who: 'agent', scopes: new Set(allowSync ? ['read', 'sync'] : ['read']) },
      allowing: 'Only the person who runs this server can allow it: tidemark mcp --allow-sync',
      onFailure: (error) => cli.err.line(complaint(errorReport(error, cli.scrub), cli.err.paint)),
    },
    { stdin, stdout: stdout as NodeJS.WriteStream, stop: cli.interruption.graceful() },
  )
}
