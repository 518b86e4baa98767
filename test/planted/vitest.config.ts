// Owns how tests run in a copy of the checkout with a planted fault: like always, but without the build before them, which
// no test that catches a fault needs, and with folders of a user who is nobody.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

const root = join(import.meta.dirname, '..', '..')
const { globalSetup: _built, reporters: _told, ...test } = base.test ?? {}

export default defineConfig({
  ...base,
  root,
  test: {
    ...test,
    maxWorkers: 1,
    env: { XDG_CONFIG_HOME: join(tmpdir(), 'tidemark-nobody'), XDG_CACHE_HOME: join(tmpdir(), 'tidemark-nobody') },
  },
})
