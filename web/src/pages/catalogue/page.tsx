// Owns the page of catalogs: the titles of one as a shelf, found as a person types, and how it differs from another.

import { useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi } from '@tanstack/react-router'
import { Clapperboard, Image, ImageOff } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { statusQuery } from '../../api/queries.ts'
import { Button } from '../../parts/button.tsx'
import { Choice, Input } from '../../parts/field.tsx'
import { EmptyState, Loaded, SkeletonRows } from '../../parts/states.tsx'
import { Page } from '../../parts/surface.tsx'
import { countText, plural, Time } from '../../parts/values.tsx'
import { AddDoor } from '../add/door.tsx'
import { categoryCounts, chosenTitles } from './choose-titles.ts'
import { Diff } from './diff.tsx'
import { type CatalogInfo, catalogQuery, catalogsQuery, publishersQuery } from './queries.ts'
import type { Catalog } from './read-catalog.ts'
import { type CatalogueChange, type CatalogueView, ORDERS } from './route.ts'
import { Shelf } from './shelf.tsx'

export const page = createLazyRoute('/catalogue')({ component: Catalogue })

const route = getRouteApi('/catalogue')

const POSTERS = 'tidemark-posters'

function Catalogue() {
  const view = route.useSearch()
  const navigate = route.useNavigate()
  const status = useQuery(statusQuery)
  const publishers = useQuery(publishersQuery)
  const change = (next: CatalogueChange) =>
    void navigate({
      search: Object.fromEntries(
        Object.entries({ ...view, ...next }).filter(([, value]) => value !== undefined),
      ) as CatalogueView,
      replace: true,
    })
  const known = (status.data?.connections ?? []).filter(({ connector }) => publishers.data?.has(connector))
  const connection = known.find(({ id }) => id === view.connection) ?? known[0]
  const catalogs = useQuery({ ...catalogsQuery(connection?.id ?? ''), enabled: connection !== undefined })
  const shown = catalogs.data?.find(({ n }) => n === view.n) ?? catalogs.data?.[0]
  const columns = publishers.data?.get(connection?.connector ?? '') ?? new Map<string, string | null>()
  return (
    <Page
      isFull
      title="Catalogue"
      tab={connection === undefined ? 'Catalogue' : `Catalogue of ${connection.id}`}
      lead={shown && <Lead info={shown} />}
      actions={
        connection && (
          <>
            {known.length > 1 && (
              <div className="w-36">
                <Choice
                  label="Connection"
                  isBare
                  value={connection.id}
                  onChange={({ target }) =>
                    change({
                      connection: target.value,
                      n: undefined,
                      than: undefined,
                      category: undefined,
                      stream: undefined,
                    })
                  }
                >
                  {known.map(({ id }) => (
                    <option key={id}>{id}</option>
                  ))}
                </Choice>
              </div>
            )}
            {shown && catalogs.data && <Which view={view} shown={shown} catalogs={catalogs.data} change={change} />}
          </>
        )
      }
    >
      <Loaded query={status}>
        {() => (
          <Loaded query={publishers}>
            {() =>
              connection === undefined ? (
                <EmptyState
                  icon={<Clapperboard aria-hidden />}
                  title="No connection publishes catalogs"
                  action={<AddDoor />}
                >
                  A connection of a portal publishes all its titles as one document after each complete run.
                </EmptyState>
              ) : (
                <Loaded query={catalogs} wait={<SkeletonRows rows={8} />}>
                  {(all) =>
                    shown === undefined || all.length === 0 ? (
                      <EmptyState icon={<Clapperboard aria-hidden />} title="No catalog yet">
                        {`${connection.id} publishes one when a run is complete.`}
                      </EmptyState>
                    ) : view.than !== undefined && view.than !== shown.n ? (
                      <Diff
                        connection={connection.id}
                        from={Math.min(view.than, shown.n)}
                        to={Math.max(view.than, shown.n)}
                      />
                    ) : (
                      <Titles
                        key={`${connection.id} ${shown.n}`}
                        connection={connection.id}
                        n={shown.n}
                        columns={columns}
                        view={view}
                        change={change}
                      />
                    )
                  }
                </Loaded>
              )
            }
          </Loaded>
        )}
      </Loaded>
    </Page>
  )
}

function Lead({ info: { at, totals, newItemsAdded } }: { readonly info: CatalogInfo }) {
  const all = Object.values(totals).reduce((sum, n) => sum + n, 0)
  return (
    <>
      {plural(all, 'title')}, published <Time at={at} />
      {newItemsAdded > 0 && `, ${countText(newItemsAdded)} of them new`}
    </>
  )
}

interface WhichProps {
  readonly view: CatalogueView
  readonly shown: CatalogInfo
  readonly catalogs: readonly CatalogInfo[]
  readonly change: (next: CatalogueChange) => void
}

/** Which catalog is shown, and which it is compared with. */
function Which({ view, shown, catalogs, change }: WhichProps) {
  return (
    <>
      <div className="w-40">
        <Choice
          label="Catalog"
          isBare
          value={String(shown.n)}
          onChange={({ target }) =>
            change({ n: Number(target.value) === catalogs[0]?.n ? undefined : Number(target.value) })
          }
        >
          {catalogs.map(({ n, at }) => (
            <option key={n} value={n}>{`${n} · ${at.slice(0, 10)}`}</option>
          ))}
        </Choice>
      </div>
      {catalogs.length > 1 && (
        <div className="w-44">
          <Choice
            label="Compared with"
            isBare
            value={view.than === undefined ? '' : String(view.than)}
            onChange={({ target }) => change({ than: target.value === '' ? undefined : Number(target.value) })}
          >
            <option value="">Not compared</option>
            {catalogs
              .filter(({ n }) => n !== shown.n)
              .map(({ n }) => (
                <option key={n} value={n}>{`Compared with ${n}`}</option>
              ))}
          </Choice>
        </div>
      )}
    </>
  )
}

interface TitlesProps {
  readonly connection: string
  readonly n: number
  readonly columns: ReadonlyMap<string, string | null>
  readonly view: CatalogueView
  readonly change: (next: CatalogueChange) => void
}

function Titles({ connection, n, columns, view, change }: TitlesProps) {
  const catalog = useQuery(catalogQuery(connection, n, columns))
  return (
    <Loaded query={catalog} wait={<SkeletonRows rows={10} />}>
      {(read) => <Found connection={connection} catalog={read} view={view} change={change} />}
    </Loaded>
  )
}

const ORDER_WORDS = { title: 'By title', newest: 'Newest first', year: 'By year', rating: 'By rating' } as const

function Found({
  connection,
  catalog,
  view,
  change,
}: Omit<TitlesProps, 'n' | 'columns'> & { readonly catalog: Catalog }) {
  const [text, setText] = useState(view.q ?? '')
  const [hasPosters, setPosters] = useState(() => localStorage.getItem(POSTERS) === 'true')
  const sought = useDeferredValue(text)
  const { stream, category, order } = view
  const titles = useMemo(
    () =>
      chosenTitles(catalog, {
        q: sought,
        ...(stream === undefined ? {} : { stream }),
        ...(category === undefined ? {} : { category }),
        ...(order === undefined ? {} : { order }),
      }),
    [catalog, sought, stream, category, order],
  )
  const categories = useMemo(() => categoryCounts(catalog, stream), [catalog, stream])
  const showPosters = (on: boolean) => {
    setPosters(on)
    localStorage.setItem(POSTERS, String(on))
  }
  return (
    <>
      <div role="search" className="flex flex-wrap items-center gap-2">
        <Input
          label="Find a title"
          type="search"
          placeholder="Find a title…"
          value={text}
          onChange={({ target }) => {
            setText(target.value)
            change({ q: target.value === '' ? undefined : target.value })
          }}
          className="!w-full sm:!w-64"
        />
        <div className="w-[calc(50%-0.25rem)] sm:w-48">
          <Choice
            label="Kind"
            isBare
            value={stream ?? ''}
            onChange={({ target }) => change({ stream: target.value || undefined, category: undefined })}
          >
            <option value="">{`All kinds · ${countText(catalog.titles.length)}`}</option>
            {[...catalog.streams].map(([name, count]) => (
              <option key={name} value={name}>{`${name} · ${countText(count)}`}</option>
            ))}
          </Choice>
        </div>
        <div className="w-[calc(50%-0.25rem)] sm:w-48">
          <Choice
            label="Category"
            isBare
            value={category ?? ''}
            onChange={({ target }) => change({ category: target.value || undefined })}
          >
            <option value="">All categories</option>
            {categories.map(({ id, name, count }) => (
              <option key={id} value={id}>{`${name} · ${countText(count)}`}</option>
            ))}
          </Choice>
        </div>
        <div className="w-[calc(50%-0.25rem)] sm:w-36">
          <Choice
            label="Order"
            isBare
            value={order ?? 'title'}
            onChange={({ target }) => change({ order: ORDERS.find((one) => one === target.value && one !== 'title') })}
          >
            {ORDERS.map((one) => (
              <option key={one} value={one}>
                {ORDER_WORDS[one]}
              </option>
            ))}
          </Choice>
        </div>
        <Button
          aria-pressed={hasPosters}
          onClick={() => showPosters(!hasPosters)}
          className="aria-pressed:border-accent aria-pressed:bg-accent-soft"
          icon={hasPosters ? <ImageOff aria-hidden className="size-3.5" /> : <Image aria-hidden className="size-3.5" />}
        >
          Posters
        </Button>
        <span role="status" className="ml-auto text-sm text-muted">
          {plural(titles.length, 'title')}
        </span>
      </div>
      {titles.length === 0 ? (
        <EmptyState
          icon={<Clapperboard aria-hidden />}
          title="No title fits"
          action={
            <Button
              onClick={() => {
                setText('')
                change({ q: undefined, category: undefined, stream: undefined })
              }}
            >
              Show all of them
            </Button>
          }
        >
          None has all that is asked for.
        </EmptyState>
      ) : (
        <Shelf connection={connection} titles={titles} hasPosters={hasPosters} categories={catalog.categories} />
      )}
    </>
  )
}
