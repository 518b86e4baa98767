// Owns the rows of the webhooks that are sent, and of their messages.

import { count, countOrNull, flag, text, textOrNull } from '../cells.ts'
import {
  type Asking,
  all,
  alone,
  get,
  type Param,
  type Row,
  reading,
  run,
  value,
  type Works,
  writing,
} from '../statements.ts'
import type { Announced, MessageRow, WebhookRow, WebhookStore } from '../store.ts'
import { insertMessage } from './announce.ts'
import { unknownProject } from './projects.ts'
import { runsByNo } from './runs.ts'

export const webhooks: Works<WebhookStore> = {
  add: writing(function* ({ project, id, url, events, note, allowPrivateNetwork, sealed, at, browser }) {
    const no = yield* value('SELECT no FROM tm_projects WHERE id = $1', [project])
    if (no === undefined) throw unknownProject(project)
    yield* run(
      `INSERT INTO tm_webhooks (id, project_no, url, events, note, allow_private, sealed, created_at, long_ms, token_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        ...[id, count(no), url, events.join(','), note, allowPrivateNetwork, sealed, at],
        ...[browser?.longMs ?? null, browser?.token ?? null],
      ],
    )
  }),

  list: alone(function* (project) {
    const of = project === undefined ? '' : 'WHERE p.id = $1'
    const rows = yield* all(
      `SELECT w.*, p.id AS project,
         (SELECT count(*) FROM tm_outbox o WHERE o.webhook_no = w.no AND o.next_at IS NOT NULL) AS waiting,
         (SELECT count(*) FROM tm_outbox o
          WHERE o.webhook_no = w.no AND o.next_at IS NULL AND o.delivered_at IS NULL) AS dead
       FROM tm_webhooks w JOIN tm_projects p ON p.no = w.project_no ${of} ORDER BY w.no`,
      project === undefined ? [] : [project],
    )
    return rows.map(webhookRow)
  }),

  drop: writing(function* (project, id) {
    const no = yield* value(
      'SELECT no FROM tm_webhooks WHERE id = $2 AND project_no = (SELECT no FROM tm_projects WHERE id = $1)',
      [project, id],
    )
    if (no === undefined) return false
    yield* run('DELETE FROM tm_outbox WHERE webhook_no = $1', [count(no)])
    return (yield* run('DELETE FROM tm_webhooks WHERE no = $1', [count(no)])) === 1
  }),

  renew: writing(function* (no, { sealed, note, browser }) {
    const sql = 'UPDATE tm_webhooks SET sealed = $1, note = $2, long_ms = $3, token_id = $4 WHERE no = $5'
    return (yield* run(`${sql} AND long_ms IS NOT NULL`, [sealed, note, browser.longMs, browser.token, no])) === 1
  }),

  pushKey: alone(function* () {
    const row = yield* get('SELECT public_key, sealed FROM tm_push_key')
    return row && { publicKey: text(row['public_key']), sealed: row['sealed'] as Uint8Array }
  }),

  addPushKey: writing(function* ({ publicKey, sealed, at }) {
    const sql =
      'INSERT INTO tm_push_key (one, public_key, sealed, at) VALUES (1, $1, $2, $3) ON CONFLICT (one) DO NOTHING'
    return (yield* run(sql, [publicKey, sealed, at])) === 1
  }),

  resealPushKey: alone(function* ({ expect, sealed }) {
    return (yield* run('UPDATE tm_push_key SET sealed = $1 WHERE sealed = $2', [sealed, expect])) === 1
  }),

  dropPushKey: writing(function* () {
    yield* dropBrowsers('long_ms IS NOT NULL', [])
    yield* run('DELETE FROM tm_push_key')
  }),

  reseal: writing(function* (no, { expect, sealed }) {
    const sql = 'UPDATE tm_webhooks SET sealed = $1 WHERE no = $2 AND sealed = $3'
    return (yield* run(sql, [sealed, no, expect])) === 1
  }),

  enqueue: writing(function* ({ webhookNo, id, event, at, nextAt }) {
    yield* insertMessage({ webhookNo, id, event, runNo: null, at, nextAt })
  }),

  due: reading(function* (now, limit) {
    const resting = 'SELECT webhook_no FROM tm_outbox WHERE next_at > $1 AND tries = 1'
    return yield* messages(
      `next_at <= $1 AND webhook_no NOT IN (${resting}) ORDER BY next_at, at, webhook_no, id LIMIT $2`,
      [now, limit],
    )
  }),

  messages: reading(function* (webhookNo, { id, limit }) {
    const one = id === undefined ? '' : 'AND id = $3'
    return yield* messages(`webhook_no = $1 ${one} ORDER BY at DESC, id DESC LIMIT $2`, [
      webhookNo,
      limit,
      ...(id === undefined ? [] : [id]),
    ])
  }),

  settle: writing(function* ({ webhookNo, id }, { deliveredAt, nextAt, status, error }) {
    const sql = `UPDATE tm_outbox SET tries = tries + 1, delivered_at = $3, next_at = $4, status = $5, error = $6
      WHERE webhook_no = $1 AND id = $2`
    yield* run(sql, [webhookNo, id, deliveredAt, nextAt, status, error])
  }),

  defer: writing(function* (webhookNo, until) {
    yield* run('UPDATE tm_outbox SET next_at = $2 WHERE webhook_no = $1 AND next_at < $2', [webhookNo, until])
  }),

  replay: writing(function* (webhookNo, { id, at }) {
    const which = id === undefined ? 'AND next_at IS NULL AND delivered_at IS NULL' : 'AND id = $3'
    return yield* run(
      `UPDATE tm_outbox SET next_at = $2, tries = 0, delivered_at = NULL WHERE webhook_no = $1 ${which}`,
      [webhookNo, at, ...(id === undefined ? [] : [id])],
    )
  }),

  prune: writing(function* (before, limit) {
    return yield* run(
      `DELETE FROM tm_outbox WHERE (webhook_no, id) IN (
         SELECT webhook_no, id FROM tm_outbox WHERE at < $1 AND next_at IS NULL ORDER BY at LIMIT $2)`,
      [before, limit],
    )
  }),
}

/** Browsers, with all that was to be sent to them. */
export function* dropBrowsers(condition: string, values: readonly Param[]): Asking<void> {
  const browsers = `SELECT no FROM tm_webhooks WHERE long_ms IS NOT NULL AND ${condition}`
  yield* run(`DELETE FROM tm_outbox WHERE webhook_no IN (${browsers})`, values)
  yield* run(`DELETE FROM tm_webhooks WHERE no IN (${browsers})`, values)
}

function* messages(condition: string, values: readonly Param[]): Asking<readonly MessageRow[]> {
  const rows = yield* all(`SELECT * FROM tm_outbox WHERE ${condition}`, values)
  const runs = yield* runsByNo(rows.flatMap((row) => (row['run_no'] === null ? [] : [count(row['run_no'])])))
  const byNo = new Map(runs.map((one) => [one.no, one]))
  return rows.map((row) => ({
    webhookNo: count(row['webhook_no']),
    id: text(row['id']),
    event: text(row['event']),
    at: count(row['at']),
    tries: count(row['tries']),
    nextAt: countOrNull(row['next_at']),
    deliveredAt: countOrNull(row['delivered_at']),
    status: countOrNull(row['status']),
    error: textOrNull(row['error']),
    run: (row['run_no'] === null ? undefined : byNo.get(count(row['run_no']))) ?? null,
  }))
}

function webhookRow(row: Row): WebhookRow {
  const events = text(row['events'])
  return {
    no: count(row['no']),
    project: text(row['project']),
    id: text(row['id']),
    url: text(row['url']),
    events: events === '' ? [] : (events.split(',') as Announced[]),
    note: text(row['note']),
    allowPrivateNetwork: flag(row['allow_private']),
    sealed: row['sealed'] as Uint8Array,
    at: count(row['created_at']),
    waiting: count(row['waiting']),
    dead: count(row['dead']),
    browser: row['long_ms'] === null ? null : { longMs: count(row['long_ms']), token: textOrNull(row['token_id']) },
  }
}
