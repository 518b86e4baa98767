// Owns the projects of the database: connections, budgets and tokens belong to one each.

import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { sessionQuery } from '../../api/queries.ts'
import { useMay } from '../../api/scopes.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Choice, Field } from '../../parts/field.tsx'
import { ErrorState, Loaded } from '../../parts/states.tsx'
import { Code, Section } from '../../parts/surface.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { Count, Time } from '../../parts/values.tsx'
import { useCreateProject } from './actions.ts'
import { type Project, projectsQuery } from './queries.ts'

export function Projects() {
  const projects = useQuery(projectsQuery)
  const { data: session } = useQuery(sessionQuery)
  const mayMake = useMay('admin')
  const [isMaking, setMaking] = useState(false)
  const columns: readonly Column<Project>[] = [
    {
      id: 'id',
      title: 'Project',
      cell: ({ id }) => (
        <span className="font-medium">
          {id}
          {id === session?.project && <span className="ml-2 text-xs font-normal text-muted">this session</span>}
        </span>
      ),
    },
    { id: 'connections', title: 'Connections', cell: ({ connections }) => <Count n={connections} />, isNumber: true },
    { id: 'timezone', title: 'Time zone', cell: ({ timezone }) => timezone },
    { id: 'created', title: 'Created', cell: ({ createdAt }) => <Time at={createdAt} />, isWide: true },
  ]
  return (
    <Section
      title="Projects"
      lead="Connections, budgets, tokens and the change feed belong to a project; its days begin at midnight in its time zone."
      actions={
        mayMake && (
          <Button look="primary" onClick={() => setMaking(true)} icon={<Plus aria-hidden className="size-3.5" />}>
            New project
          </Button>
        )
      }
    >
      <Loaded query={projects}>
        {({ projects: all }) => <Table label="Projects" columns={columns} rows={all} keyOf={({ id }) => id} />}
      </Loaded>
      <p className="text-xs text-muted">
        A session is of one project. For another one, log in with a token of it:{' '}
        <Code>tidemark token create --project lab --scopes read,sync</Code>
      </p>
      {isMaking && <NewProject close={() => setMaking(false)} />}
    </Section>
  )
}

function NewProject({ close }: { readonly close: () => void }) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  const [id, setId] = useState('')
  const [timezone, setTimezone] = useState(own)
  const create = useCreateProject()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate({ id: id.trim(), timezone }, { onSuccess: close })
  }
  return (
    <Dialog title="New project" close={close}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-5">
        <Field
          label="Name"
          value={id}
          onChange={({ target }) => setId(target.value)}
          placeholder="lab"
          help="Letters, digits, dots, dashes and underscores."
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <Choice
          label="Time zone, which stays as it is"
          value={timezone}
          onChange={({ target }) => setTimezone(target.value)}
        >
          {[...new Set([own, 'UTC', ...Intl.supportedValuesOf('timeZone')])].map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </Choice>
        {create.error && <ErrorState error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={create.isPending}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
