// Owns the options of a connection that exists: they are changed, and its login is renewed, in the form that made it.

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Answer } from '../../api/queries.ts'
import { useMay } from '../../api/scopes.ts'
import { Button } from '../../parts/button.tsx'
import { ScopeNeeded } from '../../parts/scope-needed.tsx'
import { ErrorState, Loaded } from '../../parts/states.tsx'
import { Card, Section } from '../../parts/surface.tsx'
import { accountText, checkProblem, isWrong } from '../add/check-words.ts'
import { changedOptions } from '../add/option-values.ts'
import { OptionsForm } from '../add/options-form.tsx'
import { type Connector, connectorQuery } from '../add/queries.ts'
import { useChangeOptions } from './deeds.ts'

type Known = Answer<'getConnectionsId'>

export function Options({ connection }: { readonly connection: Known }) {
  const connector = useQuery(connectorQuery(connection.connector))
  const mayChange = useMay('admin')
  return (
    <Section
      title="Login and options"
      lead="Secrets are sealed and never shown: one that is left empty stays as it is. What is saved is tested at once."
    >
      {mayChange ? (
        <Loaded query={connector}>{(known) => <Editor connection={connection} connector={known} />}</Loaded>
      ) : (
        <ScopeNeeded scope="admin" what="Changing a connection" />
      )}
    </Section>
  )
}

function Editor({ connection, connector }: { readonly connection: Known; readonly connector: Connector }) {
  const { id, options: before } = connection
  const { options } = connector
  const change = useChangeOptions(id)
  /** How often it was saved with a login that is right: what was written is forgotten then, a secret above all. */
  const [saved, setSaved] = useState(0)
  const check = change.isSuccess ? change.data : undefined
  return (
    <Card className="flex max-w-2xl flex-col gap-5 p-5">
      {check !== undefined && isWrong(check) && (
        <div className="flex flex-col gap-2">
          <ErrorState error={checkProblem(check)} />
          <p className="text-sm text-muted">It is saved, and reads nothing until its login is right.</p>
        </div>
      )}
      {check !== undefined && !isWrong(check) && (
        <p role="status" className="rounded-lg bg-good-soft px-4 py-2.5 text-sm text-good">
          {accountText(check)}
        </p>
      )}
      <OptionsForm
        key={saved}
        options={options}
        before={before}
        problem={change.error}
        submit={(written) =>
          change.mutate(changedOptions(options, written, before), {
            onSuccess: (told) => {
              if (!isWrong(told)) setSaved((n) => n + 1)
            },
          })
        }
      >
        <Button look="primary" type="submit" isBusy={change.isPending}>
          Save and test it
        </Button>
      </OptionsForm>
    </Card>
  )
}
