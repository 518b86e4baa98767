// Owns a secret that is shown once: to be copied now, and never told again.

import { Check, Copy } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Button } from './button.tsx'

interface ShownOnceProps {
  readonly label: string
  readonly secret: string
  readonly done: () => void
  readonly children?: ReactNode
}

export function ShownOnce({ label, secret, done, children }: ShownOnceProps) {
  const [isCopied, setCopied] = useState(false)
  const copy = () =>
    // A browser that does not let pages write lets people select.
    navigator.clipboard?.writeText(secret).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm">It is shown this once: copy it now.</p>
      <div className="flex items-start gap-2 rounded-lg border border-line bg-raised p-3">
        <code aria-label={label} className="min-w-0 flex-1 text-sm break-all select-all">
          {secret}
        </code>
        <Button
          size="small"
          onClick={() => void copy()}
          icon={
            isCopied ? <Check aria-hidden className="size-3.5 text-good" /> : <Copy aria-hidden className="size-3.5" />
          }
        >
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      {children !== undefined && <p className="text-sm text-muted">{children}</p>}
      <div className="flex justify-end">
        <Button look="primary" onClick={done}>
          Done
        </Button>
      </div>
    </div>
  )
}
