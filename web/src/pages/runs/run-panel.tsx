// Owns one run beside the list: its error with what to do, its streams with their passes and counts, its notes, its log.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { AlertTriangle, RefreshCw, Square } from 'lucide-react'
import { useCancel, useSync } from '../../api/actions.ts'
import { useLive } from '../../api/live.ts'
import { type Run, runQuery } from '../../api/queries.ts'
import { ENDED_WORDS } from '../../api/words.ts'
import { RunProgress } from '../../parts/bar.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { RunStatus } from '../../parts/pill.tsx'
import { Loaded } from '../../parts/states.tsx'
import { Facts } from '../../parts/surface.tsx'
import { countText, Duration, Money, plural, Time } from '../../parts/values.tsx'
import { RunLog } from './run-log.tsx'

interface RunPanelProps {
  readonly id: string
  readonly close: () => void
  /** Shows another run in its place: the one that was begun from here. */
  readonly open: (run: string) => void
}

export function RunPanel({ id, close, open }: RunPanelProps) {
  const run = useQuery(runQuery(id))
  return (
    <Dialog title={run.data ? `Run of ${run.data.connection}` : 'Run'} place="side" close={close}>
      <Loaded query={run}>{(known) => <RunDetails run={known} open={open} />}</Loaded>
    </Dialog>
  )
}

function RunDetails({ run, open }: { readonly run: Run } & Pick<RunPanelProps, 'open'>) {
  const live = useLive(run.connection)
  const { error, notes } = run
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="flex items-center gap-2.5">
          <RunStatus status={run.status} />
          <Link to="/connections/$id" params={{ id: run.connection }} className="text-sm text-accent hover:underline">
            {run.connection}
          </Link>
        </div>
        <Act run={run} open={open} />
      </div>
      {run.status === 'running' && (
        <RunProgress progress={live?.run === run.id ? live : run.progress} label={`The run of ${run.connection}`} />
      )}
      {error && (
        <div className="flex gap-3 rounded-lg border border-bad/40 bg-bad-soft px-4 py-3 text-sm">
          <AlertTriangle aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
          <div className="min-w-0">
            <p className="font-medium break-words">{error.message}</p>
            {error.hint !== null && <p className="mt-0.5 break-words">{error.hint}</p>}
            <p className="mt-1 font-mono text-xs text-muted">{error.code}</p>
          </div>
        </div>
      )}
      <Facts
        className="grid-cols-2 sm:grid-cols-3"
        facts={[
          ['Started', <Time key="started" at={run.startedAt} />],
          ['Took', <Duration key="took" from={run.startedAt} to={run.finishedAt} />],
          ['Mode', run.mode],
          ['Requests', countText(run.requests)],
          ['Billed items', countText(run.billedItems)],
          ['Cost', <Money key="cost" amount={run.cost} currency={run.currency} />],
        ]}
      />
      {notes.length > 0 && (
        <ul className="flex list-disc flex-col gap-1 pl-5 text-sm">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {run.streams.map((stream) => (
        <StreamOfRun key={stream.stream} stream={stream} />
      ))}
      {run.streams.some(isChanged) && (
        <Link to="/sql" search={{ sql: changesOf(run) }} className="w-fit text-sm text-accent hover:underline">
          All that it changed
        </Link>
      )}
      <RunLog run={run} />
      <p className="font-mono text-xs text-muted select-all">{run.id}</p>
    </div>
  )
}

function Act({ run, open }: { readonly run: Run } & Pick<RunPanelProps, 'open'>) {
  const sync = useSync()
  const cancel = useCancel()
  if (run.status === 'running') {
    return (
      <Button
        look="danger"
        size="small"
        isBusy={cancel.isPending}
        onClick={() => cancel.mutate({ run: run.id })}
        icon={<Square aria-hidden className="size-3.5" />}
      >
        Stop
      </Button>
    )
  }
  // A file is uploaded, not asked for.
  if (run.mode === 'upload') return null
  const { mode } = run
  const isProblem = run.status !== 'succeeded' && run.status !== 'cancelled'
  return (
    <Button
      size="small"
      isBusy={sync.isPending}
      onClick={() => sync.mutate({ id: run.connection, mode }, { onSuccess: (begun) => begun !== null && open(begun) })}
      icon={<RefreshCw aria-hidden className="size-3.5" />}
    >
      {isProblem ? 'Retry' : 'Run again'}
    </Button>
  )
}

function isChanged({ counts }: Run['streams'][number]): boolean {
  return counts.inserted + counts.updated + counts.removed + counts.restored > 0
}

/** Ids are of digits and letters alone. */
function changesOf({ id }: Run): string {
  return `SELECT seq, stream, op, key, at FROM changes WHERE run = '${id}' ORDER BY seq`
}

type StreamPart = Run['streams'][number]

const COUNTS = [
  ['fetched', 'read'],
  ['inserted', 'new'],
  ['updated', 'changed'],
  ['unchanged', 'unchanged'],
  ['removed', 'removed'],
  ['restored', 'came back'],
  ['held', 'held'],
  ['unconfirmed', 'to be confirmed'],
  ['quarantined', 'in quarantine'],
  ['snapshots', 'snapshots'],
  ['unavailable', 'unavailable'],
  ['stale', 'stale'],
] as const satisfies readonly (readonly [keyof StreamPart['counts'], string])[]

function StreamOfRun({ stream: { stream, passes, counts } }: { readonly stream: StreamPart }) {
  const shown = COUNTS.filter(([name]) => counts[name] > 0)
  return (
    <section aria-label={stream} className="overflow-hidden rounded-lg border border-line">
      <h3 className="border-b border-line bg-raised px-3 py-1.5 text-sm font-medium">{stream}</h3>
      <ul className="divide-y divide-line text-sm">
        {passes.map(({ pass, ended, pages, requests }, i) => (
          // Passes of one kind may follow each other.
          <li key={`${pass} ${i}`} className="flex flex-wrap justify-between gap-x-4 px-3 py-1.5">
            <span className="font-mono text-xs">{pass}</span>
            <span className="text-xs text-muted">
              {ended === null ? 'goes on' : ENDED_WORDS[ended]} · {plural(pages, 'page')} ·{' '}
              {plural(requests, 'request')}
            </span>
          </li>
        ))}
      </ul>
      {shown.length > 0 && (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line px-3 py-2 text-xs">
          {shown.map(([name, words]) => (
            <li key={name}>
              <span className="font-medium">{countText(counts[name])}</span> <span className="text-muted">{words}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
