// Owns one call of a tool: what was given is checked against what the tool takes, its operation is done for the caller's
// project, and the answer is a document within bounds, or an error with its code and its hint.

import type { RunProgress } from '../../engine/runs/progress.ts'
import { type ErrorReport, errorReport, TidemarkError } from '../../model/errors.ts'
import { knownNames } from '../../model/near-miss.ts'
import type { OperationName } from '../../operations/all.ts'
import { type Caller, mayDo } from '../../operations/tokens.ts'
import type { Tidemark } from '../../tidemark.ts'
import { doFor, jsonText } from '../api/call.ts'
import { bounded, type Cut, ROWS } from './bounds.ts'
import type { Tool } from './tools.ts'

/** For whom tools are called, and where. */
export interface Desk {
  readonly tidemark: Tidemark
  readonly caller: Pick<Caller, 'project' | 'scopes' | 'who'>
  /** How a caller gets a scope that it lacks. */
  readonly allowing: string
  /** Told of what goes wrong inside; the agent learns only that it did. */
  readonly onFailure: (error: unknown) => void
  /** In milliseconds. @default WAITS_MS */
  readonly waitsMs?: number
}

export interface Asked {
  readonly name: string
  readonly given: Readonly<Record<string, unknown>>
  /** Gets the progress of a run that the call has started. */
  readonly onProgress?: ((progress: RunProgress) => void) | undefined
}

export interface Answer {
  readonly text: string
  readonly isError: boolean
}

/** So long a call waits for the end of what it started; then it tells how far that is, and it goes on. In milliseconds. */
const WAITS_MS = 45_000

/** Rows that are read for one answer, at most, whatever limit a call names: more never fit. */
const ROWS_MAX = 1_000

/** Inputs by which an answer gets smaller. */
const NARROWING = ['columns', 'where', 'limit', 'connection', 'streams', 'targets', 'name', 'since', 'after', 'field']

/** Never throws. */
export async function callTool(desk: Desk, tools: ReadonlyMap<string, Tool>, asked: Asked): Promise<Answer> {
  try {
    const tool = toolOf(desk, tools, asked.name)
    return { text: await answerOf(desk, tool, asked), isError: false }
  } catch (error) {
    return { text: jsonText({ error: reportOf(desk, error) }), isError: true }
  }
}

function toolOf({ caller, allowing }: Desk, tools: ReadonlyMap<string, Tool>, name: string): Tool {
  const tool = tools.get(name)
  if (!tool) {
    const hint = knownNames(name, [...tools.keys()], 'Tools')
    throw new TidemarkError('tool_unknown', `There is no tool "${name}".`, { hint })
  }
  const { scope } = tool.operation
  if (mayDo(caller, scope)) return tool
  throw new TidemarkError('scope_refused', `The tool ${name} needs the scope ${scope}.`, { hint: allowing })
}

async function answerOf(desk: Desk, tool: Tool, { name, given, onProgress }: Asked): Promise<string> {
  const { operation, fields } = tool
  const names = Object.keys(fields)
  const stranger = Object.keys(given).find((input) => !names.includes(input))
  if (stranger !== undefined) {
    const hint = names.length === 0 ? 'It takes none.' : knownNames(stranger, names)
    throw new TidemarkError('option_unknown', `The tool ${name} has no input "${stranger}".`, { hint })
  }
  const isLong = operation.hooks !== undefined && 'onProgress' in operation.hooks
  const isPaged = operation.list !== undefined && 'limit' in fields && given['limit'] === undefined
  const options = {
    ...given,
    ...(isPaged ? { limit: ROWS + 1 } : {}),
    ...(isLong && onProgress ? { onProgress } : {}),
  }
  // The input is checked there: no type is known here.
  const doing = doFor(desk, name as OperationName, {}, options)
  const done = isLong ? await within(desk.waitsMs ?? WAITS_MS, doing) : { result: await doing }
  if (!done) return stillRunning(desk, given)
  const { document, cuts } = await documentOf(operation.list, done.result, isPaged ? ROWS : undefined)
  return bounded(document, hintOf(names), cuts)
}

function hintOf(names: readonly string[]): string {
  const narrowing = NARROWING.filter((name) => names.includes(name))
  if (narrowing.length === 0)
    return 'Only a part is shown. Ask for a smaller part of it with another tool, such as sql.'
  return `Only a part is shown. Ask for more of it, or for less at a time, with: ${narrowing.join(', ')}.`
}

/** Rows that are read one by one are read no further than they are shown. */
async function documentOf(list: string | undefined, result: unknown, shown: number | undefined) {
  if (list === undefined) {
    const isDocument = typeof result === 'object' && result !== null && !Array.isArray(result)
    return { document: (isDocument ? result : { result: result ?? null }) as Record<string, unknown>, cuts: [] }
  }
  const most = shown ?? ROWS_MAX
  const rows: unknown[] = []
  let isMore = false
  for await (const row of result as Iterable<unknown> | AsyncIterable<unknown>) {
    isMore = rows.length === most
    if (isMore) break
    rows.push(row)
  }
  const cuts: readonly Cut[] = isMore ? [{ at: list, shown: rows.length, of: null }] : []
  return { document: { [list]: rows }, cuts }
}

/** The result, unless it takes longer; then what goes wrong is told by the run. */
async function within<T>(ms: number, doing: Promise<T>): Promise<{ readonly result: T } | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), ms)
  try {
    return await Promise.race([doing.then((result) => ({ result })), late.promise])
  } finally {
    clearTimeout(timer)
    doing.catch(() => {})
  }
}

async function stillRunning(desk: Desk, { connection }: Asked['given']): Promise<string> {
  const of = typeof connection === 'string' ? { connection } : {}
  const runs = (await doFor(desk, 'runs', {}, { ...of, limit: ROWS })).filter(({ status }) => status === 'running')
  const hint =
    'It goes on without this call. Ask how far a run is with the tool run; cancel ends one after its current page.'
  return bounded({ isRunning: true, runs, hint }, hint)
}

function reportOf({ onFailure }: Desk, error: unknown): Pick<ErrorReport, 'code' | 'message' | 'hint'> {
  if (!(error instanceof TidemarkError)) {
    onFailure(error)
    return { code: 'unexpected', message: 'Tidemark failed to answer.', hint: null }
  }
  const { code, message, hint } = errorReport(error)
  return { code, message, hint }
}
