// Owns the tokens by which programs and people call the server over HTTP.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { instant } from '../engine/runs/report.ts'
import { durationMs } from '../model/duration.ts'
import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import type { Clock } from '../model/ports.ts'
import { newToken, tokenHash } from '../secrets/tokens.ts'
import type { TokenRow } from '../store/store.ts'
import { duration, optional, text, texts } from './fields.ts'
import type { Mirror } from './mirror.ts'
import { type Nothing, operation, type Scope } from './operation.ts'

/** What a token may do. `admin` may do everything; each of the others, what its name says and no more. */
export const SCOPES = ['read', 'sync', 'write', 'admin'] as const satisfies readonly Scope[]

const tokenDocument = document({
  id: z.string(),
  project: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  /** What it is for; '' for nothing. */
  note: z.string(),
  createdAt: z.string(),
  /** Null: until it is revoked. */
  expiresAt: z.string().nullable(),
})
export type Token = DocumentOf<typeof tokenDocument>

const createdDocument = tokenDocument.extend({
  /** It is shown this once. */
  token: z.string(),
})
export type CreatedToken = DocumentOf<typeof createdDocument>

export interface NewTokenInput {
  readonly scopes: readonly string[]
  /** What it is for. */
  readonly note?: string | undefined
  /** For how long it is in force, such as `90d`. @default until it is revoked */
  readonly expires?: string | undefined
}

const NOTE_CHARS_MAX = 200

export const createToken = operation<NewTokenInput, Promise<CreatedToken>>({
  name: 'createToken',
  does: 'Create a token for calls of the server.',
  details:
    'It is shown once, and belongs to the project. The scopes: read looks, sync starts and cancels runs, write changes connections, schedules and decisions, admin may do everything.',
  scope: 'admin',
  input: {
    scopes: texts(`what it may do, of ${SCOPES.join(', ')}`, { sign: 'a,b' }),
    note: optional(text('what it is for', { sign: 'text' })),
    expires: optional(duration('for how long it is in force, such as 90d', '90d', { otherwise: 'until revoked' })),
  },
  output: createdDocument,
  examples: [
    { scopes: ['read', 'sync'], note: 'the cron job' },
    { scopes: ['read'], expires: '90d' },
  ],
  async run({ store, project, clock, chance }, { scopes, note = '', expires }) {
    const now = clock.now()
    const token = newToken()
    const row = {
      id: chance.id(now),
      project,
      scopes: checkedScopes(scopes),
      note: checkedNote(note),
      createdAt: now,
      expiresAt: expires === undefined ? null : now + durationMs(expires),
    }
    await store.tokens.add({ ...row, hash: tokenHash(token) })
    return { ...shown(row), token }
  },
})

export const tokens = operation<Nothing, Promise<readonly Token[]>>({
  name: 'tokens',
  does: "List the project's tokens that are in force.",
  scope: 'admin',
  isLook: true,
  input: {},
  list: 'tokens',
  listedBy: ['createdAt', 'id'],
  output: tokenDocument,
  examples: [{}],
  async run({ store, project, clock }) {
    const now = clock.now()
    return (await store.tokens.list(project)).filter((row) => isInForce(row, now)).map(shown)
  },
})

export const revokeToken = operation<{ readonly id: string }, Promise<Token>>({
  name: 'revokeToken',
  does: 'Revoke a token, from now on.',
  scope: 'admin',
  input: { id: text('the id of a token', { sign: 'id' }) },
  positional: ['id'],
  output: tokenDocument,
  examples: [{ id: '01KB3M3GQ0A4S7V1T5X9Y2Z6WD' }],
  async run({ store, project, clock }, { id }) {
    const row = (await store.tokens.list(project)).find((one) => one.id === id)
    if (row && (await store.tokens.revoke(project, id, clock.now()))) return shown(row)
    throw new TidemarkError('token_unknown', `Project "${project}" has no token "${id}".`)
  },
})

/** Who calls: the project of a token, and what it may do there. */
export interface Caller {
  readonly token: string
  /** For the audit log. */
  readonly who: string
  readonly project: string
  readonly scopes: ReadonlySet<string>
  /** Null: until it is revoked. */
  readonly expiresAt: number | null
}

const TOKEN = 'token '

/** The id of the token by which somebody acts, of what the audit log calls them; undefined: by none. */
export function tokenIn(who: string | undefined): string | undefined {
  return who?.startsWith(TOKEN) ? who.slice(TOKEN.length) : undefined
}

/** Who has this token; undefined: nobody, or it is not in force. */
export async function callerOf(
  { store, clock }: Pick<Mirror, 'store'> & { readonly clock: Pick<Clock, 'now'> },
  token: string,
): Promise<Caller | undefined> {
  const row = await store.tokens.find(tokenHash(token))
  return row && callerOfRow(row, clock.now())
}

/** The same of a token that was found. */
export function callerOfRow(row: TokenRow, now: number): Caller | undefined {
  if (!isInForce(row, now)) return undefined
  return {
    token: row.id,
    who: `${TOKEN}${row.id}`,
    project: row.project,
    scopes: new Set(row.scopes),
    expiresAt: row.expiresAt,
  }
}

export function mayDo({ scopes }: Pick<Caller, 'scopes'>, scope: Scope): boolean {
  return scopes.has(scope) || scopes.has('admin')
}

function isInForce({ expiresAt }: TokenRow, now: number): boolean {
  return expiresAt === null || expiresAt > now
}

function shown({ id, project, scopes, note, createdAt, expiresAt }: TokenRow): Token {
  return {
    id,
    project,
    scopes: scopes as Token['scopes'],
    note,
    createdAt: instant(createdAt),
    expiresAt: expiresAt === null ? null : instant(expiresAt),
  }
}

function checkedScopes(given: readonly string[]): readonly Scope[] {
  const stranger = given.find((scope) => !(SCOPES as readonly string[]).includes(scope))
  if (stranger !== undefined) {
    const hint = knownNames(stranger, SCOPES, 'Scopes')
    throw new TidemarkError('option_invalid', `There is no scope "${stranger}".`, { hint })
  }
  if (given.length > 0) return SCOPES.filter((scope) => given.includes(scope))
  throw new TidemarkError('option_invalid', 'A token without a scope may do nothing.', {
    hint: `Name one or more of ${SCOPES.join(', ')}.`,
  })
}

function checkedNote(note: string): string {
  if (note.length <= NOTE_CHARS_MAX) return note
  const message = `A note has ${NOTE_CHARS_MAX} characters at most, and this one ${note.length}.` as const
  throw new TidemarkError('option_invalid', message, { hint: 'Say what it is for in a few words.' })
}
