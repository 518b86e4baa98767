// Owns what testConnector tells: one result per check and stream, in words, and the error that lists all failures.

import { TidemarkError } from '../model/errors.ts'

export interface CheckResult {
  readonly name: CheckName
  /** The stream that was checked; null for a check of the whole connector. */
  readonly stream: string | null
  /** False only for a broken promise; a check that was skipped is neither kept nor broken. */
  readonly ok: boolean
  /** What was found, or why it could not be checked. */
  readonly message: string
  readonly skipped?: true
}

export interface ConnectorReport {
  readonly connector: string
  readonly checks: readonly CheckResult[]
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Every check, with the promise that it is about. */
export const PROMISES = {
  'schema-is-valid': 'columns, metrics, filters and passes fit together',
  'pages-end': 'a listing comes to its end, and no page comes twice',
  'keys-are-unique': 'every record has a key of its own',
  'tokens-survive-json': 'a page token that was stored leads to the same page',
  'order-is-as-declared': 'records come in the order that their pass declares, and within its window',
  'everything-is-read': 'the listing holds all that the source has',
  'first-run-completes': 'a first run mirrors the listing',
  'second-run-changes-nothing': 'where nothing happened, nothing is written',
  'resumes-from-every-page': 'a run that is killed after any page is completed by the next one',
  'page-size-changes-nothing': 'pages of another size show the same records',
  'loop-is-an-error': 'a source that gives the same page for ever is never read to its end',
  'cut-body-is-no-page': 'half an answer is no page',
  'html-is-no-page': 'a web page is no page of records',
  'empty-body-is-no-page': 'an answer without a body is no empty list',
  'wrong-shape-is-no-page': 'an answer without its list is no empty list',
  'rate-limit-is-waited-for': 'a limit is waited for, costs no attempt and no record',
  'login-expiry-pauses': 'refused credentials pause the connection and lose nothing',
  'login-is-renewed': 'credentials that ran out are renewed',
  'big-ids-stay-exact': 'ids beyond 2^53 keep all their digits',
  'unknown-fields-stay-raw': 'a field that the source adds is kept and breaks nothing',
  'wrong-type-is-set-aside': 'a record with a field of another type is set aside, and the others are stored',
  'known-are-read-again': 'a refresh returns what the listing shows, as the listing shows it',
  'broken-answer-marks-nothing': 'an answer to a refresh that is none makes no record unavailable',
  'file-is-read-whole': 'an upload stores all that its file holds, however its bytes come',
  'file-is-streamed': 'an upload yields rows while it reads, so that memory does not grow with the file',
  'dry-run-writes-nothing': 'a dry run tells what the upload then does, and writes nothing',
  'same-file-changes-nothing': 'the same file again writes nothing',
  'older-file-changes-nothing': 'an older export does not overwrite a newer one',
  'damaged-file-loses-nothing': 'a file that is cut, or none of the service, is refused and changes nothing',
  'missing-section-is-said': 'a file without the list of the stream is told from one whose list is empty',
  'lost-start-is-found': 'an upstream run whose start was not acknowledged is found, and not started again',
  'other-run-is-not-adopted': 'an upstream run of something else is not taken for the one that was meant',
  'failed-run-is-kept': 'what a failed upstream run has delivered is stored, and proves nothing',
  'poll-ends': 'an upstream run that has ended, or is gone, is not polled for ever',
  'broken-answer-is-no-run':
    'an answer about upstream runs that is none means neither that there is no run nor no rows',
  'sentinels-are-errors': 'rows in which a vendor says that it has none are no empty listing',
  'costs-are-told': 'every row that is billed is told, and what it cost',
  'cost-limit-holds': 'a sync costs no more than it may, and the next one goes on',
  'removals-are-noticed': 'what the source removes is removed by full passes, or marked by a refresh',
  'secrets-stay-secret': 'no secret stands in logs, errors, the database or a recording',
} as const

export type CheckName = keyof typeof PROMISES

/** The report as lines for people: failures first, then what was skipped and why. */
export function reportText(report: ConnectorReport): string {
  const { connector, checks, passed, failed, skipped } = report
  const line = (sign: string, { name, stream, message }: CheckResult) =>
    `  ${sign} ${stream === null ? '' : `${stream}: `}${name}${message === '' ? '' : `\n      ${message.replaceAll('\n', '\n      ')}`}`
  const lines = [
    `${connector}: ${passed} kept, ${failed} broken, ${skipped} skipped`,
    ...checks.filter(({ ok, skipped: not }) => !ok && !not).map((check) => line('✗', check)),
    ...checks.filter(({ skipped: not }) => not).map((check) => line('-', check)),
    ...checks.filter(({ ok, skipped: not }) => ok && !not).map((check) => line('✓', { ...check, message: '' })),
  ]
  return lines.join('\n')
}

/** Thrown by testConnector: code `promises_broken`, a message with all failures, and the whole report. */
export class PromisesBroken extends TidemarkError {
  readonly report: ConnectorReport

  constructor(report: ConnectorReport) {
    const broken = report.checks.filter(({ ok, skipped }) => !ok && !skipped)
    const lines = broken.map(
      ({ name, stream, message }) => `  ✗ ${stream === null ? '' : `${stream}: `}${name}: ${message}`,
    )
    const count = broken.length === 1 ? 'a promise' : `${broken.length} promises`
    super('promises_broken', `Connector ${report.connector} breaks ${count}:\n${lines.join('\n')}.`)
    this.name = 'PromisesBroken'
    this.report = report
  }
}
