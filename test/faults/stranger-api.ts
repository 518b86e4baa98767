// Owns what the simulated source's API lacks for the fault loop: a filter, and records that stand in a page twice, as they
// were and as they are.

import type { TransportRequest } from '../../src/http/transport.ts'
import type { Random } from '../../src/testing/emulators/kit/random.ts'
import { Api, contentNow, type Row, type Served, type Shown } from '../simulation/api.ts'
import type { Item, Source } from '../simulation/source.ts'

export class StrangerApi extends Api {
  readonly #source: Source
  /** Rows of records as they were, by key. */
  readonly #former = new Map<string, Row>()

  constructor(source: Source, random: Random) {
    super(source, random)
    this.#source = source
  }

  /** From now on this record is also shown as it is at this moment, before what it becomes. */
  remember(item: Item): void {
    const content = contentNow(item, this.#source.style)
    this.#former.set(item.key, { key: item.key, text: content, content })
  }

  override serve(request: TransportRequest): Served {
    const served = super.serve(request)
    const { shown } = served
    if (!shown) return served
    const { searchParams, pathname } = request.url
    // What a filtered sync reads by key is stored like any page.
    if (pathname === '/by-key' && !this.#source.style.witness) return { ...served, shown: { ...shown, kind: 'window' } }
    const title = searchParams.get('title')
    if (title !== null) {
      const wanted = `"title":${JSON.stringify(title)}`
      return withRows(
        served,
        shown,
        shown.rows.filter(({ content }) => content.includes(wanted)),
      )
    }
    if (this.#former.size === 0) return served
    return withRows(
      served,
      shown,
      shown.rows.flatMap((row) => [this.#former.get(row.key) ?? [], row].flat()),
    )
  }
}

function withRows({ answer }: Served, shown: Shown, rows: readonly Row[]): Served {
  const rest = answer.text.slice(answer.text.lastIndexOf(']'))
  const text = `{"items":[${rows.map((row) => row.text).join(',')}${rest}`
  return { answer: { ...answer, text }, shown: { ...shown, rows } }
}
