// Owns what waits for a person's decision: removals that runs hold or have made, and records that could not be read.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CheckCheck, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../api/scopes.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { RecordLink } from '../../parts/record-link.tsx'
import { ScopeNeeded } from '../../parts/scope-needed.tsx'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { Section } from '../../parts/surface.tsx'
import { plural, Time } from '../../parts/values.tsx'
import { useDecide, useRetryQuarantine, type Verdict } from './deeds.ts'
import { heldQuery, quarantineQuery, type Removals, removalsQuery, type SetAside } from './queries.ts'

export function Review({ id }: { readonly id: string }) {
  const mayDecide = useMay('write')
  return (
    <div className="flex flex-col gap-6">
      {!mayDecide && <ScopeNeeded scope="write" what="Deciding" />}
      <RemovalsOf id={id} mayDecide={mayDecide} />
      <Quarantine id={id} mayDecide={mayDecide} />
    </div>
  )
}

interface Part {
  readonly id: string
  readonly mayDecide: boolean
}

function RemovalsOf({ id, mayDecide }: Part) {
  const removals = useQuery(removalsQuery(id))
  const [asked, setAsked] = useState<{ readonly verdict: Verdict; readonly of: Removals }>()
  const decide = useDecide()
  const close = () => setAsked(undefined)
  return (
    <Section title="Removals" lead="What the source no longer lists, by the run that missed it.">
      <Loaded query={removals}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState icon={<CheckCheck aria-hidden />} title="Nothing was removed or is held" />
          ) : (
            <ul aria-label="Removals" className="flex flex-col gap-2">
              {all.map((one) => (
                <li
                  key={`${one.run} ${one.stream}`}
                  className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-3 shadow-card"
                >
                  <div className="flex flex-wrap items-start justify-between gap-3">
                    <div className="min-w-0">
                      <p className="flex flex-wrap items-baseline gap-x-2.5">
                        <span className="font-medium">{one.stream}</span>
                        <span className="text-sm text-muted">{wordsOf(one)}</span>
                      </p>
                      <p className="text-xs text-muted">
                        <Time at={one.at} />
                        {one.reason !== null && ` · ${one.reason}`}
                        {one.removed > 0 && (
                          <>
                            {' · '}
                            <Link
                              to="/connections/$id/streams/$stream"
                              params={{ id, stream: one.stream }}
                              search={{ removed: true }}
                              className="text-accent hover:underline"
                            >
                              Look at what was removed
                            </Link>
                          </>
                        )}
                      </p>
                    </div>
                    {mayDecide && <Verdicts of={one} ask={(verdict) => setAsked({ verdict, of: one })} />}
                  </div>
                  {one.held > 0 && <Held of={one} />}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {asked !== undefined && (
        <Confirm
          title={TITLES[asked.verdict]}
          act={ACTS[asked.verdict]}
          isBusy={decide.isPending}
          error={decide.error}
          close={close}
          confirm={() => decide.mutate({ run: asked.of.run, verdict: asked.verdict }, { onSuccess: close })}
        >
          {consequence(asked.verdict, asked.of)}
        </Confirm>
      )}
    </Section>
  )
}

function wordsOf({ held, removed, kept, unconfirmed }: Removals): string {
  return [
    ...(held > 0 ? [`${plural(held, 'removal')} held`] : []),
    ...(removed > 0 ? [`${removed} removed`] : []),
    ...(kept > 0 ? [`${kept} kept`] : []),
    ...(unconfirmed > 0 ? [`${unconfirmed} to be confirmed by the next run`] : []),
  ].join(' · ')
}

function Verdicts({ of, ask }: { readonly of: Removals; readonly ask: (verdict: Verdict) => void }) {
  return (
    <div className="flex gap-1.5">
      {(of.held > 0 || of.kept > 0) && (
        <Button size="small" look="danger" onClick={() => ask('approve')}>
          Approve
        </Button>
      )}
      {of.held > 0 && (
        <Button size="small" onClick={() => ask('reject')}>
          Reject
        </Button>
      )}
      {of.removed > 0 && (
        <Button size="small" onClick={() => ask('undo')}>
          Undo
        </Button>
      )}
    </div>
  )
}

const TITLES: Readonly<Record<Verdict, string>> = {
  approve: 'Remove what is held?',
  reject: 'Keep what is held?',
  undo: 'Bring back what was removed?',
}
const ACTS: Readonly<Record<Verdict, string>> = { approve: 'Remove', reject: 'Keep the records', undo: 'Bring back' }

/** A decision is of a run: it holds for all streams that the run read. */
function consequence(verdict: Verdict, { stream, held, removed, kept }: Removals): string {
  const also = 'What the same run holds or removed of other streams is decided with it.'
  if (verdict === 'approve') {
    return `${plural(held + kept, 'record')} of ${stream} will be marked as removed. History and last content stay, and it can be undone. ${also}`
  }
  if (verdict === 'reject')
    return `${plural(held, 'record')} of ${stream} stay until the source lists them again. ${also}`
  return `${plural(removed, 'record')} of ${stream} come back with their last content, and stay. ${also}`
}

/** The records that would go. */
function Held({ of }: { readonly of: Removals }) {
  const held = useQuery(heldQuery(of))
  return (
    <details className="text-sm">
      <summary className="text-xs text-accent">The records that would go</summary>
      <Loaded query={held}>
        {({ keys, truncated }) => (
          <ul aria-label={`Held of ${of.stream}`} className="mt-2 flex max-h-48 flex-wrap gap-1.5 overflow-y-auto">
            {keys.map((key) => (
              <li key={key}>
                <RecordLink
                  place={{ connection: of.connection, stream: of.stream, key }}
                  className="rounded bg-raised px-1.5 py-0.5 font-mono text-xs hover:text-accent"
                >
                  {key}
                </RecordLink>
              </li>
            ))}
            {truncated && <li className="text-xs text-muted">and more</li>}
          </ul>
        )}
      </Loaded>
    </details>
  )
}

function Quarantine({ id, mayDecide }: Part) {
  const quarantine = useInfiniteQuery(quarantineQuery(id))
  const retry = useRetryQuarantine()
  const all = quarantine.data?.pages.flatMap((one) => one.quarantine) ?? []
  return (
    <Section
      title="Quarantine"
      lead="Records that came and could not be read. They are kept as they came, and nothing is lost."
      actions={
        mayDecide &&
        all.length > 0 && (
          <Button
            isBusy={retry.isPending}
            onClick={() => retry.mutate({ connection: id })}
            icon={<RotateCw aria-hidden className="size-3.5" />}
          >
            Read them again
          </Button>
        )
      }
    >
      <Loaded query={quarantine}>
        {() =>
          all.length === 0 ? (
            <EmptyState icon={<CheckCheck aria-hidden />} title="Every record could be read" />
          ) : (
            <ul aria-label="Quarantine" className="flex flex-col gap-2">
              {all.map((one) => (
                <Aside key={`${one.stream} ${one.id}`} record={one} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {quarantine.hasNextPage && (
        <Button isBusy={quarantine.isFetchingNextPage} onClick={() => void quarantine.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Section>
  )
}

function Aside({ record }: { readonly record: SetAside }) {
  const { stream, key, code, message, at, times, raw, supersededAt } = record
  return (
    <li className="rounded-lg border border-line bg-surface px-4 py-3 shadow-card">
      <p>
        <span className="font-medium">{stream}</span> <span className="font-mono text-xs">{key ?? '(no key)'}</span>
      </p>
      <p className="break-words text-bad">{message}</p>
      <p className="text-xs text-muted">
        <span className="font-mono">{code}</span> · seen {plural(times, 'time')}, last <Time at={at} />
        {supersededAt !== null && ' · a newer content was read since'}
      </p>
      <details>
        <summary className="mt-1 text-xs text-accent">As it came</summary>
        <pre
          tabIndex={0}
          aria-label={`The text of ${key ?? 'the record'}`}
          className="mt-1.5 max-h-64 overflow-auto rounded bg-raised p-2.5 font-mono text-xs break-all whitespace-pre-wrap"
        >
          {raw}
        </pre>
      </details>
    </li>
  )
}
