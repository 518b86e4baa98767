// Owns the tokens of the project: those in force, making one, which is shown once, and revoking one.

import { useQuery } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { sessionQuery } from '../../api/queries.ts'
import type { Scope } from '../../api/scopes.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Choice, Field } from '../../parts/field.tsx'
import { SwitchField } from '../../parts/inputs.tsx'
import { Pill } from '../../parts/pill.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { EmptyState, ErrorState, Loaded } from '../../parts/states.tsx'
import { Section } from '../../parts/surface.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { Time } from '../../parts/values.tsx'
import { useCreateToken, useRevokeToken } from './actions.ts'
import { type Token, tokensQuery } from './queries.ts'

export function Tokens() {
  const tokens = useQuery(tokensQuery)
  const own = useQuery(sessionQuery).data?.token
  const [isMaking, setMaking] = useState(false)
  const [revoked, setRevoked] = useState<Token>()
  const revoke = useRevokeToken()
  const columns: readonly Column<Token>[] = [
    {
      id: 'note',
      title: 'What it is for',
      cell: ({ note, id }) => (
        <>
          <p className="flex flex-wrap items-center gap-x-2 font-medium">
            {note === '' ? 'no note' : note}
            {id === own && <Pill tone="busy">this browser</Pill>}
          </p>
          <p className="font-mono text-2xs text-muted">{id}</p>
        </>
      ),
    },
    { id: 'scopes', title: 'Scopes', cell: ({ scopes }) => scopes.join(', ') },
    { id: 'created', title: 'Created', cell: ({ createdAt }) => <Time at={createdAt} />, isWide: true },
    { id: 'expires', title: 'Expires', cell: ({ expiresAt }) => <Time at={expiresAt} />, isWide: true },
    {
      id: 'act',
      title: '',
      isNumber: true,
      cell: (token) => (
        <Button
          look="danger"
          size="small"
          aria-label={`Revoke ${token.note || token.id}`}
          onClick={() => setRevoked(token)}
        >
          Revoke
        </Button>
      ),
    },
  ]
  return (
    <Section
      title="Tokens"
      lead="Programs and people call the server with them. Each belongs to this project, and may do what its scopes say."
      actions={
        <Button look="primary" onClick={() => setMaking(true)} icon={<Plus aria-hidden className="size-3.5" />}>
          New token
        </Button>
      }
    >
      <Loaded query={tokens}>
        {({ tokens: all }) =>
          all.length === 0 ? (
            <EmptyState icon={<KeyRound aria-hidden />} title="No token is in force" />
          ) : (
            <Table label="Tokens" columns={columns} rows={all.toReversed()} keyOf={({ id }) => id} />
          )
        }
      </Loaded>
      {isMaking && <NewToken close={() => setMaking(false)} />}
      {revoked && (
        <Confirm
          title={`Revoke ${revoked.note || 'the token'}?`}
          act="Revoke"
          isBusy={revoke.isPending}
          error={revoke.error}
          confirm={() => revoke.mutate(revoked.id, { onSuccess: () => setRevoked(undefined) })}
          close={() => setRevoked(undefined)}
        >
          Whatever uses it, programs and the browsers that logged in with it, is refused from now on. That can't be
          undone.
          {revoked.id === own && ' This browser is logged in with it: it is logged out at once.'}
        </Confirm>
      )}
    </Section>
  )
}

const SCOPES: Readonly<Record<Scope, string>> = {
  read: 'Look at everything of the project, and ask it with SQL.',
  sync: 'Start and cancel runs, upload files.',
  write: 'Change schedules and budgets, and decide on removals.',
  admin: 'Everything: connections, tokens, webhooks, other projects.',
}
const NAMES = Object.keys(SCOPES) as Scope[]

const TERMS = [
  ['30d', 'In 30 days'],
  ['90d', 'In 90 days'],
  ['365d', 'In a year'],
  ['', 'Never'],
] as const

function NewToken({ close }: { readonly close: () => void }) {
  const [note, setNote] = useState('')
  const [scopes, setScopes] = useState<readonly Scope[]>(['read'])
  const [expires, setExpires] = useState('90d')
  const create = useCreateToken()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate({ note, scopes, expires })
  }
  if (create.data) {
    return (
      <Dialog title="The new token" close={close}>
        <ShownOnce label="Token" secret={create.data.token} done={close} />
      </Dialog>
    )
  }
  return (
    <Dialog title="New token" close={close}>
      <form onSubmit={submit} className="flex flex-col gap-5">
        <Field
          label="What it is for"
          isOptional
          value={note}
          onChange={({ target }) => setNote(target.value)}
          placeholder="the cron job"
          autoComplete="off"
        />
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-2 text-sm font-medium">What it may do</legend>
          {NAMES.map((name) => (
            <SwitchField
              key={name}
              label={name}
              help={SCOPES[name]}
              isOn={scopes.includes(name)}
              change={(isOn) => setScopes(isOn ? [...scopes, name] : scopes.filter((one) => one !== name))}
            />
          ))}
        </fieldset>
        <Choice label="Expires" value={expires} onChange={({ target }) => setExpires(target.value)}>
          {TERMS.map(([term, words]) => (
            <option key={term} value={term}>
              {words}
            </option>
          ))}
        </Choice>
        {create.error && <ErrorState error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={create.isPending} disabled={scopes.length === 0}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
