// Owns reading tidemark.config.ts or .js, with a person's own connectors and declared connections. Whatever is wrong with
// the file is told with its line.

import { readFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { builtInNames } from '../built-in.ts'
import type { DeclaredConnection } from '../config.ts'
import type { Connector } from '../connector/connector.ts'
import { parseSchedule } from '../engine/due/schedule.ts'
import { asError, sentence, TidemarkError } from '../model/errors.ts'
import { didYouMean, knownNames } from '../model/near-miss.ts'
import { checkId } from '../operations/projects.ts'
import { ownUrl } from '../program-files.ts'
import { isPostgresUrl } from '../store/postgres/url.ts'

/** A configuration, with the names in it settled. */
export interface LoadedConfig {
  readonly file: string
  readonly database: string | undefined
  readonly project: string | undefined
  readonly connectors: readonly Connector<never>[]
  readonly connections: readonly (DeclaredConnection & { readonly id: string; readonly connector: string })[]
}

/**
 * Reads a configuration.
 *
 * @throws TidemarkError config_invalid
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  resolveOurselves()
  try {
    const module = (await inTime(file, import(pathToFileURL(file).href))) as { readonly default?: unknown }
    const config = checked(file, module.default)
    await checkConnections(file, config)
    return settled(file, config)
  } catch (error) {
    throw error instanceof TidemarkError ? error : broken(file, error)
  }
}

/** How long a configuration may take to load, in milliseconds. */
const LOAD_MAX_MS = 60_000

/** A configuration that keeps the process alive and never ends. One that leaves nothing to do is told at once. */
async function inTime<T>(file: string, loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(neverLoaded(file)), LOAD_MAX_MS).unref()
  })
  return Promise.race([loading, late]).finally(() => clearTimeout(timer))
}

/** A configuration whose top-level await never ends. */
export function neverLoaded(file: string): TidemarkError {
  return new TidemarkError('config_invalid', `The configuration ${basename(file)} never finishes loading.`, {
    hint: 'It, or what it imports, awaits something at its top level that never comes.',
  })
}

const connectorValue = z.custom<Connector<never>>(
  (value) => typeof (value as Connector | undefined)?.service?.name === 'string',
  'is no connector (a value of defineConnector)',
)

const FILLED = 'is text that is not empty'
const filled = z.string(FILLED).min(1, FILLED)

const CONNECTION = z.strictObject(
  {
    connector: z.union([filled, connectorValue], 'is the name of a connector, or one'),
    options: z.record(z.string(), z.unknown(), 'is an object, by name').optional(),
    schedule: z.string('is text, such as every 15m').optional(),
  },
  { error: anObject },
)

const SHAPE = z.strictObject(
  {
    database: filled.optional(),
    project: filled.optional(),
    connectors: z.array(connectorValue, 'is a list').optional(),
    connections: z.record(z.string(), CONNECTION, 'is an object, by id').optional(),
  },
  { error: anObject },
)

/** Names that are unknown are told as such. */
function anObject({ code }: { readonly code?: string | undefined }): string | undefined {
  return code === 'invalid_type' ? 'is an object' : undefined
}

type Checked = z.output<typeof SHAPE>

function checked(file: string, value: unknown): Checked {
  if (value === undefined) {
    throw new TidemarkError('config_invalid', `The configuration ${basename(file)} exports nothing by default.`, {
      hint: 'Write: export default defineConfig({ … })',
    })
  }
  const result = SHAPE.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])]
  const name = path.join('.') || 'the default export'
  const what =
    issue?.code === 'unrecognized_keys' ? `unknown setting "${name}"` : `${name} ${issue?.message ?? 'is invalid'}`
  const names = Object.keys(path.length > 1 ? CONNECTION.shape : SHAPE.shape)
  const meant = issue?.code === 'unrecognized_keys' ? didYouMean(String(path.at(-1)), names) : ''
  throw new TidemarkError('config_invalid', `In ${placeOf(file, path)}: ${what}.`, {
    hint: `${meant}There are: database, project, connectors, connections: { id: { connector, options, schedule } }.`,
  })
}

/** What is wrong with the declared connections would else come up only when they are made. */
async function checkConnections(file: string, { connectors = [], connections = {} }: Checked): Promise<void> {
  const names = [...connectors.map(({ service }) => service.name), ...(await builtInNames())]
  for (const [id, { connector, schedule }] of Object.entries(connections)) {
    told(file, ['connections', id], () => checkId(id, 'a connection'))
    if (typeof connector === 'string' && !names.includes(connector)) {
      told(file, ['connections', id, 'connector'], () => {
        throw new TidemarkError('connector_unknown', `There is no connector "${connector}".`, {
          hint: knownNames(connector, [...new Set(names)].sort()),
        })
      })
    }
    if (schedule !== undefined) told(file, ['connections', id, 'schedule'], () => parseSchedule(schedule))
  }
}

/** Tells what `check` finds wrong as a mistake at this place of the file. */
function told(file: string, path: readonly string[], check: () => void): void {
  try {
    check()
  } catch (error) {
    const { message, hint } = error as TidemarkError
    const said = sentence(`In ${placeOf(file, path)}: ${path.join('.')}: ${message}`)
    throw new TidemarkError('config_invalid', said, { hint })
  }
}

/** The file, with the line of a path in it as far as it is found. */
function placeOf(file: string, path: readonly PropertyKey[]): string {
  const line = lineOf(readFileSync(file, 'utf8'), path.map(String))
  return `${basename(file)}${line === undefined ? '' : `:${line}`}`
}

/** The line on which the last name of a path stands, each looked for behind the one before. */
function lineOf(text: string, path: readonly string[]): number | undefined {
  let at = 0
  for (const name of path) {
    const found = text.slice(at).search(new RegExp(`(?<![\\w$])['"]?${literal(name)}['"]?\\s*[:,}]`))
    if (found < 0) break
    at += found
  }
  return at === 0 ? undefined : text.slice(0, at).split('\n').length
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function settled(file: string, config: Checked): LoadedConfig {
  const connectors = [...(config.connectors ?? [])]
  const connections = Object.entries(config.connections ?? {}).map(([id, { connector, options, schedule }]) => {
    if (typeof connector !== 'string' && !connectors.includes(connector)) connectors.push(connector)
    const name = typeof connector === 'string' ? connector : connector.service.name
    return { id, connector: name, ...(options ? { options } : {}), ...(schedule === undefined ? {} : { schedule }) }
  })
  const { database, project } = config
  const isFile = database !== undefined && database !== ':memory:' && !isPostgresUrl(database)
  return {
    file,
    database: isFile && !isAbsolute(database) ? join(dirname(file), database) : database,
    project,
    connectors,
    connections,
  }
}

/** What the file itself threw, or why it can't be read, with the line of it that is nearest. */
function broken(file: string, error: unknown): TidemarkError {
  const { message, name, stack = '', ...more } = asError(error)
  const isMissing = /^(?:ERR_)?MODULE_NOT_FOUND$/.test((more as NodeJS.ErrnoException).code ?? '')
  const line = new RegExp(`${literal(basename(file))}:(\\d+)`).exec(stack)?.[1]
  const said = message.trim().split('\n')[0] || name
  const place = `${basename(file)}${line === undefined ? '' : `:${line}`}`
  return new TidemarkError('config_invalid', sentence(`In ${place}: ${said}`), {
    hint: isMissing
      ? 'Check what it imports: a file by its path and with its ending (./notebook.ts), a package in node_modules beside it.'
      : 'The file is run by Node as it is: types are taken away, and everything else has to be JavaScript.',
    cause: error,
  })
}

let isResolving = false

/**
 * Lets `tidemark` mean this very program in what a configuration imports, wherever the configuration lies: it needs no
 * node_modules beside it, and shares our classes. `zod`, with which connectors are written, is ours where there is none.
 */
function resolveOurselves(): void {
  if (isResolving) return
  isResolving = true
  registerHooks({
    resolve(specifier, context, next) {
      const own = ownModule(specifier)
      if (own !== undefined) return { url: ownUrl(own), shortCircuit: true }
      try {
        return next(specifier, context)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        const isOurs = context.parentURL === import.meta.url
        if (isOurs || !/^zod(?:\/|$)/.test(specifier)) throw error
        if (code === 'ERR_MODULE_NOT_FOUND') return next(specifier, { ...context, parentURL: import.meta.url })
        // What `require` says; it doesn't ask again from another place.
        if (code !== 'MODULE_NOT_FOUND') throw error
        const path = createRequire(import.meta.url).resolve(specifier)
        return { url: pathToFileURL(path).href, shortCircuit: true }
      }
    },
  })
}

function ownModule(specifier: string): string | undefined {
  if (specifier === 'tidemark') return 'index'
  if (specifier === 'tidemark/server') return 'server/app'
  if (specifier === 'tidemark/testing') return 'testing/index'
  const [, connector] = /^tidemark\/connectors\/([a-z0-9-]+)$/.exec(specifier) ?? []
  return connector === undefined ? undefined : `connectors/${connector}`
}
