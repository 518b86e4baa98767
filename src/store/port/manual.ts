// Owns the values that a person has set of a stream's records, which stand above whatever its sources show.

import type { Key } from '../../model/record.ts'

export type ManualValue = string | number | boolean

export interface ManualStore {
  /** Those of a stream. A record whose values were all taken away is in the list, without any. */
  list(streamNo: number): Promise<readonly ManualRow[]>
  /** Sets fields of a record, or takes their values away again: null. */
  save(values: {
    readonly streamNo: number
    readonly key: Key
    readonly values: Readonly<Record<string, ManualValue | null>>
    readonly at: number
  }): Promise<void>
}

export interface ManualRow {
  readonly key: Key
  /** By field; `at` in milliseconds since 1970. */
  readonly values: Readonly<Record<string, { readonly value: ManualValue; readonly at: number }>>
}
