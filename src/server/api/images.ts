// Owns pictures of records as a browser gets them: fetched by the server, a few at a time, and kept by the browser. Nothing in them
// runs, and no other page can take them for something else.

import { TidemarkError } from '../../model/errors.ts'
import { type Answerer, doFor, given } from './call.ts'
import { whileHeard } from './heard.ts'
import { Turns } from './turns.ts'

/** So many are fetched at a time; how many others wait, and for how long, in milliseconds. */
const TOGETHER = 6
const WAITING_MAX = 200
const WAITS_MS = 20_000

/** How long a browser keeps one, in seconds. */
const KEPT_S = 86_400

const busy = () =>
  new TidemarkError('images_busy', `${TOGETHER} pictures are fetched at a time, and others wait already.`)

/** The pictures of a server. */
export class Images {
  readonly #turns = new Turns(TOGETHER, WAITING_MAX, busy)

  readonly answer: Answerer = async (call) => {
    const heard = whileHeard(call)
    try {
      await this.#turns.take(WAITS_MS, heard.signal)
      try {
        const { args, options } = given(call)
        const asked = { ...args, ...options } as never
        const { type, bytes } = await doFor(call, 'image', asked, { signal: heard.signal })
        return new Response(Buffer.from(bytes), {
          headers: { ...HEADERS, 'content-type': type, 'content-length': String(bytes.length) },
        })
      } finally {
        this.#turns.giveBack()
      }
    } finally {
      heard.stop()
    }
  }
}

const HEADERS = {
  'cache-control': `private, max-age=${KEPT_S}`,
  'content-disposition': 'inline',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}
