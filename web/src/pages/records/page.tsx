// Owns the page of a stream's records: a table of any length whose view stands in the address, with what can be done with what it
// shows.

import { createLazyRoute, getRouteApi, Link } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { Input } from '../../parts/field.tsx'
import { ColumnsButton } from '../../parts/grid/columns.tsx'
import { Grid, type GridColumn, type GridPlace } from '../../parts/grid/grid.tsx'
import { inOrder, moved, useLayout } from '../../parts/grid/layout.ts'
import { EmptyState, ErrorState, SkeletonRows } from '../../parts/states.tsx'
import { Page } from '../../parts/surface.tsx'
import { connectionStep, Trail } from '../../parts/trail.tsx'
import { plural } from '../../parts/values.tsx'
import type { Place } from './asked.ts'
import { copyText, textOf } from './copies.ts'
import { Chosen, Export } from './deeds.tsx'
import { AddCondition, AsOf, Conditions } from './filters.tsx'
import type { View, ViewChange } from './route.ts'
import type { Outline, RecordRow, Shown } from './source.ts'
import { useView } from './use-view.ts'
import { Views } from './views.tsx'

export const page = createLazyRoute('/connections/$id/streams/$stream')({ component: Records })

const route = getRouteApi('/connections/$id/streams/$stream')

/** How long after the last letter of a search it is asked, in milliseconds. */
const TYPED_MS = 150

function Records() {
  const place = route.useParams()
  const view = route.useSearch()
  const navigate = route.useNavigate()
  const change = (next: ViewChange) => {
    const search = Object.fromEntries(
      Object.entries({ ...view, ...next }).filter(
        ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
      ),
    )
    void navigate({ search: search as View, replace: true })
  }
  const layout = useLayout(`${place.id}/${place.stream}`)
  const { shown, columns, all, hidden } = useView(place, view, layout[0])
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set())
  const at = useRef<GridPlace | null>(null)
  useEffect(() => {
    // The rows that a person looks at stay where they are.
    if (shown && shown.shift !== 0 && at.current) at.current.goTo(at.current.top + shown.shift)
  }, [shown])
  const total = shown?.isCounting ? undefined : shown?.outline?.total
  return (
    <Page
      isFull
      title={place.stream}
      tab={total === undefined ? `${place.stream} of ${place.id}` : `${place.stream} (${total}) · ${place.id}`}
      above={<Trail steps={[connectionStep(place.id)]} />}
      lead={total === undefined ? <Counting key={JSON.stringify(view)} order={view.order} /> : leadOf(total, view)}
      actions={
        <>
          <Views
            key={`${place.id}/${place.stream}`}
            place={place}
            view={view}
            show={(one) => void navigate({ search: one })}
          />
          <ColumnsButton
            names={all}
            hidden={hidden}
            change={(next) => {
              layout[1](next)
              const names = inOrder(all, { order: next.order ?? layout[0].order })
              change({ columns: names.filter((name: string) => !(next.hidden ?? hidden).includes(name)) })
            }}
            reset={() => {
              layout[2]()
              change({ columns: undefined })
            }}
          />
          <Export place={place} view={view} columns={columns} />
        </>
      }
    >
      <Bar view={view} change={change} outline={shown?.outline} />
      {shown?.error ? <ErrorState error={shown.error} /> : null}
      <Body
        place={place}
        view={view}
        change={change}
        shown={shown}
        columns={columns}
        layout={layout}
        chosen={chosen}
        choose={choose}
        at={at}
      />
      {chosen.size > 0 && <Chosen place={place} chosen={chosen} columns={columns} forget={() => choose(new Set())} />}
    </Page>
  )
}

/** After so long, it is said why it takes long, in milliseconds. */
const LONG_MS = 1_500

/** Said until all are counted: no column has an index, so that an order by one is made of all records. */
function Counting({ order }: { readonly order: string | undefined }) {
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!isLong) return 'Counting…'
  return order === undefined
    ? 'Counting: all that could fit is read…'
    : `Counting, and putting all in the order of ${order.split(':')[0]}, for which there is no index: it takes a while where there are many…`
}

function leadOf(total: number, { removed, asOf, where = [], q, order }: View): string {
  const which = [...(removed ? ['removed'] : []), ...(where.length > 0 || q !== undefined ? ['that fit'] : [])]
  const time = asOf === undefined ? '' : `, as they were at ${asOf}`
  return `${plural(total, 'record')}${which.length > 0 ? ` ${which.join(', ')}` : ''}${time}${orderText(order)}`
}

/** Told in words: the column may be hidden, or far to the right. */
function orderText(order: string | undefined): string {
  if (order === undefined) return ''
  const [column, way] = order.split(':')
  return way === 'desc' ? `, the highest ${column} first` : `, by ${column}`
}

interface BarProps {
  readonly view: View
  readonly change: (next: ViewChange) => void
  readonly outline: Outline | undefined
}

function Bar({ view, change, outline }: BarProps) {
  const { q, where = [], asOf, removed } = view
  const [text, setText] = useState(q ?? '')
  const told = useRef(q ?? '')
  useEffect(() => {
    if ((q ?? '') === told.current) return
    told.current = q ?? ''
    setText(q ?? '')
  }, [q])
  useEffect(() => {
    if (text === told.current) return undefined
    const timer = setTimeout(() => {
      told.current = text
      change({ q: text === '' ? undefined : text })
    }, TYPED_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <div role="search" className="flex flex-wrap items-center gap-2">
      <Input
        label="Search in the key and every column of text"
        type="search"
        placeholder="Search…"
        value={text}
        onChange={({ target }) => setText(target.value)}
        className="!w-full sm:!w-64"
      />
      <AddCondition
        outline={outline}
        add={(one) => change({ where: [...where.filter((other) => other !== one), one] })}
      />
      <Conditions where={where} change={(next) => change({ where: next })} />
      <span className="ml-auto flex items-center gap-2">
        <AsOf at={asOf} change={(next) => change({ asOf: next })} />
        <Button
          aria-pressed={removed === true}
          className="aria-pressed:border-accent aria-pressed:bg-accent-soft"
          onClick={() => change({ removed: removed ? undefined : true })}
        >
          Removed
        </Button>
      </span>
    </div>
  )
}

interface BodyProps {
  readonly place: Place
  readonly view: View
  readonly change: (next: ViewChange) => void
  readonly shown: Shown | undefined
  readonly columns: readonly string[]
  readonly layout: ReturnType<typeof useLayout>
  readonly chosen: ReadonlySet<string>
  readonly choose: (chosen: ReadonlySet<string>) => void
  readonly at: { current: GridPlace | null }
}

function Body({ place, view, change, shown, columns, layout: [layout, lay], chosen, choose, at }: BodyProps) {
  const navigate = route.useNavigate()
  if (!shown?.outline) return shown?.error ? null : <SkeletonRows rows={12} />
  const { outline, rows } = shown
  if (outline.total === 0)
    return (
      <Nothing
        view={view}
        show={() => change({ q: undefined, where: undefined, removed: undefined, asOf: undefined })}
      />
    )
  const types = new Map(outline.columns.map(({ name, type }) => [name, type]))
  const shownColumns: readonly GridColumn<RecordRow>[] = ['_key', ...columns].map((name) => ({
    id: name,
    ...(name === '_key' ? { title: 'key', width: 140 } : {}),
    type: types.get(name) ?? 'text',
    value: (row) => row[name],
  }))
  const [, column, way] = /^([^:]+)(?::(.*))?$/.exec(view.order ?? '') ?? []
  const to = ({ _key }: RecordRow) =>
    ({ to: '/connections/$id/streams/$stream/records/$key', params: { ...place, key: _key } }) as const
  return (
    <Grid
      label={`Records of ${place.stream}`}
      columns={shownColumns}
      rows={rows}
      keyOf={({ _key }) => _key}
      widths={layout.widths}
      resize={(name, px) => lay({ widths: { ...layout.widths, [name]: px } })}
      order={column === undefined ? undefined : { column, descending: way === 'desc' }}
      reorder={(order) =>
        change({ order: order === undefined ? undefined : `${order.column}${order.descending ? ':desc' : ''}` })
      }
      move={(name, by) => {
        const next = moved(columns, name, by)
        lay({ order: next })
        change({ columns: next })
      }}
      chosen={chosen}
      choose={choose}
      deeds={{
        c: ({ _key }) =>
          void copyText(
            textOf('json', place, { keys: [_key], columns: outline.columns.map(({ name }) => name), table: '' }),
            'Record',
          ),
      }}
      open={(row) => void navigate(to(row))}
      link={(row, content) => (
        <Link {...to(row)} tabIndex={-1} className="hover:text-accent hover:underline">
          {content}
        </Link>
      )}
      place={at}
    />
  )
}

function Nothing({ view: { q, where = [], removed, asOf }, show }: { readonly view: View; readonly show: () => void }) {
  const isFiltered = q !== undefined || where.length > 0 || asOf !== undefined
  if (removed && !isFiltered) {
    return (
      <EmptyState
        icon={<SearchX aria-hidden />}
        title="Nothing was removed"
        action={<Button onClick={show}>Show the live ones</Button>}
      >
        Records that the source no longer has are kept, and listed here.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      icon={<SearchX aria-hidden />}
      title={isFiltered ? 'No record fits' : 'No record yet'}
      {...(isFiltered ? { action: <Button onClick={show}>Show all of them</Button> } : {})}
    >
      {isFiltered ? 'None has all that is asked for.' : 'What the next run reads is shown here.'}
    </EmptyState>
  )
}
