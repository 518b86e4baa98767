// Owns the page of an upload: a file is dropped, what it would change is shown, and then it is read.

import { useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi, Link } from '@tanstack/react-router'
import { Check, FileText, FileX } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Problem } from '../../api/client.ts'
import { connectionQuery } from '../../api/queries.ts'
import { useMay } from '../../api/scopes.ts'
import { Bar } from '../../parts/bar.tsx'
import { Button, buttonLook } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { RunStatus } from '../../parts/pill.tsx'
import { ScopeNeeded } from '../../parts/scope-needed.tsx'
import { EmptyState, ErrorState, Loaded } from '../../parts/states.tsx'
import { Card, Page } from '../../parts/surface.tsx'
import { connectionStep, Trail } from '../../parts/trail.tsx'
import { Bytes, countText, plural } from '../../parts/values.tsx'
import { connectorQuery } from '../add/queries.ts'
import { DiffView } from './diff.tsx'
import { DropZone } from './drop-zone.tsx'
import { takeDropped } from './dropped.ts'
import { type Report, useUpload } from './send.ts'

export const page = createLazyRoute('/connections/$id/upload')({ component: UploadPage })

const route = getRouteApi('/connections/$id/upload')

function UploadPage() {
  const { id } = route.useParams()
  const connection = useQuery(connectionQuery(id))
  return (
    <Page
      title={`Upload to ${id}`}
      lead="A file that a service has exported, or the ZIP that it came in."
      above={<Trail steps={[connectionStep(id)]} />}
    >
      <Loaded query={connection}>{(known) => <OfConnector id={id} connector={known.connector} />}</Loaded>
    </Page>
  )
}

function OfConnector({ id, connector: name }: { readonly id: string; readonly connector: string }) {
  const connector = useQuery(connectorQuery(name))
  const mayUpload = useMay('sync')
  if (!mayUpload) return <ScopeNeeded scope="sync" what="Uploading a file" />
  return (
    <Loaded query={connector}>
      {({ streams }) => {
        const takers = streams.flatMap(({ stream, title, passes }) => {
          const accepts = passes.find((pass) => pass.accepts !== null)?.accepts
          return accepts === undefined || accepts === null ? [] : [{ stream, title, accepts }]
        })
        const [first] = takers
        if (first) return <Uploading id={id} takers={[first, ...takers.slice(1)]} />
        return (
          <EmptyState icon={<FileX aria-hidden />} title={`${id} takes no files`}>
            Its connector, {name}, reads the service itself.
          </EmptyState>
        )
      }}
    </Loaded>
  )
}

interface Taker {
  readonly stream: string
  readonly title: string | null
  readonly accepts: string
}

function Uploading({ id, takers }: { readonly id: string; readonly takers: readonly [Taker, ...Taker[]] }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { stream, accepts } = takers.find((one) => one.stream === search.stream) ?? takers[0]
  const [file, setFile] = useState<File>()
  const upload = useUpload()
  const take = (taken: File, into = stream) => {
    setFile(taken)
    upload.start({ id, stream: into, file: taken, isTrial: true })
  }
  useEffect(() => {
    const dropped = takeDropped()
    if (dropped) take(dropped)
    // Once, as the page is opened.
  }, [])
  const again = () => {
    setFile(undefined)
    upload.reset()
  }
  const { sent, report, error, isTrial } = upload
  const isDone = report !== undefined && !isTrial
  return (
    <div className="flex flex-col gap-5">
      {takers.length > 1 && !isDone && (
        <div className="max-w-md">
          <Choice
            label="Stream"
            value={stream}
            onChange={({ target }) => {
              const next = target.value
              void navigate({ search: { stream: next }, replace: true })
              if (file) take(file, next)
            }}
          >
            {takers.map((one) => (
              <option key={one.stream} value={one.stream}>
                {one.stream}
              </option>
            ))}
          </Choice>
        </div>
      )}
      {file === undefined ? <DropZone accepts={accepts} take={take} /> : <Chosen file={file} />}
      {sent !== undefined && <Going sent={sent} isTrial={isTrial} stop={again} />}
      {error !== undefined && <ErrorState error={error} {...(file ? { again: () => take(file) } : {})} />}
      {report?.error && <ErrorState error={problemOf(report.error)} />}
      {report?.diff && isTrial && <DiffView report={report} diff={report.diff} />}
      {isDone && <Done id={id} stream={stream} report={report} />}
      {file !== undefined && sent === undefined && (
        <div className="flex flex-wrap items-center gap-2">
          {isTrial && report?.diff && (
            <Button
              look="primary"
              onClick={() => upload.start({ id, stream, file, isTrial: false })}
              icon={<Check aria-hidden className="size-3.5" />}
            >
              Read it
            </Button>
          )}
          <Button onClick={again}>{isDone ? 'Upload another one' : 'Choose another one'}</Button>
        </div>
      )}
    </div>
  )
}

function problemOf({ code, message, hint }: NonNullable<Report['error']>): Problem {
  return new Problem({ status: 0, code, detail: message, hint })
}

function Chosen({ file }: { readonly file: File }) {
  return (
    <Card className="flex items-center gap-3 px-4 py-3">
      <FileText aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-0">
        <p className="truncate font-medium">{file.name}</p>
        <p className="text-xs text-muted">
          <Bytes n={file.size} />
        </p>
      </div>
    </Card>
  )
}

interface GoingProps {
  readonly sent: number
  readonly isTrial: boolean
  readonly stop: () => void
}

/** What is sent is known; how far the server has read, it tells with its answer. */
function Going({ sent, isTrial, stop }: GoingProps) {
  const percent = Math.floor(sent * 100)
  return (
    <div className="flex items-center gap-4" role="status">
      <div className="flex flex-1 flex-col gap-1.5">
        <Bar percent={sent < 1 ? percent : null} label="The upload" />
        <p className="text-xs text-muted">
          {sent < 1 ? `${percent} % sent` : isTrial ? 'Looking at what it would change…' : 'Reading it…'}
        </p>
      </div>
      <Button size="small" onClick={stop}>
        Stop
      </Button>
    </div>
  )
}

function Done({ id, stream, report }: { readonly id: string; readonly stream: string; readonly report: Report }) {
  const counts = report.streams.find((one) => one.stream === stream)?.counts
  const told = [
    `${countText(counts?.inserted ?? 0)} added`,
    `${countText(counts?.updated ?? 0)} changed`,
    `${countText(counts?.removed ?? 0)} removed`,
    ...(counts && counts.held > 0 ? [`${plural(counts.held, 'removal')} held for you`] : []),
    ...(counts && counts.quarantined > 0 ? [`${countText(counts.quarantined)} unreadable`] : []),
  ]
  return (
    <Card className="appears flex flex-wrap items-center justify-between gap-3 px-4 py-3.5">
      <div className="flex items-center gap-3" role="status">
        <RunStatus status={report.status} />
        <p data-done>{told.join(' · ')}</p>
      </div>
      <div className="flex gap-2">
        {report.id !== null && (
          <Link to="/runs" search={{ run: report.id }} className={buttonLook('quiet')}>
            The run
          </Link>
        )}
        <Link to="/connections/$id" params={{ id }} className={buttonLook()}>
          Go to {id}
        </Link>
      </div>
    </Card>
  )
}
