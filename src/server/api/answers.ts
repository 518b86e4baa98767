// Owns the schemas of answers that HTTP puts together itself: several documents in one, or a document beside the one that
// the operation gives. OpenAPI says them, so that clients are typed as far as the operations are.

import { runDocument } from '../../engine/runs/documents.ts'
import { operationNamed } from '../../operations/all.ts'
import { batchDocument } from '../../operations/batches.ts'
import { jsonSchema, type Schema } from '../json-schema.ts'
import type { Special } from './routes.ts'

const TEXT = { type: 'string' } as const
const WHOLE = { type: 'integer', minimum: 0 } as const
const SWITCH = { type: 'boolean' } as const

/** An object that has all of these. */
export function whole(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, required: Object.keys(properties) }
}

/** A page of a list. */
export function listOf(name: string, items: Schema): Readonly<Record<string, Schema>> {
  return { [name]: { type: 'array', items }, nextCursor: { type: ['string', 'null'] } }
}

/** What a call answers that does more than its operation; undefined: what its operation gives. */
export async function answerOf(special: Special): Promise<Schema | undefined> {
  switch (special) {
    case 'batch':
      return BATCH
    case 'batchOf':
      return { anyOf: [whole(listOf('runs', RUN)), BATCH] }
    case 'catalog':
      return { type: 'object' }
    case 'changeConnection':
    case 'connection':
      return connection()
    case 'endConnection':
      return { ...whole({ id: TEXT, purged: SWITCH, secrets: WHOLE, rows: WHOLE }), required: ['id', 'purged'] }
    case 'outline': {
      const { places: _, ...told } = propertiesOf(await output('outline'))
      return whole({ ...(told as Readonly<Record<string, Schema>>), cursors: { type: 'array', items: TEXT } })
    }
    case 'record':
      return output('records')
    case 'samples':
      return whole({ samples: { type: 'array', items: whole({ connector: TEXT }) } })
    case 'setBudget':
      return { anyOf: [await output('budgets'), whole({ scope: TEXT, name: TEXT, requests: NOTHING, cost: NOTHING })] }
    case 'start':
      return { anyOf: [RUN, QUEUED] }
    case 'status':
      return whole({ connections: await list('status'), streams: { type: 'array', items: { type: 'object' } } })
    default:
      return undefined
  }
}

const NOTHING = { type: 'null' } as const

/** A run, as every face tells it. */
export const RUN = jsonSchema(runDocument, 'output')
/** A run that follows when its connection is free. */
const QUEUED = whole({ id: NOTHING, connection: TEXT, status: { const: 'queued' }, order: TEXT })

/** What runs came to that were started together. */
export const BATCH = jsonSchema(batchDocument, 'output')

/** The connection, with what the status tells of it. */
async function connection(): Promise<Schema> {
  const own = propertiesOf(await output('listConnections'))
  const {
    activeRun,
    lastRun,
    nextRunAt,
    health,
    todo,
    schedules,
    streams: states,
  } = propertiesOf(await output('status'))
  const told = { activeRun, lastRun, nextRunAt, health, todo, schedules, states }
  const known = Object.entries(told).flatMap(([name, schema]) => (schema ? [[name, schema] as const] : []))
  return whole({ ...own, totals: { type: 'object', additionalProperties: WHOLE }, ...Object.fromEntries(known) })
}

async function output(name: Parameters<typeof operationNamed>[0]): Promise<Schema> {
  return jsonSchema((await operationNamed(name)).output, 'output')
}

async function list(name: Parameters<typeof operationNamed>[0]): Promise<Schema> {
  return { type: 'array', items: await output(name) }
}

function propertiesOf({ properties }: Schema): Readonly<Record<string, Schema | undefined>> {
  return properties as Readonly<Record<string, Schema>>
}
