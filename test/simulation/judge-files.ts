// Owns the judgement of uploads (I23): a file that is the whole list, and newer, shows all that there is; an older one, and one
// that tells no dates, removes nothing and brings nothing back; what a row lacks is asked for once.

import type { Export } from './files.ts'
import type { Mirror } from './mirror.ts'
import type { Exchange } from './network.ts'
import { Violation } from './violation.ts'

export class Uploads {
  /** Files by the number of the act that uploads them. */
  readonly #files = new Map<number, Export>()
  /** Of the files that were uploaded, or begun, the one that shows the latest state. */
  #latest: Export | undefined
  readonly #asked = new Set<string>()
  #known = 0

  begin(number: number, file: Export): void {
    this.#files.set(number, file)
  }

  /** Undefined: whatever was done by this number, it was no upload. */
  fileOf(number: number): Export | undefined {
    return this.#files.get(number)
  }

  /** What has been written of this file may be all of it. */
  show(file: Export): void {
    const { newest = Number.NEGATIVE_INFINITY, tick = 0 } = this.#latest ?? {}
    const own = file.newest ?? Number.NEGATIVE_INFINITY
    if (own > newest || (own === newest && file.tick > tick)) this.#latest = file
  }

  /** I1, of a record that an upload has removed. */
  judgeRemoval(key: string, file: Export): void {
    if (file.newest === undefined) throw new Violation('I1', `file ${file.n}, which has no dates, removed ${key}`)
    if (file.keys.has(key)) throw new Violation('I1', `file ${file.n} has ${key}, and removed it`)
    if (file !== this.#latest) throw new Violation('I1', `file ${file.n} is not the latest, and removed ${key}`)
  }

  /** After an upload that came to its end. */
  judge(file: Export, before: Mirror, after: Mirror): void {
    const isSetAside = (key: string) => after.quarantined.has(key)
    if (file.newest === undefined) {
      const lost = [...file.keys].find((key) => !after.live.has(key) && !before.removed.has(key) && !isSetAside(key))
      if (lost !== undefined) throw new Violation('I23', `file ${file.n} was read, and ${lost} is not there`)
    } else if (file === this.#latest) {
      const lost = [...file.keys].find((key) => !after.live.has(key))
      if (lost !== undefined) throw new Violation('I23', `file ${file.n} is the latest, and ${lost} is not there`)
    }
    const back = [...before.removed].find(
      (key) => after.live.has(key) && !(file === this.#latest && file.keys.has(key)),
    )
    if (back !== undefined) throw new Violation('I23', `file ${file.n} brought back ${back}, which has left the list`)
  }

  /** Who reads by key what rows lack does so once for each record, behind the row. */
  judgeAsked(exchanges: readonly Exchange[], ended: (sync: number) => boolean, mirror: Mirror): void {
    const later = exchanges.slice(this.#known)
    for (const { shown, sync, deliveredTick } of later) {
      if (shown?.kind !== 'keys' || deliveredTick === 0) continue
      for (const key of shown.asked) {
        if (!mirror.versions.has(key)) throw new Violation('I23', `${key} was asked for, and is not stored`)
        if (this.#asked.has(key)) throw new Violation('I23', `${key} was asked for once more`)
      }
      if (ended(sync)) for (const key of shown.asked) this.#asked.add(key)
    }
    this.#known = exchanges.length
  }
}
