// Owns the choice of another line: a stream, a metric of it, and a record or the total.

import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { SERIES_MAX } from '../../parts/chart/colours.ts'
import { Choice, Input } from '../../parts/field.tsx'
import { countText } from '../../parts/values.tsx'
import { type Line, lineText, type Measured } from './lines.ts'
import { highestQuery } from './queries.ts'

interface AddLineProps {
  readonly streams: readonly Measured[]
  readonly shown: readonly Line[]
  readonly add: (line: Line) => void
}

export function AddLine({ streams, shown, add }: AddLineProps) {
  const last = shown.at(-1)
  const [place, setPlace] = useState(() => placeOf(last ?? streams[0]))
  const [metric, setMetric] = useState(last?.metric ?? '')
  const [key, setKey] = useState('')
  const stream = streams.find((one) => placeOf(one) === place) ?? streams[0]
  if (!stream) return null
  const named = stream.metrics.includes(metric) ? metric : (stream.metrics[0] ?? '')
  const line: Line = {
    connection: stream.connection,
    stream: stream.stream,
    metric: named,
    key: key.trim() === '' ? null : key.trim(),
  }
  const isShown = shown.some((one) => lineText(one) === lineText(line))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isShown || shown.length >= SERIES_MAX) return
    add(line)
    setKey('')
  }
  return (
    <form
      onSubmit={submit}
      className="grid w-full grid-cols-2 items-center gap-2 sm:flex sm:w-auto sm:flex-wrap"
      aria-label="Add a line"
    >
      <div className="sm:w-44">
        <Choice label="Stream" isBare value={place} onChange={({ target }) => setPlace(target.value)}>
          {streams.map((one) => (
            <option key={placeOf(one)} value={placeOf(one)}>
              {`${one.connection} · ${one.stream}`}
            </option>
          ))}
        </Choice>
      </div>
      <div className="sm:w-44">
        <Choice label="Metric" isBare value={named} onChange={({ target }) => setMetric(target.value)}>
          {stream.metrics.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Choice>
      </div>
      <RecordKey stream={stream} metric={named} value={key} choose={setKey} />
      <Button
        type="submit"
        disabled={isShown || shown.length >= SERIES_MAX}
        title={isShown ? 'This line is shown already' : undefined}
        icon={<Plus aria-hidden className="size-3.5" />}
      >
        Add
      </Button>
    </form>
  )
}

interface RecordKeyProps {
  readonly stream: Measured
  readonly metric: string
  readonly value: string
  readonly choose: (key: string) => void
}

/** A record by its key; those in which the metric is highest are offered. */
function RecordKey({ stream: { connection, stream, records }, metric, value, choose }: RecordKeyProps) {
  const list = useId()
  const [isNear, setIsNear] = useState(false)
  const { data } = useQuery({ ...highestQuery({ connection, stream, metric }), enabled: isNear })
  return (
    <div className="sm:w-52">
      <Input
        label="Record"
        placeholder={records === 1 ? 'the only record' : `all ${countText(records)} together`}
        list={list}
        value={value}
        onFocus={() => setIsNear(true)}
        onChange={({ target }) => choose(target.value)}
      />
      <datalist id={list}>
        {data?.records.map((record) => (
          <option key={record._key} value={record._key}>
            {`${metric}: ${String(record[metric])}`}
          </option>
        ))}
      </datalist>
    </div>
  )
}

function placeOf(one: { readonly connection: string; readonly stream: string } | undefined): string {
  return one ? `${one.connection}/${one.stream}` : ''
}
