// Owns the stream of a profile's own numbers: what its rows tell of it, else the sums over its posts.

import { stream } from '../../connector/connector.ts'
import { flag, integer, text } from '../../connector/fields.ts'
import { z } from '../../connector/options.ts'
import { type SummaryRequest, summary } from '../../connector/passes.ts'
import { isObject } from '../../model/json.ts'
import { countOf, textOf } from './values.ts'

type Row = Readonly<Record<string, unknown>>

/** What one row of a post tells of the profile. What is absent is not told. */
export interface Profile {
  /** Whose profile it is; a post of several creators may be another one's. */
  readonly username?: unknown
  readonly id?: unknown
  readonly name?: unknown
  readonly verified?: unknown
  readonly followers?: unknown
  readonly following?: unknown
  readonly likes?: unknown
  readonly videos?: unknown
}

const account = z.object({
  username: z.string(),
  profile_url: z.string(),
  id: text(),
  name: text(),
  verified: flag(),
  followers: integer(),
  following: integer(),
  likes: integer(),
  comments: integer(),
  videos: integer(),
  views: integer(),
})

interface Source {
  /** The stream of its posts. */
  readonly of: string
  readonly profileUrl: (username: string) => string
  readonly profileOf: (row: Row) => Profile
  /** Which columns of the posts are summed up where the profile does not tell a number itself. */
  readonly sums: { readonly views: string; readonly likes: string; readonly comments: string }
}

const FIELDS = ['id', 'name', 'verified', 'followers', 'following', 'likes', 'videos'] as const

/** What the newest of the rows that tell it tells, each by itself: not every row of a profile tells all of it. */
function newestTold(rows: readonly Profile[]): Profile {
  const told = FIELDS.map((field) => [field, rows.map((row) => row[field]).find(isTold)] as const)
  return Object.fromEntries(told.filter(([, value]) => value !== undefined))
}

function isTold(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

export function accountStream({ of, profileUrl, profileOf, sums }: Source) {
  return stream({
    title: 'The profile itself: followers, and what its posts have brought together',
    schema: account,
    key: (row) => row.username,
    metrics: ['followers', 'likes', 'comments', 'videos', 'views'],
    passes: [
      summary({
        of,
        sums: Object.values(sums),
        make({ options, rows, totals, count }: SummaryRequest<{ readonly username: string }>) {
          const username = options.username.toLowerCase()
          const own = newestTold(
            rows
              .filter(isObject)
              .map(profileOf)
              .filter((one) => typeof one.username !== 'string' || one.username.toLowerCase() === username),
          )
          const told = (value: unknown, otherwise: number | null) => countOf(value) ?? otherwise
          return {
            username,
            profile_url: profileUrl(username),
            id: textOf(own.id),
            name: own.name,
            verified: own.verified,
            followers: countOf(own.followers),
            following: countOf(own.following),
            likes: told(own.likes, totals[sums.likes] ?? null),
            comments: totals[sums.comments] ?? null,
            videos: told(own.videos, count),
            views: totals[sums.views] ?? null,
          }
        },
      }),
    ],
  })
}
