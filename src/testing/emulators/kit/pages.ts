// Owns the hooks that change a world while a client pages through it.

import type { PageHooks } from './emulator.ts'

/** The hooks, and the call that counts a page and runs what is due. */
export interface PageCount {
  readonly pages: PageHooks
  served(): void
}

export function pageHooks(): PageCount {
  let count = 0
  let once: { readonly at: number; readonly action: () => void }[] = []
  const always = new Set<(page: number) => void>()
  return {
    served: () => {
      count++
      const due = once.filter((hook) => hook.at <= count)
      if (due.length > 0) once = once.filter((hook) => hook.at > count)
      for (const hook of due) hook.action()
      for (const action of always) action(count)
    },
    pages: {
      get served() {
        return count
      },
      after: (pages, action) => void once.push({ at: count + pages, action }),
      every: (action) => {
        always.add(action)
        return () => void always.delete(action)
      },
    },
  }
}
