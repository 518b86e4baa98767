// Owns the connector of services that make vectors of texts as OpenAI's API does: OpenAI itself, Ollama, Text Embeddings
// Inference, llama.cpp and others. It reads nothing: search by meaning uses it in place of the embedder that is built in.
//
// Facts (platform.openai.com/docs/api-reference/embeddings): `POST {base}/embeddings` takes `model` and a list of texts as
// `input`, 2,048 at most, and answers `data`, whose items have an `index` and an `embedding`, in any order. `dimensions` asks
// for shorter vectors, where a model can. Ollama answers the same at /v1, Text Embeddings Inference too. A text that is longer
// than the model reads is refused by most: OpenAI with 400, Text Embeddings Inference with 413, llama.cpp with 500 and "input
// is too large to process".

import { defineConnector, type Failure, type RawAnswer } from '../connector/connector.ts'
import { secret, z } from '../connector/options.ts'
import type { Http } from '../connector/page.ts'
import { rows } from '../connector/page.ts'
import { TidemarkError } from '../model/errors.ts'
import { isObject } from '../model/json.ts'

/** Texts of one request: small services take no more at once. */
const BATCH = 32

const options = z.object({
  model: z.string().min(1).meta({
    example: 'nomic-embed-text',
    description: 'the name of the model, such as text-embedding-3-small or nomic-embed-text',
  }),
  key: secret('API key').meta({ label: 'API key' }).optional(),
  dimensions: z.coerce
    .number()
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe('asks for shorter vectors, where the model can'),
})

type Options = z.output<typeof options>

async function embed({
  http,
  options: { model, dimensions },
  texts,
}: Request): Promise<readonly (readonly number[])[]> {
  const json = { model, input: texts, encoding_format: 'float', ...(dimensions === undefined ? {} : { dimensions }) }
  const { body } = await http.post('/embeddings', { json })
  const vectors: (readonly number[])[] = texts.map(() => [])
  for (const [place, item] of rows(isObject(body) ? body['data'] : undefined, 'data').entries()) {
    if (!isObject(item)) continue
    const index = typeof item['index'] === 'number' ? item['index'] : place
    if (index in vectors) vectors[index] = rows(item['embedding'], 'numbers (embedding)') as readonly number[]
  }
  return vectors
}

/** A refusal that llama.cpp answers as if it had failed. */
function classify({ status, body }: RawAnswer): Failure<'request_refused'> | undefined {
  const error = isObject(body) && isObject(body['error']) ? body['error']['message'] : undefined
  if (status !== 500 || typeof error !== 'string' || !/too (?:large|long)|context (?:size|length)/i.test(error))
    return undefined
  return { verdict: 'stop', code: 'request_refused', message: `The service takes no text of this length: ${error}` }
}

interface Request {
  readonly http: Http
  readonly options: Options
  readonly texts: readonly string[]
}

export default defineConnector(
  {
    name: 'embeddings',
    title: 'Vectors of texts from OpenAI, Ollama or any service with the same API, for search by meaning',
    options,
    http: ({ key }) => ({
      baseUrl: 'https://api.openai.com/v1',
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      classify,
    }),
    async check(request) {
      const [vector = []] = await embed({ ...request, texts: ['tide'] })
      if (vector.length === 0)
        throw new TidemarkError('unexpected_shape', 'The answer has no vector.', { scope: 'page' })
      return { account: `${request.options.model}, ${vector.length} dimensions` }
    },
    embeds: { batch: BATCH, embed },
  },
  {},
)
