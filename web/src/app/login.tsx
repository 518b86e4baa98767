// Owns the login: by the link that the server printed, or by a token.

import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { logIn, Problem, type Session } from '../api/client.ts'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Code } from '../parts/surface.tsx'
import { Mark } from './mark.tsx'

/** Why the link of the address did not log in; undefined: there was none, or it did. */
let linkProblem: Problem | undefined

/**
 * Logs in with the link's code in the address, if it has one, and takes it out of the address at once.
 * Undefined: no session has begun by it.
 */
export async function followLink(): Promise<Session | undefined> {
  const code = /^#login=(\S+)$/.exec(location.hash)?.[1]
  if (code === undefined) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  try {
    return await logIn(code)
  } catch (error) {
    if (error instanceof Problem) linkProblem = error
    return undefined
  }
}

export function Login() {
  const client = useQueryClient()
  const [token, setToken] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      client.setQueryData(['session'], await logIn(token.trim()))
    } catch (error) {
      setProblem(error as Problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 px-5 py-10">
      <div className="flex items-center gap-2.5">
        <Mark className="size-8" />
        <h1 className="text-xl font-semibold tracking-tight">Tidemark</h1>
      </div>
      <div className="text-sm text-muted">
        <p>
          Open the link that <Code>tidemark serve</Code> printed when it started. It logs this browser in.
        </p>
        {linkProblem && (
          <p role="alert" className="mt-2 text-bad">
            The link is not in force any more: the server was started anew. Take the one that it printed last.
          </p>
        )}
      </div>
      <form
        onSubmit={(event) => void submit(event)}
        className="flex flex-col gap-4 rounded-lg border border-line bg-surface p-5 shadow-card"
      >
        <Field
          label="Or log in with a token"
          type="password"
          name="token"
          autoComplete="current-password"
          placeholder="tidemark_…"
          required
          value={token}
          onChange={({ target }) => setToken(target.value)}
          error={problem && `${problem.message} ${problem.hint ?? ''}`}
          help={
            <>
              Make one in a terminal:
              <span className="mt-1 block">
                <Code>tidemark token create --scopes read,sync</Code>
              </span>
            </>
          }
        />
        <Button look="primary" type="submit" isBusy={isBusy}>
          Log in
        </Button>
      </form>
    </main>
  )
}
