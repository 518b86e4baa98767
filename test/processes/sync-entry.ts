// Owns a process that syncs a shop once, for tests that stop and kill it. Its clock may be ahead: for it, the lease of a
// process that stands still has ended already, and nobody has to wait for that.

import { systemClock } from '../../src/engine/system.ts'
import { openTidemark } from '../../src/open.ts'

const [database = '', ahead = '0'] = process.argv.slice(2)
const clock = { ...systemClock, now: () => systemClock.now() + Number(ahead) }
const tidemark = await openTidemark({ database, clock, key: new Uint8Array(32).fill(7) })
try {
  const shop = await tidemark.connection('shop')
  const { status, error } = await shop.sync({ whenActive: 'refuse' })
  console.log(JSON.stringify({ status, code: error?.code ?? null, verdict: error?.verdict ?? null }))
} catch (error) {
  const { code, verdict } = error as { code?: string; verdict?: string }
  console.log(JSON.stringify({ status: 'threw', code, verdict }))
} finally {
  await tidemark.close()
}
