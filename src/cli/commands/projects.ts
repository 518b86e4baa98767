// Owns `tidemark projects`: which there are, and making one with its time zone.

import { TidemarkError } from '../../model/errors.ts'
import { didYouMean } from '../../model/near-miss.ts'
import type { Cli } from '../cli.ts'
import { action, type Declare, examples } from '../command.ts'
import { table } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'

export const declare: Declare = (program, run) =>
  program
    .command('projects')
    .summary('list projects, or create one')
    .description(
      'Lists the projects of the database, or creates one. Connections, budgets and the change feed belong to a ' +
        'project. Its days begin at midnight in its time zone, which cannot be changed later. Connecting something to ' +
        'a new project also creates it, with UTC.',
    )
    .addArgument(action('[action]', ['list', 'create'], 'list, or create (default: list)'))
    .argument('[id]', 'the id of the new project')
    .option('--timezone <zone>', 'IANA name of its time zone, such as Europe/Berlin (default: UTC)')
    .addHelpText('after', examples('tidemark projects list', 'tidemark projects create lab --timezone Europe/Berlin'))
    .action(run(projects))

async function projects(
  cli: Cli,
  asked: string | undefined,
  id: string | undefined,
  options: { timezone?: string },
): Promise<void> {
  const hint = 'Write tidemark projects, or tidemark projects create <id>.'
  if (asked === 'list' && id !== undefined) {
    throw new TidemarkError('argument_unexpected', `projects list takes no id, and was given "${id}"`, { hint })
  }
  if (asked === undefined || asked === 'list') return list(cli)
  if (asked !== 'create') {
    throw new TidemarkError('argument_invalid', `projects has no action "${asked}"`, {
      hint: `${didYouMean(asked, ['list', 'create'])}${hint}`,
    })
  }
  if (id === undefined)
    throw new TidemarkError('argument_missing', 'the new project has no id', {
      hint: 'For example: tidemark projects create lab --timezone Europe/Berlin',
    })
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id)) {
    throw new TidemarkError('id_invalid', `"${id}" can't be the id of a project`, {
      hint: 'Use letters, digits, dots, dashes and underscores, 100 at most, beginning with a letter or digit.',
    })
  }
  return create(cli, id, options.timezone)
}

async function create(cli: Cli, id: string, timezone: string | undefined): Promise<void> {
  const { checkTimezone } = await import('../../engine/due/schedule.ts')
  const zone = timezone === undefined ? undefined : checkTimezone(timezone)
  const { store } = await cli.open({ create: true, project: id, ...(zone === undefined ? {} : { timezone: zone }) })
  const project = (await store.projects.list()).find((one) => one.id === id)
  if (zone !== undefined && project && project.timezone !== zone) {
    throw new TidemarkError('project_exists', `project "${id}" exists, and its days are those of ${project.timezone}`, {
      hint: 'The days of stored snapshots can not be moved: choose another id.',
    })
  }
  if (cli.options.json) return cli.json(document(project))
  cli.out.line(`Project ${cli.out.paint('bold', id)} (${project?.timezone}). Use it with: --project ${id}`)
}

async function list(cli: Cli): Promise<void> {
  const { store } = await cli.open({ anyProject: true })
  const all = await Promise.all(
    (await store.projects.list()).map(async (project) => {
      const connections = (await store.connections.list(project.id)).length
      return { ...document(project), connections }
    }),
  )
  if (cli.options.json) return cli.json({ projects: all })
  const rows = all.map(({ id, timezone, connections, createdAt }) => [
    id ?? '',
    timezone ?? '',
    String(connections),
    ago(createdAt, cli.now()),
  ])
  await cli.out.write(table(COLUMNS, rows, cli.out))
}

function document(project: { id: string; timezone: string; createdAt: number } | undefined) {
  const { id, timezone, createdAt } = project ?? {}
  return { id, timezone, createdAt: createdAt === undefined ? null : new Date(createdAt).toISOString() }
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'TIME ZONE' },
  { title: 'CONNECTIONS', align: 'right' },
  { title: 'MADE', whole: true },
] as const
