// Owns what is shown of the key that seals the secrets: its name, where it lies, and how it is exchanged. Never the key.

import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../../parts/states.tsx'
import { Card, Code, Facts, Section } from '../../parts/surface.tsx'
import { countText } from '../../parts/values.tsx'
import { keyQuery } from './queries.ts'

export function Key() {
  const key = useQuery(keyQuery)
  return (
    <Section
      title="Key"
      lead="Logins are sealed in the database with it. Without it they can't be opened: keep a copy of it apart from the database."
    >
      <Loaded query={key}>
        {({ key: name, place, wanted, dataKeys }) => (
          <Card className="flex flex-col gap-4 px-4 py-3.5">
            <Facts
              className="grid-cols-1 sm:grid-cols-2 lg:grid-cols-4"
              facts={[
                ['Name', name === null ? 'There is none yet' : <span className="font-mono text-xs">{name}</span>],
                [
                  'Where it is',
                  <span key="place" className="text-sm break-all whitespace-normal">
                    {place}
                  </span>,
                ],
                ['Opens this database', wanted.length === 0 ? 'nothing is sealed yet' : wanted.join(', ')],
                ['Data keys in use', countText(dataKeys)],
              ]}
            />
            <p className="text-sm text-muted">
              It is exchanged in a terminal, where it lies: <Code>tidemark keys rotate</Code>. Whether every secret
              opens: <Code>tidemark doctor</Code>
            </p>
          </Card>
        )}
      </Loaded>
    </Section>
  )
}
