// Owns the checks of single rows: ids too large for a JavaScript number, fields that appear, fields of another type.

import { parseExact, rawText } from '../../model/exact-json.ts'
import { isObject } from '../../model/json.ts'
import { membersIn, textAt } from '../json-lists.ts'
import { type Bench, type Check, describeRun, mustComplete } from './check.ts'
import { broken, notStaged, some } from './found.ts'
import { edited, isRow, type Sample, sampleOf } from './sample.ts'
import { ownOf, pageReader } from './walk.ts'

/** Two ids that are one and the same to a JavaScript number. */
const BIG_IDS = ['9007199254740992', '9007199254740993'] as const
const NEW_FIELD = 'tidemark_added_later'

async function bigIdsStayExact(bench: Bench): Promise<string> {
  const sample = await sampleOf(bench)
  const [first, second] = ownOf(sample.page)
  if (!first || !second) return notStaged('the source has fewer than two records')
  const rows = [first, second].map(({ incoming }) => incoming)
  const paths = rows.map(({ raw, key }) => pathOfKey(parseExact(raw), key, []))
  const path = paths[0]
  if (!path || !paths[1]) return notStaged('the keys of the stream are no numbers of a field')
  const raws = rows.map(({ raw }) => raw)
  bench.stage.proxy.plan = ({ read }) =>
    read > 0
      ? edited(sample, (row) => {
          const which = raws.findIndex((raw) => isRow(bench, row, raw))
          const value = textAt(row, paths[which] ?? [])
          return which < 0 || value === undefined ? row : swapAt(row, paths[which]!, value, BIG_IDS[which]!)
        })
      : undefined
  const reader = await pageReader(bench, sample.pass)
  const page = await reader.read(sample.page.token, sample.bounds)
  bench.stage.proxy.plan = undefined
  const keys = page.parsed.map(({ incoming }) => incoming.key)
  if (rows.some(({ key }) => keys.includes(key))) return notStaged('the rows differ from answer to answer')
  const lost = BIG_IDS.filter((id) => !keys.includes(id))
  if (lost.length > 0) {
    const others = keys.filter((key) => key.startsWith('90071992') || key.includes('e+'))
    const unread = page.unread[0]
    const became =
      others.length > 0 ? `is ${some(others)}` : unread === undefined ? 'is lost' : `is set aside: ${unread}`
    broken(`the id ${lost[0]} (${path.join('.')}) ${became}; declare it with id(), and never make a number of it`)
  }
  return `${path.join('.')} keeps ${BIG_IDS.join(' and ')} apart`
}

/** Where in a row its key stands as a whole number, or as text of digits. */
function pathOfKey(value: unknown, key: string, path: readonly string[]): string[] | undefined {
  if (!/^[1-9]\d*$/.test(key) || !isObject(value) || path.length > 3) return undefined
  const members = Object.entries(value)
  // The likeliest first: a count may happen to be the same number.
  const own = members
    .filter(([, member]) => String(member) === key && (typeof member === 'number' || typeof member === 'string'))
    .sort(([a], [b]) => Number(/id$/i.test(b)) - Number(/id$/i.test(a)))[0]
  if (own) return [...path, own[0]]
  for (const [name, member] of members) {
    const found = pathOfKey(member, key, [...path, name])
    if (found) return found
  }
  return undefined
}

function swapAt(row: string, path: readonly string[], value: string, by: string): string {
  return replaced(row, path, value.startsWith('"') ? `"${by}"` : by)
}

function replaced(row: string, path: readonly string[], json: string): string {
  const [name, ...rest] = path
  if (name === undefined) return json
  const member = membersIn(row).find((one) => one.name === name)
  if (!member) return row
  const members = membersIn(row).map(
    (one) =>
      `${JSON.stringify(one.name)}:${one === member || one.name === name ? replaced(one.text, rest, json) : one.text}`,
  )
  return `{${members.join(',')}}`
}

async function unknownFieldsStayRaw(bench: Bench): Promise<string> {
  const { stage, name } = bench
  const sample = await sampleOf(bench, true)
  const { content } = await bench.control()
  const mirror = await stage.mirror()
  const trouble = edited(sample, (row) =>
    row.startsWith('{') ? `{"${NEW_FIELD}":{"since":1},${row.slice(1)}`.replace(/,\}$/, '}') : row,
  )
  stage.proxy.plan = ({ read }) => (mirror.observer.read(read)?.what === 'page' ? trouble : undefined)
  const report = await mirror.sync(name)
  stage.proxy.plan = undefined
  const when = `a source that adds a field "${NEW_FIELD}"`
  if (!report || report.status !== 'succeeded')
    return broken(`${when} makes a run ${report ? describeRun(report) : 'end'}`)
  const found = await mirror.content(name)
  const missing = [...content.keys()].filter((key) => !found.has(key))
  if (missing.length > 0) broken(`${when}: ${some(missing)} are missing`)
  const without = [...found].filter(([, text]) => !text.includes(NEW_FIELD)).map(([key]) => key)
  if (without.length > 0) broken(`${when}: it is not in _raw of ${some(without)}; hand over the rows as they are`)
  await mirror.close()
  return 'a new field is in _raw of every record'
}

async function wrongTypeIsSetAside(bench: Bench): Promise<string> {
  const { stage, name } = bench
  const sample = await sampleOf(bench)
  const found = fragileField(bench, sample)
  if (!found) return notStaged('the schema takes a value of any type in every field that the rows have')
  const { key, raw, field, spoiled } = found
  const { content } = await bench.control()
  const mirror = await stage.mirror()
  const trouble = edited(sample, (row) => (isRow(bench, row, raw) ? spoiled : row))
  stage.proxy.plan = ({ read }) => (mirror.observer.read(read)?.what === 'page' ? trouble : undefined)
  const report = await mirror.sync(name)
  stage.proxy.plan = undefined
  const when = `"${key}" with another type in "${field}"`
  if (!report) return broken(`${when}: the run ended before its time`)
  const { quarantined } = report.streams[0]?.counts ?? { quarantined: 0 }
  const stored = await mirror.content(name)
  const missing = [...content.keys()].filter((other) => other !== key && !stored.has(other))
  if (missing.length > 0)
    broken(`${when} costs ${missing.length} other records (${some(missing)}): the run is ${describeRun(report)}`)
  if (quarantined === 0) broken(`${when} is not in quarantine: the run is ${describeRun(report)}`)
  const again = await mirror.sync(name, { mode: 'full' })
  if (again?.status !== 'succeeded') broken(`${when}, mended: a full run is ${again ? describeRun(again) : 'killed'}`)
  await mustComplete(bench, mirror, `${when}, mended`)
  await mirror.close()
  return `${when} is set aside, the other ${stored.size} are stored, and it is read when it is mended`
}

/** A field of some row that the schema does not take with another type; its key must still be readable. */
function fragileField(bench: Bench, { page }: Sample) {
  for (const { incoming } of ownOf(page).slice(0, 5)) {
    const { raw, key } = incoming
    for (const { name } of membersIn(raw)) {
      const spoiled = replaced(raw, [name], '{"another":["type"]}')
      const holder = parseExact(`[${spoiled}]`) as object[]
      const result = bench.parser.parse(holder[0], 0, 0)
      if ('quarantined' in result && result.quarantined.key === key && rawText(holder[0] as object) === spoiled) {
        return { key, raw, field: name, spoiled }
      }
    }
  }
  return undefined
}

export const ROW_CHECKS: readonly Check[] = [
  { name: 'big-ids-stay-exact', level: 6, run: bigIdsStayExact },
  { name: 'unknown-fields-stay-raw', level: 6, run: unknownFieldsStayRaw },
  { name: 'wrong-type-is-set-aside', level: 6, run: wrongTypeIsSetAside },
]
