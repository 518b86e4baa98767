// Owns the page of a record: what it holds and where each value comes from, what it was before, and its source's own text.

import { useQuery } from '@tanstack/react-query'
import { createLazyRoute, getRouteApi } from '@tanstack/react-router'
import { Copy } from 'lucide-react'
import { connectionQuery } from '../../api/queries.ts'
import { Button } from '../../parts/button.tsx'
import { Menu, MenuItem } from '../../parts/menu.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Loaded } from '../../parts/states.tsx'
import { Card, Page } from '../../parts/surface.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { connectionStep, type Step, Trail } from '../../parts/trail.tsx'
import { Time } from '../../parts/values.tsx'
import { COPIES, copyText, tableOf, textOf } from '../records/copies.ts'
import { Fields } from './fields.tsx'
import { History } from './history.tsx'
import { Metrics } from './metrics.tsx'
import { explanationQuery, type OneRecord, recordQuery } from './queries.ts'

export const page = createLazyRoute('/connections/$id/streams/$stream/records/$key')({ component: RecordPage })

const route = getRouteApi('/connections/$id/streams/$stream/records/$key')

type Shown = Readonly<Record<string, unknown>>

function RecordPage() {
  const place = route.useParams()
  const { tab = 'fields' } = route.useSearch()
  const record = useQuery(recordQuery(place))
  const explanation = useQuery(explanationQuery(place))
  const { data: connection } = useQuery(connectionQuery(place.id))
  const title = titleOf(record.data, place.key)
  return (
    <Page
      title={title}
      tab={`${title} · ${place.stream}`}
      above={<Trail steps={[connectionStep(place.id), streamStep(place)]} />}
      lead={record.data && <Lead record={record.data} place={place} />}
      actions={<Copies place={place} record={record.data} connector={connection?.connector ?? ''} />}
    >
      <Tabs
        label="Parts of the record"
        shown={tab}
        tabs={[
          { id: 'fields', label: 'Fields' },
          { id: 'history', label: 'History', count: explanation.data?.versions.length ?? 0 },
          { id: 'metrics', label: 'Metrics' },
          { id: 'raw', label: 'Source text' },
        ]}
      />
      <Loaded query={record}>
        {(known) =>
          tab === 'raw' ? (
            <Raw record={known} />
          ) : tab === 'metrics' ? (
            <Metrics place={place} />
          ) : (
            <Loaded query={explanation}>
              {(why) =>
                tab === 'fields' ? (
                  <Fields place={place} record={known} why={why} isBlend={connection?.connector === 'blend'} />
                ) : (
                  <History why={why} />
                )
              }
            </Loaded>
          )
        }
      </Loaded>
    </Page>
  )
}

const TITLES = ['title', 'full_name', 'name', 'display_name', 'username', 'handle']

/** What a person calls it; its key where no column tells. */
function titleOf(record: Shown | undefined, key: string): string {
  const found = TITLES.map((name) => record?.[name]).find((value) => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found : key
}

function streamStep({ id, stream }: OneRecord): Step {
  return { label: stream, to: { to: '/connections/$id/streams/$stream', params: { id, stream } } }
}

function Lead({ record, place }: { readonly record: Shown; readonly place: OneRecord }) {
  const text = (name: string) => (typeof record[name] === 'string' ? record[name] : null)
  const removed = text('_removed_at')
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {removed === null ? (
        <Pill tone="good">live</Pill>
      ) : (
        <Pill tone="bad">{`removed: ${text('_removed_reason') ?? ''}`}</Pill>
      )}
      <span className="font-mono text-xs break-all select-all">{place.key}</span>
      <span>
        first seen <Time at={text('_first_seen_at')} />
      </span>
      <span>
        changed <Time at={text('_updated_at')} />
      </span>
      {text('_unavailable_since') !== null && (
        <span className="text-warn">
          not returned since <Time at={text('_unavailable_since')} />
        </span>
      )}
    </span>
  )
}

function Copies({
  place,
  record,
  connector,
}: {
  readonly place: OneRecord
  readonly record: Shown | undefined
  readonly connector: string
}) {
  const columns = ['_key', ...Object.keys(record ?? {}).filter((name) => !name.startsWith('_'))]
  const asked = { keys: [place.key], columns, table: tableOf(connector, place) }
  return (
    <Menu button={<Button icon={<Copy aria-hidden className="size-3.5" />}>Copy</Button>}>
      {COPIES.map(([copy, words]) => (
        <MenuItem
          key={copy}
          icon={<Copy aria-hidden />}
          onSelect={() => void copyText(textOf(copy, place, asked), 'Record')}
        >
          {words}
        </MenuItem>
      ))}
    </Menu>
  )
}

/** Of a larger text, so many characters are shown. */
const SHOWN_CHARS = 200_000

function Raw({ record }: { readonly record: Shown }) {
  const raw = typeof record['_raw'] === 'string' ? record['_raw'] : ''
  return (
    <Card className="relative">
      <Button
        size="small"
        className="absolute top-2 right-2"
        onClick={() => void copyText(raw, 'Text')}
        icon={<Copy aria-hidden className="size-3.5" />}
      >
        Copy
      </Button>
      <pre tabIndex={0} aria-label="The text of the source" className="max-h-[70dvh] overflow-auto p-4 text-xs">
        {indented(raw).slice(0, SHOWN_CHARS)}
      </pre>
    </Card>
  )
}

/** JSON over several lines, with every token as its source wrote it; JSON.parse would round long numbers. */
function indented(json: string): string {
  let depth = 0
  const line = () => `\n${'  '.repeat(depth)}`
  return json.replaceAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+|\s+/g, (token) => {
    if (/^\s/.test(token)) return ''
    if (token === '{' || token === '[') {
      depth++
      return token + line()
    }
    if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1)
      return line() + token
    }
    return token === ',' ? token + line() : token === ':' ? ': ' : token
  })
}
