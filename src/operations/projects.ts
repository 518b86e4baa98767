// Owns the projects of a database.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { instant } from '../engine/runs/report.ts'
import { TidemarkError } from '../model/errors.ts'
import type { Store } from '../store/store.ts'
import { optional, text, timezone as zoneField } from './fields.ts'
import { type Nothing, operation } from './operation.ts'

const projectDocument = document({
  id: z.string(),
  timezone: z.string(),
  createdAt: z.string(),
  connections: z.number(),
})
export type Project = DocumentOf<typeof projectDocument>

export const projects = operation<Nothing, Promise<readonly Project[]>>({
  name: 'projects',
  does: 'List the projects of the database.',
  details:
    'Connections, budgets and the change feed belong to a project. Its days begin at midnight in its time zone, which cannot be changed later.',
  scope: 'read',
  input: {},
  list: 'projects',
  listedBy: ['createdAt', 'id'],
  output: projectDocument,
  examples: [{}],
  run: ({ store }) => allOf(store),
})

export interface NewProject {
  readonly id: string
  /** IANA name. @default 'UTC' */
  readonly timezone?: string | undefined
}

export const createProject = operation<NewProject, Promise<Project>>({
  name: 'createProject',
  does: 'Create a project.',
  details: 'One that exists in the same time zone stays as it is.',
  scope: 'admin',
  input: {
    id: text('the id of the new project', { sign: 'id', code: 'id_invalid' }),
    timezone: optional(zoneField('IANA name of its time zone, such as Europe/Berlin', { otherwise: 'UTC' })),
  },
  positional: ['id'],
  output: projectDocument,
  examples: [{ id: 'lab', timezone: 'Europe/Berlin' }],
  async run({ store, clock }, { id, timezone }) {
    checkId(id, 'a project')
    await store.projects.ensure({ id, timezone: timezone ?? 'UTC', at: clock.now() })
    const project = (await allOf(store)).find((one) => one.id === id) as Project
    if (timezone === undefined || project.timezone === timezone) return project
    throw new TidemarkError('project_exists', `Project "${id}" exists, and its days are those of ${project.timezone}.`)
  },
})

async function allOf(store: Store): Promise<readonly Project[]> {
  return Promise.all(
    (await store.projects.list()).map(async ({ id, timezone, createdAt }) => ({
      id,
      timezone,
      createdAt: instant(createdAt),
      connections: (await store.connections.list(id)).length,
    })),
  )
}

/** @throws TidemarkError id_invalid (stop) */
export function checkId(id: string, of: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id)) return
  throw new TidemarkError('id_invalid', `"${id}" can't be the id of ${of}.`)
}
