// Owns rows that hold nothing: where a list has null in the place of a row, among others that can be read, there is no
// record to keep or to read again later. They are counted and told. They prove no absence, as nothing that could not be read
// does, and a page of nothing else is a fault of its source: then each is set aside.

import { plural } from '../../../model/plural.ts'
import type { StreamRun } from '../stream-run.ts'

export function isEmptyRow(row: unknown): boolean {
  return row === null || row === undefined
}

/** Tells of so many more of them. */
export function noteEmptyRows(run: StreamRun, more: number): void {
  if (more === 0) return
  const before = run.remarks.indexOf(emptyRowsNote(run))
  run.emptyRows += more
  run.remarks.splice(before < 0 ? run.remarks.length : before, 1, emptyRowsNote(run))
}

function emptyRowsNote({ name, emptyRows }: StreamRun): string {
  return `${name}: ${plural(emptyRows, 'row')} of the source ${emptyRows === 1 ? 'was' : 'were'} null, which is no record`
}
