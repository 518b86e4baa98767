// Owns what the simulated source's API lacks for the fault loop: a filter.

import type { TransportRequest } from '../../src/http/transport.ts'
import type { Random } from '../../src/testing/emulators/kit/random.ts'
import { Api, type Served } from '../simulation/api.ts'
import type { Source } from '../simulation/source.ts'

/** The source's API with a filter of its own: the title that a record must have. */
export class FilteringApi extends Api {
  readonly #witnessed: boolean

  constructor(source: Source, random: Random) {
    super(source, random)
    this.#witnessed = source.style.witness
  }

  override serve(request: TransportRequest): Served {
    const served = super.serve(request)
    const { searchParams, pathname } = request.url
    // What a filtered sync reads by key is stored like any page.
    if (pathname === '/by-key' && served.shown && !this.#witnessed) {
      return { ...served, shown: { ...served.shown, kind: 'window' } }
    }
    const title = searchParams.get('title')
    if (title === null || !served.shown) return served
    const rows = served.shown.rows.filter(({ content }) => content.includes(`"title":${JSON.stringify(title)}`))
    const rest = served.answer.text.slice(served.answer.text.lastIndexOf(']'))
    const body = `{"items":[${rows.map((row) => row.text).join(',')}${rest}`
    return { answer: { ...served.answer, text: body }, shown: { ...served.shown, rows } }
  }
}
