// Owns the field in which a statement is written: with numbers of its lines, and a key that runs it.

import { type KeyboardEvent, type RefObject, useRef } from 'react'

interface EditorProps {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly text: string
  readonly write: (text: string) => void
  readonly run: () => void
}

/** In lines. */
const HEIGHT = { least: 6, most: 18 } as const

export function Editor({ field, text, write, run }: EditorProps) {
  const numbers = useRef<HTMLDivElement>(null)
  const lines = text.split('\n').length
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    run()
  }
  return (
    <div className="flex overflow-hidden rounded-lg border border-line bg-surface font-mono text-sm leading-5 shadow-card focus-within:border-accent">
      <div
        aria-hidden
        className="w-11 shrink-0 overflow-hidden border-r border-line bg-raised/50 text-right text-muted select-none"
      >
        <div ref={numbers} className="px-2.5 py-2.5 whitespace-pre">
          {Array.from({ length: lines }, (_, i) => i + 1).join('\n')}
        </div>
      </div>
      <textarea
        ref={field}
        aria-label="Statement"
        value={text}
        rows={Math.min(HEIGHT.most, Math.max(HEIGHT.least, lines))}
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        placeholder="select * from runs order by started_at desc limit 100"
        onChange={({ target }) => write(target.value)}
        onKeyDown={press}
        onScroll={({ currentTarget }) => {
          if (numbers.current) numbers.current.style.transform = `translateY(${-currentTarget.scrollTop}px)`
        }}
        className="block min-w-0 flex-1 resize-none bg-transparent px-3 py-2.5 leading-5 outline-none placeholder:text-muted"
      />
    </div>
  )
}
