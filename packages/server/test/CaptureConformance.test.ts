/** The cases of the rules' reference that are about HTTP, against a running server under each preset. */

import { layer as withLayer, expect } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { gzipSync } from "node:zlib"
import * as LzString from "lz-string"
import { EventLog } from "@onymous/log/EventLog"
import { ask, memory, operate, project, question, token } from "./serverSupport.ts"

interface HttpCase {
  readonly id: string
  readonly area: string
  readonly presets: ReadonlyArray<string>
  readonly when: ReadonlyArray<{ readonly http: HttpStep }>
  readonly expect: {
    readonly http: ReadonlyArray<{
      readonly status: number
      readonly events_accepted: number
      readonly json?: Record<string, unknown>
      readonly distinct_ids?: ReadonlyArray<string>
      readonly event_names?: ReadonlyArray<string>
    }>
  }
}

interface HttpStep {
  readonly method: string
  readonly path: string
  readonly query?: Record<string, string>
  readonly headers?: Record<string, string>
  readonly content_type?: string
  readonly body_json?: unknown
  /** Applied from left to right. */
  readonly body_encoding?: ReadonlyArray<string>
  readonly body_raw?: { readonly form?: Record<string, string>; readonly text?: string }
}

const filled = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll("<token>", token)
    .replaceAll(/<string of (\d+) characters>/g, (_, count) => "x".repeat(Number(count)))

type Body = string | Uint8Array<ArrayBuffer> | URLSearchParams

const encoded = (body: Body, encoding: string): Body => {
  const bytes = typeof body === "string" ? Buffer.from(body) : body
  if (encoding === "gzip" && !(bytes instanceof URLSearchParams)) {
    return Uint8Array.from(gzipSync(bytes))
  }
  if (encoding === "base64" && !(bytes instanceof URLSearchParams)) {
    return Buffer.from(bytes).toString("base64")
  }
  if (encoding === "lz-string-base64") return LzString.compressToBase64(String(body))
  return new URLSearchParams({ [encoding.replace("form:", "")]: String(body) })
}

const bodyOf = (step: HttpStep): Body | undefined => {
  if (step.body_raw?.form !== undefined)
    return new URLSearchParams(JSON.parse(filled(step.body_raw.form)))
  if (step.body_raw?.text !== undefined) return step.body_raw.text
  if (step.body_json === undefined) return undefined
  return (step.body_encoding ?? []).reduce<Body>(encoded, filled(step.body_json))
}

const sent = (step: HttpStep) => {
  const query = step.query && new URLSearchParams(JSON.parse(filled(step.query)))
  const body = bodyOf(step)
  return ask(`${step.path}${query === undefined ? "" : `?${query}`}`, {
    method: step.method,
    headers: {
      ...step.headers,
      ...(step.content_type !== undefined && { "content-type": step.content_type }),
    },
    ...(body !== undefined && { body }),
  })
}

const path = resolve(import.meta.dirname, "../../identity/test/conformance/cases.json")
const cases: ReadonlyArray<HttpCase> = JSON.parse(readFileSync(path, "utf8"))

const head = Effect.flatMap(EventLog, (log) => Effect.map(log.head(project), (at) => at.position))

const conforms = Effect.fnUntraced(function* (each: HttpCase) {
  for (const [index, { http }] of each.when.entries()) {
    const wanted = each.expect.http[index]
    const before = yield* head
    const { status, headers, text } = yield* sent(http)
    expect(status, text).toBe(wanted?.status)
    const json = headers.get("content-type")?.includes("json") ? JSON.parse(text) : {}
    expect(json).toMatchObject(wanted?.json ?? {})
    expect((yield* head) - before).toBe(wanted?.events_accepted)
    const log = yield* EventLog
    const [last] = yield* log.readPayloads({ project, limit: 1, descending: true })
    const event = last?.event._tag === "Captured" ? last.event : undefined
    if (wanted?.distinct_ids) expect([event?.distinctId]).toEqual(wanted.distinct_ids)
    if (wanted?.event_names) expect([event?.name]).toEqual(wanted.event_names)
  }
})

for (const preset of ["page", "posthog"]) {
  const bound = cases.filter(({ area, presets }) => area === "capture" && presets.includes(preset))
  // Set the preset before the first event comes: a door caches a project's policy for a while.
  const ruled = Layer.effectDiscard(
    Effect.gen(function* () {
      const position = yield* operate("PATCH policy", { preset })
      expect((yield* question(`policy?min_position=${position}`)).status).toBe(200)
    }),
  ).pipe(Layer.provideMerge(memory))

  withLayer(ruled, { timeout: "60 seconds", excludeTestServices: true })(
    `the HTTP cases under ${preset}`,
    (it) => {
      it.effect("are at hand", () => Effect.sync(() => expect(bound.length).toBeGreaterThan(3)))
      it.effect.each(bound)("$id", conforms)
    },
  )
}
