// Owns how the tests run: four processes, each kept from file to file (a new one per file would cost more than most
// files do), the long ones first, so that the run is as long as its longest file and not longer.

import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const LONG = [
  '/test/faults/',
  '/test/simulation/',
  '/test/processes/',
  '/test/conformance/',
  '/test/postgres/',
  '/crash-wal',
]

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((folder) => moduleId.includes(folder))
      return place < 0 ? LONG.length : place
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

const source = (path: string) => join(import.meta.dirname, 'src', path)

export default defineConfig({
  resolve: {
    // The package by its own name is its source, so that no test reads an old build.
    alias: [
      { find: /^tidemark$/, replacement: source('index.ts') },
      { find: /^tidemark\/server$/, replacement: source('server/app.ts') },
      { find: /^tidemark\/testing$/, replacement: source('testing/index.ts') },
      { find: /^tidemark\/connectors\/(.*)$/, replacement: source('connectors/$1.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/setup.ts',
    setupFiles: 'test/chance.ts',
    pool: 'forks',
    isolate: false,
    // More than most machines have cores: tests also wait, for sockets, processes and a server's word.
    maxWorkers: 4,
    sequence: { sequencer: LongFirst },
    allowOnly: false,
    // Ceilings for what hangs, not for what is slow: a loaded machine takes many times as long as an idle one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 120_000 } },
    reporters: ['default', './test/reporter.ts'],
    coverage: { include: ['src/**'] },
  },
})
