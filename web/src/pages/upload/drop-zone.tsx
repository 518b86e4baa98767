// Owns the place where a file is dropped or chosen: with the mouse, with the keyboard, on a phone.

import { FileUp } from 'lucide-react'
import { type DragEvent, useId, useState } from 'react'

interface DropZoneProps {
  /** What is taken, in words. */
  readonly accepts: string
  readonly take: (file: File) => void
}

export function DropZone({ accepts, take }: DropZoneProps) {
  const id = useId()
  const [isOver, setOver] = useState(false)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file) take(file)
  }
  return (
    <div
      data-drop
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`relative flex flex-col items-center gap-2 rounded-lg border border-dashed px-6 py-14 text-center transition-colors has-[input:focus-visible]:border-accent has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-offset-2 has-[input:focus-visible]:outline-accent ${isOver ? 'border-accent bg-accent-soft' : 'border-strong'}`}
    >
      <FileUp aria-hidden className={`size-7 ${isOver ? 'text-accent' : 'text-muted'}`} />
      <label htmlFor={id} className="font-medium after:absolute after:inset-0">
        Drop a file here, or choose one
      </label>
      <p className="max-w-md text-sm text-muted">{accepts}</p>
      <p className="text-xs text-muted">First you see what it would change; nothing is written before you say so.</p>
      <input
        id={id}
        type="file"
        className="absolute inset-0 cursor-pointer opacity-0"
        onChange={({ target }) => {
          const [file] = target.files ?? []
          if (file) take(file)
          // The same one can be chosen again.
          target.value = ''
        }}
      />
    </div>
  )
}
