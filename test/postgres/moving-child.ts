// Owns a process that moves a mirror and kills itself, as `kill -9` does, at the portion that it is told.

import { migrateDatabase } from '../../src/index.ts'
import { fixedKey } from '../../src/secrets/keys.ts'

const [from = '', to = '', doing = '', at = '1'] = process.argv.slice(2)
let portions = 0

await migrateDatabase(to, {
  database: from,
  key: fixedKey(Buffer.alloc(32, 7)),
  onPortion: (step) => {
    if (step.doing === doing && ++portions === Number(at)) process.kill(process.pid, 'SIGKILL')
  },
})
