// Owns the HTTP client as a second witness is given it: the ledger keeps the keys that are asked for, so that a removal can
// be explained by the very request that confirmed it.

import type { Http, HttpInit } from '../../connector/page.ts'
import type { Followed } from '../../http/followed.ts'
import type { Key } from '../../model/record.ts'

export function namingKeys(http: Http, keys: readonly Key[]): Http {
  const names = new Set(keys)
  const named = (init: HttpInit | undefined): HttpInit & Followed => ({ ...init, names })
  return {
    get: (path, init) => http.get(path, named(init)),
    post: (path, init) => http.post(path, named(init)),
    now: () => http.now(),
  }
}
