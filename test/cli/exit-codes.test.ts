// Owns the proof of the exit codes: each error and each set of runs has the one that the contract names.

import { describe, expect, test } from 'vitest'
import { exitCodeOfError, exitCodeOfSync, type Part } from '../../src/cli/exit-codes.ts'
import type { ErrorReport, Verdict } from '../../src/model/errors.ts'
import type { RunStatus } from '../../src/model/run.ts'

const error = (code: string, verdict: Verdict = 'stop'): ErrorReport => ({ code, message: '', hint: null, verdict })

describe('an error that ends a command', () => {
  const CASES: readonly [code: string, verdict: Verdict, exit: number][] = [
    ['command_unknown', 'stop', 2],
    ['command_missing', 'stop', 2],
    ['option_unknown', 'stop', 2],
    ['option_invalid', 'stop', 2],
    ['option_missing', 'stop', 2],
    ['option_conflict', 'stop', 2],
    ['argument_missing', 'stop', 2],
    ['argument_unexpected', 'stop', 2],
    ['argument_invalid', 'stop', 2],
    ['connector_unknown', 'stop', 2],
    ['connection_unknown', 'stop', 2],
    ['connection_conflict', 'stop', 2],
    ['stream_unknown', 'stop', 2],
    ['column_unknown', 'stop', 2],
    ['record_unknown', 'stop', 2],
    ['run_unknown', 'stop', 2],
    ['where_unknown', 'stop', 2],
    ['range_unsupported', 'stop', 2],
    ['id_invalid', 'stop', 2],
    ['options_invalid', 'stop', 2],
    ['options_unknown', 'stop', 2],
    ['secret_missing', 'stop', 2],
    ['secret_unreadable', 'stop', 2],
    ['key_wrong', 'stop', 2],
    ['key_missing', 'stop', 2],
    ['key_invalid', 'stop', 2],
    ['key_unreadable', 'stop', 2],
    ['key_unwritable', 'stop', 2],
    ['database_newer', 'stop', 2],
    ['database_unreadable', 'stop', 2],
    ['database_unwritable', 'stop', 2],
    ['database_unsupported', 'stop', 2],
    ['demo_database_exists', 'stop', 2],
    ['port_busy', 'stop', 2],
    ['port_refused', 'stop', 2],
    ['sql_refused', 'stop', 2],
    ['sql_failed', 'stop', 2],
    ['shape_conflict', 'stop', 2],
    ['host_invalid', 'stop', 2],

    ['connection_paused', 'pause', 4],
    ['token_rejected', 'pause', 4],
    ['login_expired', 'pause', 4],
    ['shop_closed', 'pause', 4],

    ['cancelled', 'stop', 130],

    ['run_active', 'wait', 1],
    ['rate_limited', 'wait', 1],
    ['lease_lost', 'yield', 1],
    ['database_busy', 'retry', 1],
    ['database_damaged', 'stop', 1],
    ['disk_full', 'stop', 1],
    ['sql_timeout', 'stop', 1],
    ['output_failed', 'stop', 1],
    ['unexpected_html', 'retry', 1],
    ['unexpected', 'stop', 1],
  ]

  test.each(CASES)('%s (%s) exits with %i', (code, verdict, exit) => {
    expect(exitCodeOfError({ code, verdict })).toBe(exit)
  })
})

describe('a sync', () => {
  const ran = (status: RunStatus): Part => ({ status, refusal: null })
  const refused = (code: string, verdict: Verdict = 'stop'): Part => {
    return { status: verdict === 'pause' ? 'paused' : 'failed', refusal: error(code, verdict) }
  }
  const CASES: readonly [what: string, parts: readonly Part[], interrupted: boolean, exit: number][] = [
    ['of nothing', [], false, 0],
    ['that is complete', [ran('succeeded'), ran('succeeded')], false, 0],
    ['with a gap', [ran('succeeded'), ran('incomplete')], false, 3],
    ['with a login to renew', [ran('paused'), ran('incomplete')], false, 4],
    ['with a failure', [ran('failed'), ran('paused'), ran('incomplete'), ran('succeeded')], false, 1],
    ['of a run that was cancelled from elsewhere', [ran('cancelled'), ran('succeeded')], false, 130],
    ['of a paused connection', [refused('connection_paused', 'pause'), ran('succeeded')], false, 4],
    ['of a connection that runs elsewhere', [refused('run_active', 'wait')], false, 1],
    ['of a connection with wrong options', [refused('options_invalid')], false, 2],
    ['of a connection with wrong options beside good ones', [refused('options_invalid'), ran('succeeded')], false, 2],
    ['of a connection with wrong options beside a failure', [refused('options_invalid'), ran('failed')], false, 1],
    ['that was interrupted', [ran('cancelled'), ran('failed')], true, 130],
    ['that was interrupted before anything ran', [], true, 130],
    ['that was interrupted when all was done', [ran('succeeded'), ran('incomplete')], true, 3],
  ]

  test.each(CASES)('%s', (_, parts, interrupted, exit) => expect(exitCodeOfSync(parts, interrupted)).toBe(exit))
})
