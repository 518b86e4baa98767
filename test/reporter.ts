// Owns the last line of a test run, for people and for machines that read only that: "N passed, N failed", and
// ", N skipped" when some were. What kept tests from running counts as failed too: a file that did not load, a hook
// that threw, an error outside of any test, a run that was broken off. A run that fails never says that nothing did.

import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node'

export interface Tally {
  passed: number
  failed: number
  skipped: number
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

export default class LastLine implements Reporter {
  #vitest: Vitest | undefined
  #sum: Tally | undefined

  readonly #write = (code: number): void => {
    const sum = this.#sum ?? tally(this.#vitest?.state.getTestModules() ?? [])
    process.stdout.write(`${closingLine(code !== 0 && sum.failed === 0 ? { ...sum, failed: 1 } : sum)}\n`)
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
    process.once('exit', this.#write)
    // By itself a signal ends the process without a word.
    for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(code))
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    this.#sum = tally(modules, errors.length)
    // Nothing of the runner, its coverage table included, comes after the end of the process; and nobody who also waits
    // for that end comes after this.
    process.off('exit', this.#write)
    process.once('exit', this.#write)
  }
}

export function tally(modules: readonly TestModule[], looseErrors = 0): Tally {
  const sum: Tally = { passed: 0, failed: looseErrors, skipped: 0 }
  for (const module of modules) {
    sum.failed += brokenSuites(module)
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      // A test still pending when the run is over has not run: its worker died, or the run was stopped.
      if (state === 'pending') sum.failed += 1
      else sum[state] += 1
    }
  }
  return sum
}

function brokenSuites(module: TestModule): number {
  const suites: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()]
  return suites.filter((suite) => suite.errors().length > 0).length
}

export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
