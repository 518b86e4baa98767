// Owns why a connection stands still, and the one command that lets it run again. Every face says it from here. Pure.

import type { Connector } from '../../connector/connector.ts'
import { type OptionField, optionFields } from '../../connector/options.ts'
import { type ErrorReport, TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'
import { type ConnectionRow, PURGING } from '../../store/store.ts'
import type { Standing } from './documents.ts'

/** The reasons that a connection may be paused for; it may have several. */
export const PAUSED_BY_USER = 'user'
export const LOGIN_NEEDED = 'login'
/** Its secrets are forgotten. */
export const DISCONNECTED = 'disconnected'

/** What stands before the command that lets it run again. */
export const HOW_TO_MEND: Readonly<Record<Exclude<Standing['state'], 'on'>, string>> = {
  paused: 'Let it run again with',
  'login needed': 'Run',
  disconnected: 'Connect it again with',
  purging: 'If nothing deletes it any more, finish with',
}

/** An option that is given anew with a new login. */
export type LoginOption = Pick<OptionField, 'name' | 'secret'>

/** `login` are the options that a new login consists of, see `loginOptions`. */
export function standingOf(
  {
    id,
    connector,
    paused,
    options,
  }: Pick<ConnectionRow, 'id' | 'connector' | 'paused'> & Partial<Pick<ConnectionRow, 'options'>>,
  login: readonly LoginOption[],
): Standing {
  const connect = connectCommand({ id, connector }, login)
  if (paused.includes(PURGING)) {
    return { state: 'purging', why: 'is being deleted', mend: `tidemark disconnect ${id} --purge` }
  }
  const also = paused.includes(PAUSED_BY_USER) ? ', and you have paused it' : ''
  if (paused.includes(DISCONNECTED)) return { state: 'disconnected', why: 'is disconnected', mend: connect }
  if (paused.includes(LOGIN_NEEDED)) {
    return {
      state: 'login needed',
      why: `${lacksLogin(options, login) ? `needs a login, which was not given yet` : `needs a new login: ${connector} rejected the current one`}${also}`,
      mend: connect,
    }
  }
  if (paused.length === 0) return { state: 'on', why: null, mend: null }
  return { state: 'paused', why: 'is paused by you', mend: `tidemark resume ${id}` }
}

/** Whether an option of the login has never been given. Of secrets, only the vault knows. */
function lacksLogin(options: unknown, login: readonly LoginOption[]): boolean {
  return isObject(options) && login.some(({ name, secret }) => !secret && options[name] === undefined)
}

/** What had been found is no more, or another connection has its id now. */
export function deletedMeanwhile(id: string): TidemarkError {
  return new TidemarkError('connection_unknown', `Connection "${id}" was deleted meanwhile.`)
}

/** Why a connection that stands still is not run. */
export function connectionPaused(
  row: ConnectionRow,
  connector: Connector,
  login: readonly LoginOption[] = loginOptions(connector, row),
): TidemarkError {
  const { state, why, mend } = standingOf(row, login)
  const hint = state === 'on' ? undefined : `${HOW_TO_MEND[state]}: ${mend}`
  return new TidemarkError('connection_paused', `Connection "${row.id}" ${why}.`, { hint })
}

/** Whether a paused connection can't run. A file is read without a login. */
export function keepsOut(paused: readonly string[], isUpload: boolean): boolean {
  return paused.some((reason) => !isUpload || reason !== LOGIN_NEEDED)
}

/** The options that a connection is given anew when its login is needed; none of a connector that isn't there. */
export function loginOptions(
  connector: Connector | undefined,
  { options: given, paused = [] }: Pick<ConnectionRow, 'options'> & { readonly paused?: readonly string[] },
): readonly LoginOption[] {
  if (!connector) return []
  const { options, login } = connector.service
  const all = optionFields(options)
  // Nothing is left of what was disconnected.
  if (login === undefined || paused.includes(DISCONNECTED)) return all.filter(({ secret }) => secret)
  const names: readonly string[] = typeof login === 'function' ? login(isObject(given) ? given : {}) : login
  return all.filter(({ name }) => names.includes(name))
}

/** `tidemark connect github --id me --secret-env token=GITHUB_TOKEN` */
export function connectCommand(
  { id, connector }: Pick<ConnectionRow, 'id' | 'connector'>,
  login: readonly LoginOption[],
): string {
  const given = login.map(({ name, secret }) =>
    secret ? ` --secret-env ${name}=${variableFor(connector, name)}` : ` --set ${name}=<${inCapitals(name)}>`,
  )
  return `tidemark connect ${connector} --id ${id}${given.join('')}`
}

/** Variables as people name them: GITHUB_TOKEN, TIKTOK_SHOP_ACCESS_TOKEN. */
function variableFor(connector: string, option: string): string {
  return `${inCapitals(connector)}_${inCapitals(option)}`
}

function inCapitals(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => `_${letter}`)
  return words.replace(/\W+/g, '_').toUpperCase()
}

/**
 * An error as a person reads it: one that asks for a login says with which command it is given. A connector that declares
 * to have none (`login: []`) is not paused: the service refuses whoever asks, and nobody can give it another login.
 */
export function withLogin(report: ErrorReport, connector: Connector, row: ConnectionRow): ErrorReport {
  if (report.verdict !== 'pause') return report
  const login = loginOptions(connector, row)
  const hasNone = connector.service.login !== undefined && login.length === 0
  if (hasNone) return { ...report, code: 'forbidden', verdict: 'stop', hint: NO_LOGIN }
  return { ...report, hint: loginHint(report.hint, row, login) }
}

const NO_LOGIN =
  'There is no login to give anew: the service refuses whoever asks from here, for now or for good. What is stored stays, and the next sync asks again.'

/** What errors that ask for a login say of the command, which those who make them do not know whole. */
const CONNECT = /tidemark connect(?:(?: [^\s-]\S*)? --id \S+)?((?: --(?:set|secret-env) \w+=[^\s,;]+)*)/
const GIVEN = /--(set|secret-env) (\w+)=/g

/**
 * The hint of an error that asks for a login, with the whole command in it: with the options that the hint itself names, or
 * else those of `login`.
 */
export function loginHint(
  hint: string | null,
  row: Pick<ConnectionRow, 'id' | 'connector'>,
  login: readonly LoginOption[],
): string {
  const command = connectCommand(row, login)
  if (hint === null) return `Create new credentials and run: ${command}`
  // A connector may name itself, and can't name the connection.
  const own = hint.replaceAll(`tidemark connect ${row.connector}`, 'tidemark connect')
  if (!CONNECT.test(own)) return `${hint} Then run: ${command}`
  return own.replace(CONNECT, (_, given: string) => {
    const named = namedIn(given)
    return named.length === 0 ? command : connectCommand(row, named)
  })
}

function namedIn(command: string): readonly LoginOption[] {
  return [...command.matchAll(GIVEN)].map(([, how, name = '']) => ({ name, secret: how === 'secret-env' }))
}

/** The options that the command in a hint gives; none where it has no command. */
export function loginIn(hint: string | null): readonly LoginOption[] {
  return namedIn(CONNECT.exec(hint ?? '')?.[1] ?? '')
}
