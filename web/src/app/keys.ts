// Owns the keys that hold on every page. Where something is being written, only the palette's key does.

import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { PLACES } from './places.ts'

interface Doors {
  readonly palette: () => void
  readonly help: () => void
}

/** What stands in lists: rows of a table, cards. Each has one thing that opens it. */
const OPENERS = '[data-open]'
/** Those that show more in their place. */
const UNFOLDERS = '[aria-expanded], summary'
/** So long after g, a second key goes to a page, in milliseconds. */
const SECOND_WITHIN_MS = 1_200

export function useKeys(doors: Doors): void {
  const navigate = useNavigate()
  const latest = useRef(doors)
  latest.current = doors
  useEffect(() => {
    let wentAt = 0
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        return latest.current.palette()
      }
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
      if (isWriting(event.target)) {
        // Whoever has written is let go, unless the key was for what is open there.
        if (event.key === 'Escape' && !event.defaultPrevented) (event.target as HTMLElement).blur()
        return
      }
      const place = Date.now() - wentAt < SECOND_WITHIN_MS ? PLACES.find(({ key }) => key === event.key) : undefined
      wentAt = event.key === 'g' ? Date.now() : 0
      if (place) void navigate({ to: place.path })
      else if (event.key === '?') latest.current.help()
      else if (event.key === '/') focusFilter(event)
      else if (event.key === 'j' || event.key === 'k') step(event.key)
      else if (event.key === 'o') focused()?.click()
      else if (event.key === 'e' && focused()?.matches(UNFOLDERS)) focused()?.click()
      else if (event.key === 'Escape') (document.activeElement as HTMLElement | null)?.blur()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [navigate])
}

/** Inputs that take no letters: a box that is ticked, a button. */
const WORDLESS = /^(?:checkbox|radio|button|submit|reset|file|range|color)$/

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !WORDLESS.test(target.type)
  return target.isContentEditable || /^(?:TEXTAREA|SELECT)$/.test(target.tagName)
}

/** What opens the one of a list that has the focus. */
function focused(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>(OPENERS) ?? null
}

/** To the next one of a list, or the one before. */
function step(key: 'j' | 'k'): void {
  // A grid draws only what is in sight: it goes from row to row by itself, and takes this key, too.
  const grid = document.querySelector<HTMLElement>('main [data-grid]')
  if (grid) {
    const isThere = document.activeElement === grid
    grid.focus()
    if (!isThere) grid.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    return
  }
  const by = key === 'j' ? 1 : -1
  const all = [...document.querySelectorAll<HTMLElement>(`main ${OPENERS}`)]
  // From a box or a button beside it, too.
  const beside = document.activeElement?.closest('main li, main tr')
  const at = all.findIndex((one) => one === document.activeElement || beside?.contains(one))
  const next = at < 0 ? all.at(by > 0 ? 0 : -1) : (all[at + by] ?? all[at])
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

function focusFilter(event: KeyboardEvent): void {
  const filter = document.querySelector<HTMLInputElement>('main input[type=search]')
  if (!filter) return
  event.preventDefault()
  filter.focus()
  filter.select()
}
