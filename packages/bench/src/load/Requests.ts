import { Data, Effect } from "effect"
import { Agent, request } from "node:http"
import { gzipSync } from "node:zlib"
import type { Server } from "./ServerProcess.ts"
import type { Batches } from "./Scenario.ts"

/** The server did not take or answer a request. */
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

/** Each batch as an SDK sends it: JSON, packed. */
export const bodies = (server: Server, log: Batches): ReadonlyArray<Uint8Array> =>
  log.map((batch) => {
    const events = batch.map(({ event, payload }) => {
      const { properties }: { readonly properties: unknown } = JSON.parse(payload)
      const { name, distinctId } = event._tag === "Captured" ? event : { name: "", distinctId: "" }
      return { event: name, uuid: event.uuid, distinct_id: distinctId, properties }
    })
    return gzipSync(JSON.stringify({ api_key: server.token, batch: events }))
  })

/** Where bodies go, and how long they are sent. */
interface Sending {
  readonly path?: "/batch/" | "/flags/"
  readonly seconds?: number
}

/**
 * Sends bodies to the door for batches, or to another one, over so many connections that stay open, each
 * the next one when it got its answer, until all are sent or the time is over. Answers with how many
 * there were, with the milliseconds that each took, and with the last position that any of them came to.
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

/** Asks the server's API about its project, with the secret key. */
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

/** Waits until the server's persons are at a position. */
export const reached = Effect.fnUntraced(function* (server: Server, position: number) {
  // Each question waits for ten seconds by itself.
  for (let asked = 0; asked < 180; asked++) {
    const answer = yield* api(server, "GET", `status?min_position=${position}`)
    if (answer.status === 200) return
    if (answer.status !== 504) return yield* refused(answer)
  }
  return yield* new Refused({ message: `The persons did not reach position ${position}.` })
})

/** Makes every event count at once: nothing waits. */
export const withoutBuffer = Effect.fnUntraced(function* (server: Server) {
  const answer = yield* api(server, "PATCH", "policy", `{"buffer_enabled":false}`)
  if (answer.status >= 300) return yield* refused(answer)
})
