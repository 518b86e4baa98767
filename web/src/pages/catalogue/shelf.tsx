// Owns titles as a shelf of any length: cards in as many columns as fit, of which only those in sight are drawn, and a scrubber that
// tells the title where it stands.

import { Link } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { Scrubber } from '../../parts/grid/scrubber.tsx'
import { useSight } from '../../parts/grid/window.ts'
import type { Title } from './read-catalog.ts'

const GAP_PX = 12
/** What stands below a poster. */
const WORDS_PX = 46
const CARD_MIN_PX = { wide: 148, narrow: 104 }
/** From here on a window is wide. */
const WIDE_PX = 640

interface ShelfProps {
  readonly connection: string
  readonly titles: readonly Title[]
  readonly hasPosters: boolean
  readonly categories: ReadonlyMap<string, string>
}

export function Shelf({ connection, titles, hasPosters, categories }: ShelfProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [active, setActive] = useState<number>()
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    if (scroller.current) watch.observe(scroller.current)
    return () => watch.disconnect()
  }, [])
  const least = width < WIDE_PX ? CARD_MIN_PX.narrow : CARD_MIN_PX.wide
  const across = Math.max(2, Math.floor((width + GAP_PX) / (least + GAP_PX)))
  const card = Math.max(1, Math.floor((width - GAP_PX * (across - 1)) / across))
  const poster = hasPosters ? Math.round(card * 1.5) : 64
  const rowHeight = poster + WORDS_PX + GAP_PX
  const total = Math.ceil(titles.length / across)
  const { sight, goTo, reveal } = useSight(scroller, { total, rowHeight })
  useEffect(() => setActive(undefined), [titles])
  const shown = titles.slice(sight.from * across, sight.to * across)
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== scroller.current) return
    const at = active ?? Math.floor(sight.top) * across - 1
    const to: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      j: at + 1,
      ArrowLeft: at - 1,
      k: at - 1,
      ArrowDown: active === undefined ? at + 1 : at + across,
      ArrowUp: at - across,
      Home: 0,
      End: titles.length - 1,
    }
    const next = to[event.key]
    if (next !== undefined) {
      const bounded = Math.min(titles.length - 1, Math.max(0, next))
      setActive(bounded)
      reveal(Math.floor(bounded / across))
    } else if ((event.key === 'o' || event.key === 'Enter') && active !== undefined) {
      scroller.current?.querySelector<HTMLElement>(`[data-title="${active}"]`)?.click()
    } else return
    event.preventDefault()
    event.nativeEvent.stopImmediatePropagation()
  }
  return (
    <div className="relative flex min-h-0 flex-1">
      <div
        ref={scroller}
        data-grid
        role="listbox"
        aria-label="Titles"
        tabIndex={0}
        onKeyDown={press}
        aria-activedescendant={active === undefined ? undefined : `title-${active}`}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain rounded-lg"
      >
        <div role="presentation" className="relative w-full" style={{ height: sight.area }}>
          {width > 0 &&
            shown.map((title, n) => {
              const i = sight.from * across + n
              return (
                <Link
                  key={`${title.stream} ${title.key}`}
                  id={`title-${i}`}
                  role="option"
                  aria-selected={i === active}
                  aria-posinset={i + 1}
                  aria-setsize={titles.length}
                  data-title={i}
                  tabIndex={-1}
                  to="/connections/$id/streams/$stream/records/$key"
                  params={{ id: connection, stream: title.stream, key: title.key }}
                  className={`group absolute top-0 left-0 overflow-hidden rounded-lg border bg-surface shadow-card hover:border-strong ${i === active ? 'border-accent' : 'border-line'}`}
                  style={{
                    width: card,
                    height: poster + WORDS_PX,
                    transform: `translate(${(i % across) * (card + GAP_PX)}px, ${sight.placeOf(Math.floor(i / across))}px)`,
                  }}
                >
                  <Poster connection={connection} title={title} height={poster} isAsked={hasPosters} />
                  <span className="block truncate px-2 pt-1.5 text-xs font-medium group-hover:text-accent">
                    {title.title}
                  </span>
                  <span className="block truncate px-2 text-2xs text-muted">
                    {[title.year, categories.get(title.category)].filter(Boolean).join(' · ')}
                  </span>
                </Link>
              )
            })}
        </div>
      </div>
      <Scrubber
        total={total}
        top={sight.top}
        goTo={goTo}
        label="titles"
        nameOf={(row) => titles[row * across]?.title.slice(0, 24)}
      />
    </div>
  )
}

/** The poster, when it is asked for; until then, and without one, the first letters of the title. */
function Poster({
  connection,
  title,
  height,
  isAsked,
}: {
  readonly connection: string
  readonly title: Title
  readonly height: number
  readonly isAsked: boolean
}) {
  const [isGone, setGone] = useState(false)
  const query = new URLSearchParams({ stream: title.stream, key: title.key })
  return (
    <span
      className="relative grid place-items-center overflow-hidden bg-raised text-lg font-semibold text-muted"
      style={{ height }}
    >
      <span aria-hidden>{initials(title.title)}</span>
      {title.rating !== null && (
        <span className="absolute top-1.5 right-1.5 z-10 rounded bg-surface/90 px-1 text-2xs font-medium">
          ★ {title.rating}
        </span>
      )}
      {isAsked && title.hasPicture && !isGone && (
        <img
          alt=""
          loading="lazy"
          decoding="async"
          src={`/api/connections/${encodeURIComponent(connection)}/image?${query}`}
          onError={() => setGone(true)}
          className="absolute inset-0 size-full object-cover"
        />
      )}
    </span>
  )
}

function initials(title: string): string {
  return title
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, 2)
    .map((word) => (/^./u.exec(word)?.[0] ?? '').toLocaleUpperCase())
    .join('')
}
