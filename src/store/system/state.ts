// Owns what a pass keeps with its stream from page to page: its state, its open walks, and what waits.

import type { Json } from '../../model/json.ts'
import { count, json, text, textOrNull } from '../cells.ts'
import { all, get, reading, type Works } from '../statements.ts'
import type { StreamStore } from '../store.ts'
import { walkRow } from '../system-rows.ts'

export const states: Works<Pick<StreamStore, 'state'>> = {
  state: reading(function* (streamNo) {
    const row = yield* get(
      `SELECT s.next_walk,
         (SELECT value FROM tm_states WHERE stream_no = s.no) AS value,
         (SELECT count(*) FROM tm_held WHERE stream_no = s.no) AS held,
         (SELECT count(*) FROM tm_kept WHERE stream_no = s.no) AS kept
       FROM tm_streams s WHERE s.no = $1`,
      [streamNo],
    )
    const open = yield* all('SELECT * FROM tm_walks WHERE stream_no = $1 AND closed_at IS NULL ORDER BY walk', [
      streamNo,
    ])
    const fields = yield* all('SELECT field FROM tm_fields WHERE stream_no = $1 ORDER BY field', [streamNo])
    const value = textOrNull(row?.['value'])
    return {
      value: value === null ? undefined : (json(value) as Json),
      openWalks: open.map(walkRow),
      nextWalk: count(row?.['next_walk']),
      held: count(row?.['held']),
      kept: count(row?.['kept']),
      fields: fields.map((field) => text(field['field'])),
    }
  }),
}
