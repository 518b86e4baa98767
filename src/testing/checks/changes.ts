// Owns what a run has written, in words, for checks after which nothing should have been.

import { parseExact } from '../../model/exact-json.ts'
import { canonical, isObject } from '../../model/json.ts'
import type { Mirror } from '../stage.ts'
import type { Bench } from './check.ts'

export async function lastChange(mirror: Mirror): Promise<number> {
  let last = 0
  for await (const { seq } of mirror.tidemark.changes()) last = seq
  return last
}

export async function whatChanged(bench: Bench, mirror: Mirror, after: number): Promise<string> {
  for await (const change of mirror.tidemark.changes({ after })) {
    const key = (change as { key?: unknown }).key
    if (typeof key !== 'string') continue
    const [before, now] = (await mirror.connection.history(bench.name, key)).slice(-2).map((version) => rawOf(version))
    const paths = before && now ? differingPaths(before, now) : []
    const which =
      paths.length > 0 ? `; its ${paths.slice(0, 3).join(', ')} differs: if that means nothing, it is \`volatile\`` : ''
    return `"${key}" first (${(change as { op?: string }).op ?? 'changed'})${which}`
  }
  return 'the feed does not say which'
}

function rawOf(version: object): unknown {
  const raw = (version as { raw?: unknown; _raw?: unknown }).raw ?? (version as { _raw?: unknown })._raw
  return typeof raw === 'string' ? parseExact(raw) : undefined
}

function differingPaths(a: unknown, b: unknown, path = ''): string[] {
  if (!isObject(a) || !isObject(b)) return canonical(a) === canonical(b) ? [] : [path]
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].flatMap((name) => differingPaths(a[name], b[name], path === '' ? name : `${path}.${name}`))
}
