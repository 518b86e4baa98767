// Owns `tidemark projects`: which there are, and making one with its time zone.

import { count } from '../../model/plural.ts'
import { checkInput } from '../../operations/perform.ts'
import { checkId, createProject, type NewProject, type Project, projects } from '../../operations/projects.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verbs } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verbs(
    program,
    {
      name: 'projects',
      run,
      summary: 'list projects, or create one',
      says: 'Connecting something to a new project also creates it, with UTC.',
    },
    { list: { operation: projects, act: list }, create: { operation: createProject, act: create } },
  )

async function create(cli: Cli, options: Pick<NewProject, 'timezone'>, id: string): Promise<void> {
  // Before anything is made.
  checkInput(createProject, { id }, options)
  checkId(id, 'a project')
  const tidemark = await cli.open({ create: true, project: id, ...options })
  const project = await tidemark.createProject(id, options)
  if (cli.options.json) return cli.json(project)
  cli.out.line(`Project ${cli.out.paint('bold', id)} (${project.timezone}). Use it with: --project ${id}`)
}

async function list(cli: Cli): Promise<void> {
  const tidemark = await cli.open({ anyProject: true })
  const all = await tidemark.projects()
  await cli.list({ projects: all }, COLUMNS, all, 'There are no projects.')
}

const COLUMNS: readonly ColumnOf<Project>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'TIME ZONE', of: ({ timezone }) => timezone },
  { title: 'CONNECTIONS', align: 'right', of: ({ connections }) => count(connections) },
  { title: 'CREATED', whole: true, of: ({ createdAt }, now) => ago(createdAt, now) },
]
