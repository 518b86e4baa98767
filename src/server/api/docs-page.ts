// Owns the readable page of the API, made of the same document that programs read. Pure; it has no script, and its style comes
// from this server.

import { type Html, html } from '../html.ts'

type Schema = Readonly<Record<string, unknown>>

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema: Schema
}

interface Described {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly 'x-scope': string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}

interface Row {
  readonly name: string
  readonly where: string
  readonly type: string
  readonly about: string
}

/** The whole page, of an OpenAPI document. */
export function docsPage(document: Schema): string {
  const paths = Object.entries(document['paths'] as Readonly<Record<string, Readonly<Record<string, Described>>>>)
  const routes = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method: method.toUpperCase(), described })),
  )
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tidemark API</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/docs.css"></head>
<body><header><h1>Tidemark API</h1></header>
<main>
<section class="card"><p>Every call needs a token: <code>Authorization: Bearer &lt;token&gt;</code>. For programs:
<a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).</p>
<ul>${routes.map(({ path, method, described }) => html`<li><a href="#${described.operationId}"><code>${method} ${path}</code></a></li>`)}</ul></section>
${routes.map(({ path, method, described }) => section(method, path, described))}
</main></body></html>
`
  return page.text
}

function section(method: string, path: string, described: Described): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = described
  const bodies = Object.entries(requestBody?.content ?? {})
  const json = bodies.find(([type]) => type === 'application/json')?.[1].schema
  const rows = [...parameters.map(parameterRow), ...(json ? propertyRows(json, 'body') : [])]
  const [status = '200', answer] = Object.entries(responses)[0] ?? []
  const [type = '', content] = Object.entries(answer?.content ?? {})[0] ?? []
  const given = content ? propertyRows(content.schema, '') : []
  return html`<section class="card" id="${operationId}">
<div class="head"><h2><code>${method} ${path}</code></h2><span class="pill idle">${described['x-scope']}</span></div>
<p>${summary}</p>
${description !== undefined && html`<p class="quiet">${description}</p>`}
${rows.length > 0 && table(['input', 'in', 'what it is'], rows)}
${bodies.length > 0 && !json && html`<p>Its body: ${bodies.map(([one]) => html`<code>${one}</code> `)}</p>`}
<p class="quiet">Answers ${status} with <code>${type}</code>${given.length > 0 && html`: ${names(given)}`}</p>
</section>`
}

function names(rows: readonly Row[]): readonly Html[] {
  return rows.map(({ name }, i) => html`${i > 0 && ', '}<code>${name}</code>`)
}

function table([name = '', where = '', about = '']: readonly string[], rows: readonly Row[]): Html {
  return html`<table><thead><tr><th>${name}</th><th>${where}</th><th>${about}</th></tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr><th><code>${row.name}</code></th><td>${row.where}</td><td>${row.about}<small>${row.type}</small></td></tr>`,
  )}</tbody></table>`
}

function parameterRow({ name, in: where, required, description, schema }: Parameter): Row {
  const about = description ?? aboutOf(schema)
  return { name: `${name}${required === false ? '?' : ''}`, where, type: typeText(schema), about }
}

function propertyRows(schema: Schema, where: string): readonly Row[] {
  const required = new Set((schema['required'] as readonly string[] | undefined) ?? [])
  return Object.entries((schema['properties'] as Readonly<Record<string, Schema>> | undefined) ?? {}).map(
    ([name, one]): Row => ({
      name: `${name}${where === '' || required.has(name) ? '' : '?'}`,
      where,
      type: typeText(one),
      about: aboutOf(one),
    }),
  )
}

function aboutOf({ description }: Schema): string {
  return typeof description === 'string' ? description : ''
}

function typeText({ type, enum: words, items, maximum }: Schema): string {
  if (Array.isArray(words)) return words.map(String).join(' | ')
  const name = Array.isArray(type) ? type.join(' | ') : typeof type === 'string' ? type : 'any'
  const of = name === 'array' && typeof items === 'object' && items !== null ? ` of ${typeText(items as Schema)}` : ''
  return `${name}${of}${typeof maximum === 'number' && maximum < 2 ** 53 - 1 ? `, at most ${maximum}` : ''}`
}
