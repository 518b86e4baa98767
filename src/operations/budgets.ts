// Owns what connections and connectors may use, and what of it is spent.

import { z } from 'zod'
import { budgetsOf, perWord, WINDOWS, type WindowName } from '../engine/passes/budget.ts'
import { budgetReports } from '../engine/runs/budget-report.ts'
import { type Budget, budgetDocument } from '../engine/runs/documents.ts'
import { TidemarkError } from '../model/errors.ts'
import { didYouMean } from '../model/near-miss.ts'
import type { BudgetRow } from '../store/store.ts'
import { object, oneOf, optional, text } from './fields.ts'
import { later } from './later.ts'
import { connectionRow, type Mirror } from './mirror.ts'
import { operation } from './operation.ts'
import type { ConnectionQuery } from './quarantine.ts'

const setting = later(() => import('../engine/runs/set-budget.ts'))

/** Whose budget it is: that of one connection, or of all connections of a connector. */
export type BudgetScope = BudgetRow['scope']

export interface BudgetsQuery extends ConnectionQuery {
  readonly name?: string | undefined
  readonly scope?: BudgetScope | undefined
}

const SCOPES = ['connection', 'connector'] as const satisfies readonly BudgetScope[]
const nameInput = text('a connection’s id, or a connector’s name', { sign: 'name' })
const scopeInput = (about: string) => optional(oneOf(SCOPES, about, { sign: 'scope' }))

export const budgets = operation<BudgetsQuery, Promise<readonly Budget[]>>({
  name: 'budgets',
  does: 'Show all budgets and what is spent.',
  scope: 'read',
  input: {
    name: optional(nameInput),
    connection: optional(
      text('only those that its runs draw on: its own and that of its connector', { sign: 'connection' }),
    ),
    scope: scopeInput('only those of connections, or of connectors'),
  },
  positional: ['name'],
  list: 'budgets',
  listedBy: ['scope', 'name'],
  output: budgetDocument,
  examples: [{ name: 'me' }, {}, { connection: 'me' }],
  async run(mirror, { name, connection, scope }) {
    if (name !== undefined) await scopeOf(mirror, name, scope)
    const spender = connection === undefined ? undefined : await connectionRow(mirror, connection)
    const all = await mirror.store.budgets.list(mirror.project)
    const rows = spender === undefined ? all : budgetsOf(all, { connector: spender.connector, connection: spender.id })
    return budgetReports(
      mirror,
      mirror.project,
      rows.filter((row) => (name === undefined || row.name === name) && (scope === undefined || row.scope === scope)),
      (row) => currencyOf(mirror, row),
    )
  },
})

/** At most `max` within any `perMs`, or the same as text: `500/hour`, `off`. Null takes the limit away. */
export type BudgetLimit = BudgetRow['requests'] | string

/** What a connection or connector may use. */
export interface BudgetLimits {
  readonly requests?: BudgetLimit | undefined
  readonly cost?: BudgetLimit | undefined
}

/** Which of the two a name means that both a connection and a connector have. @default connection */
export interface BudgetOf {
  readonly scope?: BudgetScope | undefined
}

type SetBudget = BudgetLimits & BudgetOf & { readonly name: string }

const whole = 'is a whole number above 0'
const above0 = 'is a number above 0'
const wholeMs = 'is a whole number of milliseconds above 0'

const LIMITS = {
  requests: { example: '500/hour', isWhole: true, max: z.int(whole).positive(whole) },
  cost: { example: '2.50/day', isWhole: false, max: z.number(above0).positive(above0) },
} as const

type Limited = keyof typeof LIMITS

function limitInput(of: Limited, sign: string) {
  const { example, max } = LIMITS[of]
  const limitPart = z.strictObject({ max, perMs: z.int(wholeMs).positive(wholeMs) }, 'is an object').nullable()
  const read = z.preprocess((given) => (typeof given === 'string' ? parseLimit(of, given) : given), limitPart)
  // What is read of a text, no JSON Schema tells by itself.
  const schema = read.meta({ anyOf: [{ type: 'string' }, ...(z.toJSONSchema(limitPart).anyOf ?? [])] })
  return optional(object(schema, `such as ${example}; "off" for no limit`, { sign }))
}

/** @throws TidemarkError option_invalid */
function parseLimit(of: Limited, given: string): BudgetRow['requests'] {
  if (given.trim() === 'off') return null
  const [, sign, digits = '', per = ''] = /^(-?)\s*(\d+(?:\.\d+)?)\s*(?:\/(.*))?$/.exec(given.trim()) ?? []
  const window = per.trim()
  const max = Number(digits)
  if (digits === '' || !Number.isFinite(max)) throw refused(of, `is an amount per window, not "${given}"`)
  if (sign === '-') throw refused(of, `can't be less than nothing, as "${given}" is`)
  if (max === 0) throw refused(of, `of nothing would let nothing run`, 'To stand still: tidemark pause <id>. ')
  if (LIMITS[of].isWhole && !Number.isSafeInteger(max)) {
    throw refused(of, `is a whole number up to ${Number.MAX_SAFE_INTEGER}, not "${digits}"`)
  }
  if (window === '') throw refused(of, `needs its window, such as ${digits}/hour`)
  if (!Object.hasOwn(WINDOWS, window)) throw refused(of, `knows no window "${window}"`)
  return { max, perMs: WINDOWS[window as WindowName] }
}

function refused(of: Limited, why: string, before = ''): TidemarkError {
  const windows = Object.values(WINDOWS).map(perWord).join(', ')
  return new TidemarkError('option_invalid', `The limit of ${of} ${why}.`, {
    hint: `${before}Write it such as ${LIMITS[of].example}, with one of: ${windows}; "off" takes the limit away`,
  })
}

export const setBudget = operation<SetBudget, Promise<void>>({
  name: 'setBudget',
  does: 'Limit the requests or the cost of a connection, or of all connections of a connector.',
  details:
    'The limit holds in any window of its length, over all processes. A run that reaches it keeps what it has read and leaves the rest to the next run. What was used before the budget was set counts, as far as the ledger knows it. `off` takes a limit away (null in the library); what is left out stays as it is. A name that both a connection and a connector have means the connection, unless scope says connector.',
  scope: 'write',
  input: {
    name: nameInput,
    requests: limitInput('requests', 'n/window'),
    cost: limitInput('cost', 'amount/window'),
    scope: scopeInput('whose budget it is, where a connection and a connector have the same name'),
  },
  positional: ['name'],
  output: z.void(),
  examples: [
    { name: 'me', requests: '500/hour' },
    { name: 'instagram', cost: '2.50/day' },
    { name: 'github', scope: 'connector', requests: '4000/hour' },
  ],
  async run(mirror, { name, requests, cost, scope: asked }) {
    const scope = await scopeOf(mirror, name, asked)
    const engine = await setting()
    const limit = (of: Limited, given: BudgetLimit | undefined) =>
      typeof given === 'string' ? parseLimit(of, given) : given
    const limits = { requests: limit('requests', requests), cost: limit('cost', cost) }
    await engine.setBudget(mirror, mirror.project, { scope, name }, limits)
  },
})

/** In which the vendor of a budget's connections bills; null: the connector does not say, or is not there. */
async function currencyOf({ store, project, connectors }: Mirror, { scope, name }: BudgetRow): Promise<string | null> {
  const connector = scope === 'connector' ? name : (await store.connections.find(project, name))?.connector
  const found = connector === undefined ? undefined : await connectors.find(connector)
  return found?.service.currency ?? null
}

/** Whose budget a name means; of a connector's and a connection's, that of the connection. @throws TidemarkError budget_unknown */
async function scopeOf(
  { store, project, connectors }: Mirror,
  name: string,
  asked: BudgetScope | undefined,
): Promise<BudgetScope> {
  const known = {
    connection: (await store.connections.list(project)).map(({ id }) => id),
    connector: await connectors.names(),
  }
  const found = SCOPES.find((scope) => (asked ?? scope) === scope && known[scope].includes(name))
  if (found) return found
  const { connection: ids, connector: names } = known
  const what = asked === undefined ? 'neither a connection nor a connector' : `no ${asked}`
  const among = asked === undefined ? [...ids, ...names] : known[asked]
  throw new TidemarkError('budget_unknown', `There is ${what} "${name}".`, {
    hint: `${didYouMean(name, among)}Connections: ${ids.join(', ') || 'none'}. Connectors: ${names.join(', ')}`,
  })
}
