// Owns the planted faults of a lived world: mistakes about what people decide, what they may spend, what is made of old
// texts, and what readers are given. Each stands before the store's port.

import type { Batch, ConsumerRow, Feed, Fill, RecordsQuery, Store, Tombstone } from '../../src/store/store.ts'
import { type Plant, type StoreMethod, wrap } from './process.ts'

type Call = (args: readonly unknown[]) => unknown

/** A store of which one method does something else. */
function instead(
  name: string,
  method: StoreMethod,
  wrong: (call: Call, args: readonly unknown[], store: Store) => unknown,
): Plant {
  const change = (store: Store) =>
    wrap(store, (called, args, call) => (called === method ? wrong(call, args, store) : call(args)))
  return { name, style: 'lived', store: change }
}

function onCheckpoint(name: string, wrong: (batch: Batch) => Batch): Plant {
  return instead(name, 'checkpoint', (call, [batch]) => call([wrong(batch as Batch)]))
}

let processes = 0

export const LIVED_PLANTS: readonly Plant[] = [
  onCheckpoint('a decision to keep is forgotten', (batch) => ({ ...batch, keep: [] })),
  onCheckpoint('what is listed again waits for a decision still', (batch) => ({ ...batch, listed: [] })),
  instead('undo leaves a record out', 'review.tombstonesOf', async (call, args) => {
    const found = (await call(args)) as readonly Tombstone[]
    return found.slice(1)
  }),
  {
    name: 'a budget for every process',
    style: 'lived',
    store: (store) => {
      const own = ++processes
      return wrap(store, (method, args, call) => {
        if (method !== 'budgets.spend') return call(args)
        const order = args[0] as { readonly key: string }
        return call([{ ...order, key: `${order.key}:${own}` }])
      })
    },
  },
  instead('past contents get no new columns', 'streams.fill', (call, [streamNo, lease, fill]) => {
    const { columns, rows } = fill as Fill
    const left = rows.map((row) => (row.place.startsWith('versions') ? { ...row, cells: undefined } : row))
    return call([streamNo, lease, { columns, rows: left }])
  }),
  instead(
    'a reader is done with what it was not given',
    'feed.saveConsumer',
    async (call, [project, consumer], store) => {
      const { seq }: Feed = await store.feed.bounds(project as string)
      const row = consumer as ConsumerRow
      return call([project, { ...row, seq: Math.min(row.seq + 1, seq) }])
    },
  ),
  instead('the past is shown as it is now', 'records.list', (call, [query]) => {
    const { asOf: _then, ...now } = query as RecordsQuery
    return call([now])
  }),
  onCheckpoint('what was set aside is let go and not stored', (batch) =>
    batch.lease === null ? { ...batch, inserts: [], updates: [] } : batch,
  ),
]
