// Owns what a view shows: its columns, as the address or the person's layout has them, and its rows, read anew when a run has changed
// the stream.

import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { inOrder, type Layout } from '../../parts/grid/layout.ts'
import type { Place } from './asked.ts'
import { newsQuery } from './queries.ts'
import type { View } from './route.ts'
import { type Outline, type Shown, Source } from './source.ts'
import { tellingColumns } from './telling.ts'

/** The rows of a view and its columns, read anew when a run has changed the stream. */
export function useView(place: Place, view: View, layout: Layout) {
  const [shown, setShown] = useState<Shown>()
  const [known, setKnown] = useState<Outline>()
  const { data: news } = useQuery(newsQuery(place.id))
  const source = useRef<Source>(undefined)
  const stream = `${place.id}/${place.stream}`
  // Names of columns are those of the stream, whatever is asked of it.
  const names = (known?.columns ?? []).map(({ name }) => name)
  const all = inOrder(names, layout)
  const telling = tellingColumns(known?.columns ?? [], known?.metrics ?? [])
  const hidden = view.columns
    ? all.filter((name) => !view.columns?.includes(name))
    : (layout.hidden ?? all.filter((name) => !telling.includes(name)))
  const columns = (view.columns ?? all).filter((name) => names.includes(name) && !hidden.includes(name))
  const { q, where, order, asOf, removed } = view
  const which = JSON.stringify([stream, q, where, order, asOf, removed])
  const wanted = known === undefined ? undefined : columns.toSorted().join(',')
  useEffect(() => {
    if (wanted === undefined) return undefined
    const opened = new Source(place, { view, columns, known }, setShown)
    source.current = opened
    return () => opened.end()
    // The place, the view and the columns are these texts.
  }, [which, wanted])
  useEffect(() => {
    let isOver = false
    setKnown(undefined)
    setShown(undefined)
    // What the columns are called is known before the first rows are asked for.
    const asked = new Source(
      place,
      { view: { where: ['_key='] }, columns: [], known: undefined },
      ({ outline, error, rows }) => {
        if (isOver) return
        if (outline) {
          setKnown(outline)
          asked.end()
        } else if (error) setShown({ outline, rows, error, isCounting: false, shift: 0 })
      },
    )
    return () => {
      isOver = true
      asked.end()
    }
  }, [stream])
  const heard = useRef(news)
  useEffect(() => {
    // The first number is no news: what it stands for is being read.
    if (heard.current !== undefined && heard.current !== news) void source.current?.renew()
    heard.current = news
  }, [news])
  return { shown, columns, all, hidden }
}
