// Owns the search: over the records of every stream that declares its text, by words and by meaning, as they are typed.

import { useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi } from '@tanstack/react-router'
import { Search, SearchX } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { statusQuery } from '../../api/queries.ts'
import { hasWord, searchQuery } from '../../api/search.ts'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { EmptyState, ErrorState, SkeletonRows } from '../../parts/states.tsx'
import { Page } from '../../parts/surface.tsx'
import { Toggles } from '../../parts/toggles.tsx'
import { countText, plural } from '../../parts/values.tsx'
import { AddDoor } from '../add/door.tsx'
import { Results } from './results.tsx'
import { SHOWN, SINCES } from './route.ts'

export const page = createLazyRoute('/search')({ component: SearchPage })

const route = getRouteApi('/search')

/** Between the last key and the question, in milliseconds. */
const TYPED_FOR_MS = 25

function SearchPage() {
  const { q = '', connection, since, show, by, all } = route.useSearch()
  const navigate = route.useNavigate()
  const change = (search: object) => void navigate({ search: (before) => ({ ...before, ...search }), replace: true })
  const list = useRef<HTMLDivElement>(null)
  const found = useQuery(
    searchQuery({
      q,
      connection,
      since,
      removed: show === 'removed',
      semantic: by === 'meaning',
      limit: all ? SHOWN.most : SHOWN.first,
    }),
  )
  const { data } = found
  const isAsked = hasWord(q)
  const step = (event: KeyboardEvent) => {
    const openers = [...(list.current?.querySelectorAll<HTMLElement>('[data-open]') ?? [])]
    if (event.key === 'Enter') openers[0]?.click()
    if (event.key !== 'ArrowDown') return
    event.preventDefault()
    openers[0]?.focus()
  }
  return (
    <Page title="Search" tab={q === '' ? 'Search' : `${q} · Search`}>
      <div className="sticky top-0 z-10 -mx-1 flex flex-col gap-3 bg-bg px-1 pt-1 pb-3">
        <Typed value={q} typed={(text) => change({ q: text || undefined, all: undefined })} onKey={step} />
        <Filters change={change} />
      </div>
      {!isAsked ? (
        <Hint />
      ) : found.error && !data ? (
        <ErrorState error={found.error} again={() => void found.refetch()} />
      ) : data === undefined ? (
        <SkeletonRows rows={8} />
      ) : (
        <div ref={list} aria-busy={found.isPlaceholderData} className="flex flex-col gap-3">
          <p role="status" className="text-sm text-muted">
            {toldOf(data.results.length, all ? SHOWN.most : SHOWN.first)}
            {data.waiting > 0 && ` · ${countText(data.waiting)} changes are not indexed yet`}
          </p>
          {data.notice !== null && (
            <p className="rounded-lg border border-warn/40 bg-warn-soft px-4 py-2.5 text-sm">{data.notice}</p>
          )}
          {data.results.length === 0 ? (
            <EmptyState icon={<SearchX aria-hidden />} title={`Nothing is called “${q}”`}>
              {by === 'meaning'
                ? 'No record has these words, and none is near them in meaning.'
                : 'Every word has to be in a record. Look by meaning to find other words for the same.'}
            </EmptyState>
          ) : (
            <Results results={data.results} sought={q} isByMeaning={by === 'meaning'} />
          )}
          {!all && data.results.length >= SHOWN.first && (
            <div className="flex justify-center">
              <Button isBusy={found.isPlaceholderData} onClick={() => change({ all: true })}>
                Show more
              </Button>
            </div>
          )}
        </div>
      )}
    </Page>
  )
}

function toldOf(n: number, most: number): string {
  if (n === 0) return 'No record'
  return n < most ? plural(n, 'record') : `The best ${countText(n)} records`
}

interface TypedProps {
  readonly value: string
  readonly typed: (text: string) => void
  readonly onKey: (event: KeyboardEvent) => void
}

/** What is typed shows at once, and is asked when the keys rest. */
function Typed({ value, typed, onKey }: TypedProps) {
  const [text, setText] = useState(value)
  const told = useRef(value)
  const latest = useRef(typed)
  latest.current = typed
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setText(value)
  }, [value])
  useEffect(() => {
    if (text === told.current) return undefined
    const timer = setTimeout(() => {
      told.current = text
      latest.current(text)
    }, TYPED_FOR_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <div className="relative">
      <Search aria-hidden className="pointer-events-none absolute top-3 left-3.5 size-4 text-muted" />
      <input
        ref={input}
        type="search"
        aria-label="Search"
        placeholder="Find a record in everything that is mirrored…"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKey}
        className="h-10 w-full rounded-lg border border-line bg-surface pr-3 pl-10 text-base shadow-card placeholder:text-muted hover:border-strong focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0"
      />
    </div>
  )
}

function Filters({ change }: { readonly change: (search: object) => void }) {
  const { connection, since, show, by } = route.useSearch()
  const { data } = useQuery(statusQuery)
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Toggles
        label="By"
        options={BY}
        chosen={by ?? 'words'}
        choose={(one) => change({ by: one === 'words' ? undefined : one })}
      />
      <Toggles
        label="Which"
        options={WHICH}
        chosen={show ?? 'live'}
        choose={(one) => change({ show: one === 'live' ? undefined : one })}
      />
      <div className="w-40">
        <Choice
          label="Connection"
          isBare
          value={connection ?? ''}
          onChange={({ target }) => change({ connection: target.value || undefined })}
        >
          <option value="">All connections</option>
          {data?.connections.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </Choice>
      </div>
      <div className="w-52">
        <Choice
          label="Changed"
          isBare
          value={since ?? ''}
          onChange={({ target }) => change({ since: target.value || undefined })}
        >
          <option value="">Changed at any time</option>
          {Object.entries(SINCES).map(([id, name]) => (
            <option key={id} value={id}>{`Changed within ${name}`}</option>
          ))}
        </Choice>
      </div>
    </div>
  )
}

const BY = [
  { id: 'words', label: 'Words' },
  { id: 'meaning', label: 'Words and meaning' },
] as const

const WHICH = [
  { id: 'live', label: 'Live' },
  { id: 'removed', label: 'Removed' },
] as const

function Hint() {
  const { data } = useQuery(statusQuery)
  if (data?.connections.length === 0) {
    return (
      <EmptyState icon={<Search aria-hidden />} title="Nothing is mirrored yet" action={<AddDoor />}>
        As soon as a service is read, all of its records are found here by their words.
      </EmptyState>
    )
  }
  return (
    <EmptyState icon={<Search aria-hidden />} title="Type to search">
      Several words mean all of them, and each may be the beginning of a word. Case and accents do not matter. The arrow
      keys walk through the results, Enter opens one.
    </EmptyState>
  )
}
