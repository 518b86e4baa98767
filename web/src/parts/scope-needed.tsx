// Owns what stands in place of something that the session may not do.

import { Lock } from 'lucide-react'
import type { Scope } from '../api/scopes.ts'
import { Code } from './surface.tsx'

export function ScopeNeeded({ scope, what }: { readonly scope: Scope; readonly what: string }) {
  return (
    <div className="flex items-start gap-3 rounded-lg border border-line bg-raised px-4 py-3 text-sm">
      <Lock aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
      <p>
        {what} needs the scope <Code>{scope}</Code>, which this session does not have. Log in with a token that has it:{' '}
        <Code>{`tidemark token create --scopes ${scope}`}</Code>
      </p>
    </div>
  )
}
