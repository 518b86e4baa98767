// Owns the pages for addresses that are none, and for what fails while it is shown.

import { Link } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { buttonLook } from '../parts/button.tsx'
import { EmptyState, ErrorState } from '../parts/states.tsx'
import { Page } from '../parts/surface.tsx'

export function MissingPage() {
  return (
    <Page title="Not found">
      <EmptyState
        icon={<Compass aria-hidden />}
        title="There is no page at this address"
        action={
          <Link to="/" className={buttonLook('primary')}>
            Go to the overview
          </Link>
        }
      >
        What it showed may be gone, or the address may be misspelled.
      </EmptyState>
    </Page>
  )
}

export function ErrorPage({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return (
    <Page title="Something went wrong">
      <ErrorState error={error} again={reset} />
    </Page>
  )
}
