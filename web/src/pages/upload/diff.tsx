// Owns what an upload would change, before it does: how many of each kind and which, and the rows that can't be read.

import { Link } from '@tanstack/react-router'
import { Pill, type Tone } from '../../parts/pill.tsx'
import { Card, Section } from '../../parts/surface.tsx'
import { countText, plural } from '../../parts/values.tsx'
import type { Diff, Report } from './send.ts'

/** Keys of each kind that are shown. */
const SHOWN = 12

const AGES: Readonly<Record<Diff['age'], string>> = {
  first: 'The first file of this stream.',
  newer: 'Newer than the last file: what it lacks is gone.',
  same: 'As new as the last file.',
  older: 'Older than the last file: it removes nothing, and changes nothing that is newer.',
  undated: 'The file does not tell how old it is: it only adds.',
}

const KINDS = [
  { name: 'inserted', title: 'Added', tone: 'good', says: 'records that are new' },
  { name: 'updated', title: 'Changed', tone: 'busy', says: 'records that are different now' },
  { name: 'restored', title: 'Back', tone: 'good', says: 'records that were removed, and are there again' },
  { name: 'removed', title: 'Removed', tone: 'bad', says: 'records that the file lacks' },
  { name: 'held', title: 'Held for you', tone: 'warn', says: 'removals that wait for your decision' },
] as const satisfies readonly { name: keyof Diff; title: string; tone: Tone; says: string }[]

export function DiffView({ report, diff }: { readonly report: Report; readonly diff: Diff }) {
  const counts = report.streams[0]?.counts
  const shown = KINDS.filter(({ name }) => (counts?.[name] ?? 0) > 0)
  const unreadable = counts?.quarantined ?? 0
  return (
    <div className="flex flex-col gap-5" data-diff>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
        <Stat name="Rows in the file" n={diff.rows} />
        <Stat name="Unchanged" n={counts?.unchanged ?? 0} />
        {KINDS.filter(({ name }) => ['inserted', 'updated', 'removed'].includes(name)).map(({ name, title }) => (
          <Stat key={name} name={title} n={counts?.[name] ?? 0} />
        ))}
        <Stat name="Unreadable" n={unreadable} isBad={unreadable > 0} />
      </div>
      <p className="text-sm text-muted">
        {AGES[diff.age]}
        {isNameless(diff) && ' A row that can’t be read does not tell its key: so nothing is removed.'}
        {diff.heldReason !== null && ` Removals would be held for you: ${diff.heldReason}.`}
      </p>
      {shown.map(({ name, title, tone, says }) => (
        <Section
          key={name}
          title={title}
          lead={says}
          actions={<Pill tone={tone}>{countText(counts?.[name] ?? 0)}</Pill>}
        >
          <Card className="max-h-64 overflow-y-auto">
            <ul aria-label={`${title}: keys`} tabIndex={0} className="divide-y divide-line font-mono text-xs">
              {diff[name].slice(0, SHOWN).map((key) => (
                <li key={key} className="px-3 py-1.5 break-all">
                  {name === 'inserted' ? (
                    key
                  ) : (
                    <Link
                      to="/connections/$id/streams/$stream/records/$key"
                      params={{ id: report.connection, stream: report.streams[0]?.stream ?? '', key }}
                      className="hover:text-accent hover:underline"
                    >
                      {key}
                    </Link>
                  )}
                </li>
              ))}
              {(counts?.[name] ?? 0) > SHOWN && (
                <li className="px-3 py-1.5 text-muted">and {countText((counts?.[name] ?? 0) - SHOWN)} more</li>
              )}
            </ul>
          </Card>
        </Section>
      ))}
      {unreadable > 0 && (
        <Section
          title="Unreadable"
          lead="rows that would be set aside, to be read again when their connector can"
          actions={<Pill tone="warn">{countText(unreadable)}</Pill>}
        >
          <Card className="divide-y divide-line">
            {diff.unreadable.map(({ key, code, message, raw }) => (
              <div key={`${key} ${raw}`} className="flex flex-col gap-1 px-3 py-2 text-sm">
                <p>
                  {message} <span className="font-mono text-xs text-muted">{code}</span>
                </p>
                <pre className="overflow-x-auto text-xs text-muted">{raw}</pre>
              </div>
            ))}
          </Card>
        </Section>
      )}
      {shown.length === 0 && unreadable === 0 && (
        <p className="text-sm">Nothing would change: all {plural(diff.rows, 'row')} are known as they are.</p>
      )}
    </div>
  )
}

/** Whether a row may be any record: what the file lacks is not known then. */
function isNameless({ age, unreadable }: Diff): boolean {
  return (age === 'newer' || age === 'same') && unreadable.some(({ key }) => key === null)
}

function Stat({ name, n, isBad = false }: { readonly name: string; readonly n: number; readonly isBad?: boolean }) {
  return (
    <div className="rounded-lg border border-line bg-surface px-3 py-2 shadow-card">
      <p className="text-xs text-muted">{name}</p>
      <p data-count={name} className={`text-lg font-semibold ${isBad ? 'text-warn' : ''}`}>
        {countText(n)}
      </p>
    </div>
  )
}
