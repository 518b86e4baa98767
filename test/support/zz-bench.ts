import { PostgresDatabase } from './postgres-database.ts'
import { World, record, update, SHAPE } from '../conformance/world.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
const db = await PostgresDatabase.empty()
const store = await openPostgresStore({ url: db.url(), clock: { now: () => Date.now(), mono: () => performance.now(), sleep: async () => {} } })
const w = await new World(db, store, 'default').begin()
const N = 100, P = 1000
const pad = 'x "quoted" é '.repeat(60)
const rec = (k: string, rev: number) => ({ ...record(k, rev), raw: JSON.stringify({ k, rev, pad }) })
const keys = (p: number) => Array.from({ length: P }, (_, i) => `${(p * 7919 + i * 104729) % 1000003}-${p}-${i}`)
const t = async (name: string, f: (p: number) => Promise<unknown>) => { const a = performance.now(); for (let p = 0; p < N; p++) await f(p); const s = (performance.now() - a) / 1000; console.log(name, (N * P / s).toFixed(0), 'rows/s') }
await t('insert+snap', async (p) => { const ks = keys(p); await store.look(w.stream.no, ks); await w.put({ inserts: ks.map((k) => rec(k, 1)), snapshots: ks.map((key) => ({ key, values: [1] })), walk: 1 }) })
await t('unchanged look', async (p) => { await store.look(w.stream.no, keys(p)) })
await t('unchanged look+touch', async (p) => { const ks = keys(p); await store.look(w.stream.no, ks); await w.put({ touches: ks.map((key) => ({ key, expect: 1, walk: 2 })) }) })
await t('changed', async (p) => { const ks = keys(p); await store.look(w.stream.no, ks); await w.put({ updates: ks.map((k) => ({ ...rec(k, 2), expect: 1, op: 'update' as const, version: true, walk: 1 })) }) })
await t('seen', async (p) => { await w.put({ walk: 5, seen: keys(p) }) })
let a = performance.now(); console.log(await store.countUnseen({ streamNo: w.stream.no, walk: 5, firstSeenBefore: 1e15 }), (performance.now() - a).toFixed(0), 'ms')
a = performance.now(); await store.snapshots({ streamNo: w.stream.no, metric: 'amount', limit: 9 }); console.log('totals', (performance.now() - a).toFixed(0), 'ms')
a = performance.now(); await store.records({ streamNo: w.stream.no, limit: 500 }); console.log('records 500', (performance.now() - a).toFixed(0), 'ms')
await store.close(); await db.destroy(); process.exit(0)
