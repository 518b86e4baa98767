// Owns the way between a process and the source while something may fail on it: requests that never arrive, answers that
// nobody hears, and what happens to the source before it answers.

import type { Transport, TransportAnswer } from '../../src/http/transport.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import type { Network } from '../simulation/network.ts'
import type { Process } from '../simulation/process.ts'
import type { Scheduler } from '../simulation/scheduler.ts'
import type { Source } from '../simulation/source.ts'
import type { Injector } from './injector.ts'

interface Ends {
  readonly network: Network
  readonly source: Source
  readonly scheduler: Scheduler
  readonly faults: Injector
}

export class Wire {
  /** Called before the source answers a request of a tested sync, with its number from 1: what happens meanwhile. */
  onRequest: (n: number) => void = () => {}
  /** What the source answers instead, if anything. */
  answers: (n: number) => TransportAnswer | undefined = () => undefined
  /** Requests of the tested sync that have reached the source. */
  requests = 0
  /** Requests that have not. */
  unsent = 0
  readonly #ends: Ends

  constructor(ends: Ends) {
    this.#ends = ends
  }

  /** Nothing special happens any more. */
  calm(): void {
    this.onRequest = () => {}
    this.answers = () => undefined
  }

  transport(process: Process, die: () => Promise<never>): Transport {
    const { network, faults } = this.#ends
    const inner = network.transport(process, () => process.sync)
    const failed = () => new TidemarkError('network_failed', 'Injected: the connection was closed.')
    return {
      close: () => inner.close(),
      send: async (request) => {
        const fate = faults.fate(`${request.method} ${request.url.pathname}${request.url.search}`, 'wire')
        if (fate === 'before') {
          this.unsent++
          throw failed()
        }
        if (faults.counting) this.onRequest(++this.requests)
        const at = network.exchanges.length
        const instead = faults.counting ? this.answers(this.requests) : undefined
        const answer = instead ? this.#answerInstead(process, instead) : await inner.send(request)
        if (fate === undefined) return answer
        // Nobody has seen this answer.
        const exchange = network.exchanges[at]!
        exchange.deliveredTick = 0
        exchange.waitMs = 0
        if (fate === 'after') throw failed()
        return die()
      },
    }
  }

  /** An answer that shows nothing, written down so that the oracle sees how long it asked to wait. */
  #answerInstead({ name, sync }: Process, answer: TransportAnswer): TransportAnswer {
    const { network, source, scheduler } = this.#ends
    const tick = ++source.tick
    network.exchanges.push({
      owner: name,
      sync,
      path: 'GET /limited',
      sentAt: scheduler.now,
      servedTick: tick,
      deliveredTick: tick,
      deliveredAt: scheduler.now,
      status: answer.status,
      waitMs: 1_000 * Number(answer.headers['retry-after'] ?? 0),
      datedWait: false,
      clockSet: false,
      shown: undefined,
    })
    return answer
  }
}
