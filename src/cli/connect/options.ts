// Owns the options of a connector as a command line gives them. Secrets come from the environment, from standard input
// or from a hidden prompt, so that they need not stand in it.

import type { Connector } from '../../connector/connector.ts'
import { type OptionField, optionFields } from '../../connector/options.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { parsePair } from '../values.ts'

export interface GivenOptions {
  readonly set?: readonly string[]
  readonly unset?: readonly string[]
  readonly secretEnv?: readonly string[]
  readonly secretStdin?: string
}

/** Everything that was given, by name; an option that was given twice has two values and therefore none. */
export async function givenOptions(
  cli: Cli,
  { set = [], unset = [], secretEnv = [], secretStdin }: GivenOptions,
): Promise<Map<string, string | null>> {
  const given = new Map<string, string | null>()
  const add = (name: string, value: string | null) => {
    if (given.has(name)) throw new TidemarkError('option_conflict', `The option "${name}" was given twice.`)
    given.set(name, value)
  }
  for (const text of set) add(...parsePair(text, 'set'))
  for (const name of unset) add(name, null)
  for (const text of secretEnv) {
    const [name, variable] = parsePair(text, 'secret-env')
    const value = cli.surroundings.environment[variable]
    if (value === undefined || value === '') {
      throw new TidemarkError(
        'secret_missing',
        `The environment variable ${variable} is ${value === '' ? 'empty' : 'not set'}.`,
        {
          hint: `Load it from your password manager or a .env file beside you (${variable}=…), or leave this option out and be asked: --secret-stdin ${name}`,
        },
      )
    }
    add(name, value)
  }
  if (secretStdin !== undefined) add(secretStdin, await fromStdin(cli, secretStdin))
  return given
}

async function fromStdin(cli: Cli, name: string): Promise<string> {
  const { hiddenAnswer, wholeInput } = await import('../terminal/prompt.ts')
  const { stdin, stderr } = cli.surroundings
  const value = cli.mayAsk ? await hiddenAnswer(stdin, stderr, `${name}: `) : await wholeInput(stdin)
  if (value !== '') return value
  throw new TidemarkError('secret_missing', `Standard input has no value for "${name}".`, {
    hint: `Pipe it in: pass show … | tidemark connect … --secret-stdin ${name}`,
  })
}

/**
 * Asks for the secrets that a new connection lacks, where somebody is there; not before all else is right.
 *
 * @throws TidemarkError options_unknown, options_invalid
 */
export async function askForSecrets(
  cli: Cli,
  { connector, id }: { readonly connector: Connector; readonly id: string },
  given: Map<string, string | null>,
): Promise<void> {
  const fields = optionFields(connector.service.options)
  const missing = fields.filter(({ name, secret, required }) => secret && required && !given.has(name))
  if (missing.length === 0 || !cli.mayAsk) return
  const { checkBesideSecrets } = await import('../../engine/runs/connection.ts')
  const lacking = missing.map(({ name }) => name)
  checkBesideSecrets(connector, id, Object.fromEntries(given), lacking)
  const { hiddenAnswer } = await import('../terminal/prompt.ts')
  for (const { name, description } of missing) {
    cli.err.line(cli.err.paint('dim', description))
    const value = await hiddenAnswer(cli.surroundings.stdin, cli.surroundings.stderr, `${name} (hidden): `)
    if (value !== '') given.set(name, value)
  }
}

/** Warns of secrets that stand in the command line. */
export function warnOfSecrets(cli: Cli, fields: readonly OptionField[], set: readonly string[] = []): void {
  for (const { name } of fields.filter((one) => one.secret && set.some((pair) => pair.startsWith(`${one.name}=`)))) {
    cli.warn(
      `"${name}" is a secret, and a command line may be kept in the shell's history and seen by others: ` +
        `next time use --secret-env ${name}=VARIABLE or --secret-stdin ${name}`,
    )
  }
}
