// Owns the tools over HTTP (streamable HTTP of the Model Context Protocol): each POST is answered by itself, so that nothing
// is kept between calls, and a restart forgets nothing.

import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { TidemarkError } from '../../model/errors.ts'
import { mayDo } from '../../operations/tokens.ts'
import { isOwnOrigin } from '../host-check.ts'
import { problemResponse } from '../problem.ts'
import type { Desk } from './call-tool.ts'
import { openTools } from './tool-server.ts'
import { TOOL_SCOPES } from './tools.ts'

/**
 * Answers a call of a caller that is known. `bodyMax` is in bytes.
 *
 * @throws TidemarkError scope_refused, origin_refused
 */
export async function answerTools(
  request: Request,
  desk: Omit<Desk, 'allowing'>,
  { bodyMax }: { readonly bodyMax: number },
): Promise<Response> {
  if (!TOOL_SCOPES.some((scope) => mayDo(desk.caller, scope))) {
    const has = [...desk.caller.scopes].join(', ')
    throw new TidemarkError('scope_refused', `Tools need the scope read or sync, and the token has ${has}.`)
  }
  if (!isOwnOrigin(request.headers)) {
    throw new TidemarkError('origin_refused', 'The call comes from a page of another site.')
  }
  // There is nothing to tell that no call has asked for, and no session to end.
  if (request.method !== 'POST') {
    const answer = problemResponse('method_refused', `There is nothing at ${request.method} /mcp.`)
    answer.headers.set('allow', 'POST')
    return answer
  }
  const transport = new WebStandardStreamableHTTPServerTransport({ maxRequestBodySize: bodyMax })
  const allowing = 'Call with a token that has it: tidemark token create --scopes read,sync'
  await openTools({ ...desk, allowing }, transport)
  return transport.handleRequest(request)
}
