// Owns the way to a record: its own page, by the names that the API has for it.

import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

export interface Place {
  readonly connection: string
  readonly stream: string
  readonly key: string
}

/** The address of a record, for a link and for whoever goes there. */
export function addressOf({ connection, stream, key }: Place) {
  return { to: '/connections/$id/streams/$stream/records/$key', params: { id: connection, stream, key } } as const
}

/** What is found or told of a record leads to it; the keys j, k and o find it in a list. */
export function RecordLink({
  place: { connection, stream, key },
  children,
  className = '',
}: {
  readonly place: Place
  readonly children: ReactNode
  readonly className?: string
}) {
  return (
    <Link {...addressOf({ connection, stream, key })} data-open className={className}>
      {children}
    </Link>
  )
}
