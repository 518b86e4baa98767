// Owns the SQL box: a statement over everything that is mirrored, its answer as a table or a chart, and statements to keep.

import { createLazyRoute, getRouteApi } from '@tanstack/react-router'
import { Database, Link2, Play, Square } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { EmptyState, ErrorState } from '../../parts/states.tsx'
import { Page, Section } from '../../parts/surface.tsx'
import { toast } from '../../parts/toast.tsx'
import { countText, Duration } from '../../parts/values.tsx'
import { Editor } from './editor.tsx'
import { type Position, positionOf } from './position.ts'
import { Results } from './results.tsx'
import { ROWS, SECONDS } from './route.ts'
import { SavedStatements } from './saved.tsx'
import { Schema } from './schema.tsx'
import { type Statement, useStatement } from './statement.ts'

export const page = createLazyRoute('/sql')({ component: Sql })

const route = getRouteApi('/sql')

function Sql() {
  const search = route.useSearch()
  const { sql, rows = ROWS[0], seconds = SECONDS[0] } = search
  const navigate = route.useNavigate()
  const change = (next: object, replace = true) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace })
  const [text, setText] = useState(sql ?? '')
  const field = useRef<HTMLTextAreaElement>(null)
  const { statement, run, cancel } = useStatement()
  const ask = (one: string) => void run({ sql: one, limit: Number(rows), timeout: Number(seconds) })
  const latest = useRef(ask)
  latest.current = ask
  // What stands in the address is shown and asked: after a reload, after Back, and by whoever got it.
  useEffect(() => {
    if (sql === undefined) return
    setText(sql)
    latest.current(sql)
  }, [sql])
  const start = (one: string) => {
    if (one.trim() === '') return
    if (one === sql) ask(one)
    else change({ sql: one, x: undefined, y: undefined }, false)
  }
  const put = (name: string) => {
    const { selectionStart = text.length, selectionEnd = text.length } = field.current ?? {}
    setText(text.slice(0, selectionStart) + name + text.slice(selectionEnd))
    requestAnimationFrame(() => {
      field.current?.focus()
      field.current?.setSelectionRange(selectionStart + name.length, selectionStart + name.length)
    })
  }
  const show = ({ from, to }: Position) => {
    field.current?.focus()
    field.current?.setSelectionRange(from, to)
  }
  const isRunning = statement.state === 'running'
  return (
    <Page title="SQL" lead="Query everything that is mirrored. A statement can read, and change nothing.">
      <div className="grid items-start gap-5 lg:grid-cols-[15rem_minmax(0,1fr)]">
        <div className="flex flex-col gap-5 max-lg:order-2">
          <Section title="Tables">
            <Schema put={put} look={start} />
          </Section>
          <Section title="Statements">
            <SavedStatements text={text} open={start} />
          </Section>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <div className="flex flex-col gap-2">
            <Editor field={field} text={text} write={setText} run={() => start(text)} />
            <div className="flex flex-wrap items-center gap-2">
              {isRunning ? (
                <Button look="danger" onClick={cancel} icon={<Square aria-hidden className="size-3.5" />}>
                  Cancel
                </Button>
              ) : (
                <Button
                  look="primary"
                  disabled={text.trim() === ''}
                  title="Ctrl Enter"
                  onClick={() => start(text)}
                  icon={<Play aria-hidden className="size-3.5" />}
                >
                  Run
                </Button>
              )}
              <div className="w-36">
                <Choice
                  label="Rows, at most"
                  isBare
                  value={rows}
                  onChange={({ target }) =>
                    change({ rows: target.value === ROWS[0] ? undefined : Number(target.value) })
                  }
                >
                  {ROWS.map((one) => (
                    <option key={one} value={one}>{`${countText(Number(one))} rows`}</option>
                  ))}
                </Choice>
              </div>
              <div className="w-36">
                <Choice
                  label="Time, at most"
                  isBare
                  value={seconds}
                  onChange={({ target }) =>
                    change({ seconds: target.value === SECONDS[0] ? undefined : Number(target.value) })
                  }
                >
                  {SECONDS.map((one) => (
                    <option key={one} value={one}>{`${one} seconds`}</option>
                  ))}
                </Choice>
              </div>
              <Button
                look="quiet"
                disabled={sql === undefined}
                onClick={() => void copyAddress()}
                icon={<Link2 aria-hidden className="size-3.5" />}
              >
                Copy link
              </Button>
            </div>
          </div>
          <Outcome statement={statement} again={() => start(text)} show={show}>
            {({ answer, tookMs }) => <Results answer={answer} tookMs={tookMs} search={search} change={change} />}
          </Outcome>
        </div>
      </div>
    </Page>
  )
}

async function copyAddress(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href)
    toast({ text: 'The address of this statement is copied.', kind: 'good' })
  } catch {
    toast({ text: 'The browser does not let this page copy.', kind: 'bad' })
  }
}

interface OutcomeProps {
  readonly statement: Statement
  readonly again: () => void
  readonly show: (position: Position) => void
  readonly children: (done: Extract<Statement, { readonly state: 'done' }>) => React.ReactNode
}

function Outcome({ statement, again, show, children }: OutcomeProps) {
  if (statement.state === 'done') return children(statement)
  if (statement.state === 'running') {
    return (
      <p role="status" className="text-sm text-muted">
        It is being asked, for <Duration from={statement.since} to={null} />…
      </p>
    )
  }
  if (statement.state === 'failed') {
    const { error, sql } = statement
    const position = error instanceof Error ? positionOf(error.message, sql) : undefined
    return (
      <div className="flex flex-col items-start gap-2">
        <div className="w-full">
          <ErrorState error={error} again={again} />
        </div>
        {position && (
          <Button size="small" onClick={() => show(position)}>
            {`Line ${position.line}, column ${position.column}`}
          </Button>
        )}
      </div>
    )
  }
  return (
    <EmptyState
      icon={<Database aria-hidden />}
      title={statement.state === 'cancelled' ? 'The statement was cancelled' : 'No statement was run yet'}
    >
      Write one and press Ctrl Enter, or choose a table: each stream is one, with its past beside it. Nothing can be
      changed from here.
    </EmptyState>
  )
}
