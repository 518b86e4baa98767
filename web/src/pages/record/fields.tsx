// Owns the fields of a record: each value, and where it comes from: the run, the page and the rule that wrote it, or of a blend its
// source. A person sets values of a blend here.

import { Link } from '@tanstack/react-router'
import { Pencil, Undo2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button, IconButton } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, textIn } from '../../parts/field.tsx'
import { Card } from '../../parts/surface.tsx'
import { countText, Time } from '../../parts/values.tsx'
import { type Explanation, type OneRecord, useSetValue, type Version } from './queries.ts'
import { Value } from './value.tsx'

interface FieldsProps {
  readonly place: OneRecord
  readonly record: Readonly<Record<string, unknown>>
  readonly why: Explanation
  readonly isBlend: boolean
}

export function Fields({ place, record, why, isBlend }: FieldsProps) {
  const [edited, edit] = useState<string>()
  const set = useSetValue(place)
  const names = Object.keys(record).filter((name) => !name.startsWith('_'))
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const text = textIn(event.currentTarget, 'value')
    const before = edited === undefined ? undefined : record[edited]
    const value =
      typeof before === 'number' && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
    if (edited !== undefined) set.mutate({ field: edited, value }, { onSuccess: () => edit(undefined) })
  }
  return (
    <>
      {(why.notes ?? []).map((note) => (
        <p key={note} className="rounded-lg border border-warn/40 bg-warn-soft px-4 py-2 text-sm">
          {note}
        </p>
      ))}
      <Card>
        <dl className="divide-y divide-line">
          {names.map((name) => (
            <div
              key={name}
              className="grid items-baseline gap-x-4 gap-y-0.5 px-4 py-2 text-sm md:grid-cols-[12rem_minmax(0,1fr)_16rem]"
            >
              <dt className="truncate text-muted" title={name}>
                {name}
              </dt>
              <dd className="min-w-0 break-words">
                <Value value={record[name]} />
              </dd>
              <dd className="flex items-baseline justify-between gap-2 text-xs text-muted">
                <Origin name={name} place={place} why={why} />
                {isBlend && (
                  <span className="-my-1 flex">
                    <IconButton
                      label={`Set ${name} by hand`}
                      size="small"
                      className="!w-7"
                      onClick={() => edit(name)}
                      icon={<Pencil aria-hidden className="size-3.5" />}
                    />
                    {why.blended?.[name]?.rule === 'manual' && (
                      <IconButton
                        label={`Take back ${name}`}
                        size="small"
                        className="!w-7"
                        onClick={() => set.mutate({ field: name, value: null })}
                        icon={<Undo2 aria-hidden className="size-3.5" />}
                      />
                    )}
                  </span>
                )}
              </dd>
            </div>
          ))}
        </dl>
      </Card>
      {edited !== undefined && (
        <Dialog title={`Set ${edited} by hand`} close={() => edit(undefined)}>
          <form onSubmit={submit} className="flex flex-col gap-4">
            <Field
              label={edited}
              name="value"
              autoFocus
              autoComplete="off"
              defaultValue={plain(record[edited])}
              help="It stands above every rule until you take it back."
            />
            <Button type="submit" look="primary" isBusy={set.isPending}>
              Set
            </Button>
          </form>
        </Dialog>
      )}
    </>
  )
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Where a value comes from. */
function Origin({ name, place, why }: { readonly name: string; readonly place: OneRecord; readonly why: Explanation }) {
  const blended = why.blended?.[name]
  if (blended) {
    return (
      <span className="min-w-0">
        <span className="text-text">{blended.rule === 'manual' ? 'set by hand' : blended.rule}</span>
        {blended.source !== null && ` of ${blended.source}${blended.column === null ? '' : `.${blended.column}`}`},{' '}
        <Time at={blended.at} />
      </span>
    )
  }
  const version = why.versions.findLast(({ changes }) => changes.some(({ field }) => field === name))
  return version ? <MadeBy version={version} place={place} /> : <span>not told by the source</span>
}

/** `first seen 2 min. ago · run, page 3` */
export function MadeBy({
  version: { at, page, rule, run, source },
  place,
}: {
  readonly version: Version
  readonly place?: OneRecord
}) {
  return (
    <span className="min-w-0" title={rule.says}>
      {rule.name.replaceAll('_', ' ')} <Time at={at} />
      {run !== null && (
        <>
          {' · '}
          <Link
            to="/runs"
            search={{ run, ...(place ? { connection: place.id } : {}) }}
            className="text-accent underline underline-offset-2"
          >
            {source?.mode === 'upload' ? 'upload' : 'run'}
          </Link>
        </>
      )}
      {page !== null && `, page ${countText(page)}`}
    </span>
  )
}
