// Owns `tidemark token`: the tokens by which the server is called.

import { checkInput } from '../../operations/perform.ts'
import { createToken, type NewTokenInput, revokeToken, type Token, tokens } from '../../operations/tokens.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verbs } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verbs(
    program,
    {
      name: 'token',
      run,
      summary: 'list, create and revoke tokens for calls of the server',
      says: 'Send it with each call, as: Authorization: Bearer <token>. A token belongs to the project that --project names.',
    },
    {
      list: { operation: tokens, act: list },
      create: { operation: createToken, act: create },
      revoke: { operation: revokeToken, act: revoke },
    },
  )

async function list(cli: Cli): Promise<void> {
  const all = await (await cli.open()).tokens()
  await cli.list({ tokens: all }, COLUMNS, all, 'There are no tokens. See: tidemark token --help')
}

async function create(cli: Cli, options: NewTokenInput): Promise<void> {
  checkInput(createToken, {}, options)
  const created = await (await cli.open({ create: true })).createToken(options)
  if (cli.options.json) return cli.json(created)
  cli.out.line(created.token)
  cli.note(
    `It is shown this once. Scopes: ${created.scopes.join(', ')}. Revoke it: tidemark token revoke ${created.id}`,
  )
}

async function revoke(cli: Cli, _options: object, id: string): Promise<void> {
  const revoked = await (await cli.open()).revokeToken(id)
  if (cli.options.json) return cli.json(revoked)
  cli.out.line(`Token ${revoked.id} is revoked.`)
}

const COLUMNS: readonly ColumnOf<Token>[] = [
  { title: 'ID', whole: true, of: ({ id }) => id },
  { title: 'SCOPES', of: ({ scopes }) => scopes.join(',') },
  { title: 'NOTE', of: ({ note }) => note },
  { title: 'CREATED', whole: true, of: ({ createdAt }, now) => ago(createdAt, now) },
  { title: 'EXPIRES', optional: true, of: ({ expiresAt }, now) => (expiresAt === null ? '-' : ago(expiresAt, now)) },
]
