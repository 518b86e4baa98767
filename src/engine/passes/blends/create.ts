// Owns the making of a blend's definition from what a person asks for: every stream, column and rule that it names is there,
// and fits.

import { BLEND } from '../../../model/blend-connector.ts'
import { TidemarkError } from '../../../model/errors.ts'
import { knownNames } from '../../../model/near-miss.ts'
import type { Column } from '../../../model/record.ts'
import { writtenNumber } from '../../../model/written-number.ts'
import type { ConnectionRow, Store, StreamRow } from '../../../store/store.ts'
import { type Definition, definitionOf, type From, isOf, parseFrom, parseMapped } from './definition.ts'
import { isBeyondFractions } from './member.ts'
import { CALCULATES, parseRule, RULE_NAMES, type Rule } from './rules.ts'
import { checkTable } from './table.ts'

export interface Wish {
  readonly from: readonly string[]
  readonly rule?: Readonly<Record<string, string>> | undefined
  readonly map?: Readonly<Record<string, string | readonly string[]>> | undefined
}

/** A stream that feeds the blend, with what is known of its columns. */
interface Feeding {
  readonly from: From
  readonly name: string
  readonly row: StreamRow
  readonly connection: string
  readonly connector: string
  readonly stream: string
  /** Those of its table, and those that its stored texts have besides: of what kind, by name. */
  readonly columns: ReadonlyMap<string, Column['type']>
  /** Some of its records. */
  readonly sample: readonly Readonly<Record<string, unknown>>[]
}

/** Records of a source that are looked at for what its columns hold. */
const SAMPLE = 100

/** @throws TidemarkError blend_invalid, name_taken, blend_circular, connection_unknown, stream_unknown, column_unknown */
export async function define(store: Store, project: string, name: string, wish: Wish): Promise<Definition> {
  if (wish.from.length === 0) throw invalid('A blend is made of one stream at least.', '--from <connection>/<stream>')
  const froms = wish.from.map((text) => fromOf(text))
  const connections = await store.connections.list(project)
  checkTable(name, connections)
  checkCircle(name, froms, connections)
  const feeding: Feeding[] = []
  for (const from of froms) feeding.push(...(await feedingOf(store, from, connections)))
  for (const one of feeding) {
    if (!one.columns.has(one.from.identity)) throw strangeColumn(one, one.from.identity)
  }
  const map = Object.fromEntries(Object.entries(wish.map ?? {}).map(([field, to]) => [field, [to].flat()]))
  const mapped = new Map<string, Column['type'][]>()
  const from = wish.from.map((text) => text.trim())
  const add = (field: string, type: Column['type']) => mapped.set(field, [...(mapped.get(field) ?? []), type])
  for (const [field, targets] of Object.entries(map)) {
    for (const target of targets) {
      const to = parseMapped(target)
      if (!to) throw invalid(`"${target}" names no column.`, 'Write: --map field=<connection>/<stream>.<column>')
      const ones = feeding.filter((one) => isOf(to.from, one))
      if (ones.length === 0)
        throw invalid(`"${to.from.name}" is none of the sources of this blend.`, `Its sources: ${from.join(', ')}`)
      for (const one of ones) {
        if (!one.columns.has(to.column)) throw strangeColumn(one, to.column)
        add(field, one.columns.get(to.column) as Column['type'])
      }
    }
  }
  for (const one of feeding) {
    for (const [column, type] of one.columns) {
      const isElsewhere = (map[column] ?? []).some((target) => {
        const to = parseMapped(target)
        return to !== undefined && isOf(to.from, one)
      })
      if (type !== 'json' && !isElsewhere) add(column, type)
    }
  }
  const rules: Record<string, Rule> = {}
  for (const [field, text] of Object.entries(wish.rule ?? {})) {
    if (!mapped.has(field)) {
      throw new TidemarkError('column_unknown', `No source of the blend has a column "${field}".`, {
        hint: `${knownNames(field, [...mapped.keys()])} To rename one: --map ${field}=<connection>/<stream>.<column>`,
      })
    }
    rules[field] = ruleFor(field, text, feeding)
  }
  const fields = [...mapped].map(([field, types]) => {
    checkField(field)
    const isLarge = () => cellsOf(field, feeding, map).some(({ cell }) => isBeyondFractions(cell))
    return { name: field, type: typeOf(field, { types, isLarge }, rules[field]) }
  })
  for (const { name: field } of fields) {
    const rule = rules[field]
    if (rule && CALCULATES.has(rule.name)) checkNumbers(field, rule, cellsOf(field, feeding, map))
  }
  const given = Object.fromEntries(Object.entries(wish.rule ?? {}).map(([field, text]) => [field, text.trim()]))
  return definitionOf({ from, rules: given, map, fields })
}

function fromOf(text: string): From {
  const from = parseFrom(text)
  if (from) return from
  throw invalid(
    `"${text}" names no stream.`,
    'Write <connection>/<stream>, <connection>/<stream>:<column>, or <connector>:*/<stream>.',
  )
}

/** A blend of blends is one too, as long as none is made of itself. */
function checkCircle(name: string, froms: readonly From[], connections: readonly ConnectionRow[]): void {
  const seen = new Set<string>()
  const visit = (all: readonly From[]): boolean =>
    all.some(({ connection, connector }) => {
      if (connector === BLEND || connection === name) return true
      const row = connections.find(({ id, connector: own }) => id === connection && own === BLEND)
      if (!row || seen.has(row.id)) return false
      seen.add(row.id)
      return visit(definitionOf(row.options).from.flatMap((text) => parseFrom(text) ?? []))
    })
  if (!visit(froms)) return
  throw new TidemarkError('blend_circular', `The blend "${name}" would be made of itself.`)
}

async function feedingOf(store: Store, from: From, connections: readonly ConnectionRow[]): Promise<readonly Feeding[]> {
  const { connection, connector, stream } = from
  const owners = connections.filter((row) =>
    connection === undefined ? row.connector === connector : row.id === connection,
  )
  if (owners.length === 0) {
    const names = connection === undefined ? connections.map((row) => row.connector) : connections.map(({ id }) => id)
    const what = connection === undefined ? `connection of "${connector}"` : `connection "${connection}"`
    throw new TidemarkError('connection_unknown', `There is no ${what} to make a blend of.`, {
      hint: knownNames(connection ?? (connector as string), [...new Set(names)]),
    })
  }
  const found: Feeding[] = []
  const names = new Set<string>()
  for (const owner of owners) {
    const rows = await store.streams.list(owner.no)
    for (const row of rows) names.add(row.stream)
    const row = rows.find((one) => one.stream === stream)
    if (!row) continue
    const sample = await store.records.list({ streamNo: row.no, limit: SAMPLE })
    const columns = new Map(row.shape.columns.map(({ name, type }) => [name, type]))
    const isLoose =
      row.shape.columns.length < 2 || row.shape.columns.every(({ type }) => type === 'json' || type === 'text')
    if (isLoose) for (const one of sample.slice(0, 1)) addRaw(columns, one['_raw'])
    found.push({
      from,
      name: `${owner.id}/${stream}`,
      row,
      connection: owner.id,
      connector: owner.connector,
      stream,
      columns,
      sample,
    })
  }
  if (found.length > 0) return found
  throw new TidemarkError('stream_unknown', `"${from.name}" has no stream "${stream}".`, {
    hint: knownNames(stream, [...names]),
  })
}

/** The fields of a text that are no columns, such as the cells of a sheet. */
function addRaw(columns: Map<string, Column['type']>, raw: unknown): void {
  if (typeof raw !== 'string') return
  const parsed: unknown = JSON.parse(raw)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return
  for (const [name, value] of Object.entries(parsed)) {
    if (columns.has(name) || !/^[a-z][a-z0-9_]*$/.test(name) || (typeof value === 'object' && value !== null)) continue
    columns.set(name, typeof value === 'number' ? 'real' : 'text')
  }
}

function ruleFor(field: string, text: string, feeding: readonly Feeding[]): Rule {
  const rule = parseRule(text)
  if (!rule) {
    throw invalid(`"${text}" is no rule for ${field}.`, knownNames(text.split('=', 1)[0] ?? '', RULE_NAMES, 'Rules'))
  }
  if (rule.name === 'manual-wins' && rule.sources.length === 0) {
    const [example] = feeding
    throw invalid(
      `The rule manual-wins of ${field} names no source that wins.`,
      `Write: --rule ${field}=manual-wins=${example?.name}. A value that you set by hand wins by every rule.`,
    )
  }
  for (const source of rule.sources) {
    if (!feeding.some(({ name }) => name === source)) {
      throw invalid(
        `The rule of ${field} names "${source}", which is none of the sources of this blend.`,
        knownNames(
          source,
          feeding.map(({ name }) => name),
        ),
      )
    }
  }
  return rule
}

/**
 * A number where a rule calculates, or where any of the columns is one; with fractions, whatever comes later, but where there
 * are whole numbers that such a column can't hold.
 */
function typeOf(
  field: string,
  { types, isLarge }: { readonly types: readonly Column['type'][]; readonly isLarge: () => boolean },
  rule: Rule | undefined,
): Definition['fields'][number]['type'] {
  if (types.includes('json')) {
    throw invalid(`The field ${field} can't be made of a column of type json.`, 'Name a column that holds one value.')
  }
  const [first = 'text'] = types
  const isNumber = types.some((type) => type === 'integer' || type === 'real')
  if (isNumber || (rule && CALCULATES.has(rule.name))) {
    return !types.includes('real') && isLarge() ? 'integer' : 'real'
  }
  return types.every((type) => type === first) ? (first as 'text' | 'boolean') : 'text'
}

function checkField(field: string): void {
  if (/^[a-z][a-z0-9_]*$/.test(field)) return
  throw invalid(`"${field}" can't be a field.`, 'Fields are lower-case words joined by _.')
}

interface SampleCell {
  readonly type: Column['type'] | undefined
  readonly cell: unknown
}

/** What the columns of a field hold in the records that are looked at; one without a value stands for those of none. */
function cellsOf(field: string, feeding: readonly Feeding[], map: Definition['map']): readonly SampleCell[] {
  return feeding.flatMap((one) => {
    const to = (map[field] ?? []).map(parseMapped).find((target) => target && isOf(target.from, one))
    const column = to?.column ?? field
    const type = one.columns.get(column)
    return [{ type, cell: null }, ...one.sample.map((row) => ({ type, cell: row[column] ?? rawOf(row, column) }))]
  })
}

/** A text that writes numbers can be calculated with; a text that writes none can't. */
function checkNumbers(field: string, rule: Rule, sample: readonly SampleCell[]): void {
  const cells = sample.flatMap(({ type, cell }) => {
    if (type === 'integer' || type === 'real' || typeof cell === 'number') return ['0']
    return typeof cell === 'string' && cell !== '' ? [cell] : []
  })
  if (cells.some((cell) => writtenNumber(cell) !== null)) return
  const [example] = cells
  const such = example === undefined ? '' : `, such as "${example.slice(0, 40)}"`
  throw invalid(
    `The rule ${rule.name} calculates, and ${field} is text${such}.`,
    `For text take: latest, first, manual-wins or source-order.${example === undefined ? ' If it will hold numbers, sync its source first.' : ''}`,
  )
}

function rawOf(row: Readonly<Record<string, unknown>>, column: string): unknown {
  const raw = row['_raw']
  return typeof raw === 'string' ? (JSON.parse(raw) as Record<string, unknown>)[column] : undefined
}

function strangeColumn({ name, columns, sample }: Feeding, column: string): TidemarkError {
  const known = `${knownNames(column, [...columns.keys()])}.`.replace('..', '.')
  const [connection] = name.split('/')
  const unread = `Nothing of it is stored yet. If its columns follow its rows, sync it first: tidemark sync ${connection}`
  return new TidemarkError('column_unknown', `The source ${name} has no column "${column}".`, {
    hint: sample.length > 0 ? known : columns.size === 0 ? unread : `${known} ${unread}`,
  })
}

function invalid(message: ConstructorParameters<typeof TidemarkError>[1], hint: string): TidemarkError {
  return new TidemarkError('blend_invalid', message, { hint })
}
