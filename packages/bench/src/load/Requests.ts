import { Data, Effect } from "effect"
import { Agent, request } from "node:http"
import { gzipSync } from "node:zlib"
import type { Server } from "./ServerProcess.ts"
import type { Batches } from "./Scenario.ts"

/** The server refused a request, or did not answer it. */
export class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}

interface Answer {
  readonly status: number
  readonly position: number
  readonly text: string
}

const refused = ({ status, text }: Answer) => new Refused({ message: `${status} ${text}` })

interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

const exchange = (agent: Agent, { method, url, headers, body }: Sent): Promise<Answer> =>
  new Promise((answered, failed) => {
    const length = { "content-length": `${body?.length ?? 0}` }
    const sent = request(url, { agent, method, headers: { ...headers, ...length } }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => (text += chunk))
      response.on("error", failed)
      response.on("end", () => {
        const position = Number(response.headers["x-onymous-position"] ?? 0)
        answered({ status: response.statusCode ?? 0, position, text })
      })
    })
    sent.on("error", failed)
    sent.end(body)
  })

const ask = (agent: Agent, sent: Sent) =>
  Effect.tryPromise({
    try: () => exchange(agent, sent),
    catch: (cause) => new Refused({ message: String(cause) }),
  })

/** Each batch as an SDK sends it: JSON, compressed. */
export const bodies = (server: Server, log: Batches): ReadonlyArray<Uint8Array> =>
  log.map((batch) => {
    const events = batch.map(({ event, payload }) => {
      const { properties }: { readonly properties: unknown } = JSON.parse(payload)
      const { name, distinctId } = event._tag === "Captured" ? event : { name: "", distinctId: "" }
      return { event: name, uuid: event.uuid, distinct_id: distinctId, properties }
    })
    return gzipSync(JSON.stringify({ api_key: server.token, batch: events }))
  })

/** The path and the duration of a load of requests; default: batches, until all are sent. */
interface Sending {
  readonly path?: "/batch/" | "/flags/"
  readonly seconds?: number
}

/**
 * Sends bodies over some connections that stay open, each the next body after its answer, until all
 * are sent or the time is over. Returns the number of answers, the milliseconds of each, and the
 * last position that the server reported.
 */
export const send = Effect.fnUntraced(function* (
  server: Server,
  packed: ReadonlyArray<Uint8Array>,
  connections: number,
  { path = "/batch/", seconds = Number.POSITIVE_INFINITY }: Sending = {},
) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const headers = { "content-type": "application/json", "content-encoding": "gzip" }
  const sent = { method: "POST", url: `${server.url}${path}`, headers }
  const end = performance.now() + seconds * 1000
  const times: Array<number> = []
  let position = 0
  const post = Effect.fnUntraced(function* (body: Uint8Array) {
    if (performance.now() >= end) return
    const start = performance.now()
    const answer = yield* ask(agent, { ...sent, body })
    times.push(performance.now() - start)
    if (answer.status !== 200) return yield* refused(answer)
    position = Math.max(position, answer.position)
  })
  yield* Effect.ensuring(
    Effect.forEach(packed, post, { concurrency: connections, discard: true }),
    Effect.sync(() => agent.destroy()),
  )
  return { position, answered: times.length, times }
})

/** Sends a request to the API of the server's project, with the secret key. */
export const api = Effect.fnUntraced(function* (
  server: Server,
  method: string,
  path: string,
  body = "",
) {
  const agent = new Agent()
  const headers = { authorization: `Bearer ${server.key}`, "content-type": "application/json" }
  const url = `${server.url}/api/projects/1/${path}`
  const packed = body === "" ? {} : { body: new TextEncoder().encode(body) }
  return yield* ask(agent, { method, url, headers, ...packed })
})

/** Makes another project on the server, by a first event, and returns the server as those know it who have its token. */
export const newProject = Effect.fnUntraced(function* (server: Server, project: string) {
  const agent = new Agent()
  const headers = { authorization: `Bearer ${server.operatorKey}` }
  const line = JSON.stringify({ event: "seen", distinct_id: "first", project })
  const imported = yield* ask(agent, {
    method: "POST",
    url: `${server.url}/api/import`,
    headers: { ...headers, "content-type": "application/x-ndjson" },
    body: new TextEncoder().encode(`${line}\n`),
  })
  if (imported.status !== 200) return yield* refused(imported)
  const url = `${server.url}/api/projects/${project}/status`
  const status = yield* ask(agent, { method: "GET", url, headers })
  if (status.status !== 200) return yield* refused(status)
  const { token }: { readonly token: string } = JSON.parse(status.text)
  return { ...server, token }
})

/** Waits until the server's persons are at a position. */
export const waitFor = Effect.fnUntraced(function* (server: Server, position: number) {
  // Each request waits for up to ten seconds on the server.
  for (let asked = 0; asked < 180; asked++) {
    const answer = yield* api(server, "GET", `status?min_position=${position}`)
    if (answer.status === 200) return
    if (!answer.text.includes('"not_reached"')) return yield* refused(answer)
  }
  return yield* new Refused({ message: `The persons did not reach position ${position}.` })
})

/** Turns the buffer off, so that no event waits. */
export const withoutBuffer = Effect.fnUntraced(function* (server: Server) {
  const answer = yield* api(server, "PATCH", "policy", `{"buffer_enabled":false}`)
  if (answer.status >= 300) return yield* refused(answer)
})
