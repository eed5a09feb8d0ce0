import type { ReadModel } from "@onymous/persons/ReadModel"
import { expect } from "@effect/vitest"
import { Effect, Layer, Schedule, Schema } from "effect"
import { HttpServer } from "effect/http"
import { type IncomingHttpHeaders, request, type RequestOptions } from "node:http"
import * as Actors from "@onymous/actor/Actors"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import * as Projector from "@onymous/projector/Projector"
import * as Keys from "../src/access/Keys.ts"
import * as Server from "../src/Server.ts"

export const project = ProjectId("1")
export const token = "phc_of_project_1"
export const key = "onk_of_project_1_that_nobody_guesses"

/** The operator's key, which opens both projects. */
export const operatorKey = "the-operator's-own-that-nobody-guesses"

/** Another project, whose events and keys are none of the first one's business. */
export const other = {
  id: ProjectId("2"),
  token: "phc_of_project_2",
  key: "onk_of_project_2_that_nobody_guesses",
}

const projects = Layer.effectDiscard(
  Effect.gen(function* () {
    yield* Keys.ensureProject(project, { token, key })
    yield* Keys.ensureProject(other.id, other)
  }),
)

/** The server on a free port of this machine, on whatever log and read model. */
export const on = <E, E2 = never, R = never>(
  log: Layer.Layer<EventLog, E>,
  persons: Layer.Layer<ReadModel, E2, R> | Layer.Layer<ReadModel> = personsMemory,
  options: Partial<Server.Options> = {},
  projector: typeof Projector.layer = Projector.layer,
) =>
  Server.layer({ host: "127.0.0.1", port: 0, operatorKey, ...options }).pipe(
    Layer.provideMerge(projector),
    Layer.provideMerge(projects),
    Layer.provideMerge(Layer.merge(log, persons)),
    Layer.provide(Actors.layer),
  )

/** The server on a log in memory. */
export const memory = on(logMemory)

/** Where the server listens. */
export const url = Effect.map(HttpServer.HttpServer, ({ address }) =>
  HttpServer.formatAddress(address),
)

/** What a server answered. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Asks over a real socket. */
export const ask = Effect.fnUntraced(function* (path: string, init: RequestInit = {}) {
  const base = yield* url
  return yield* Effect.promise(async (): Promise<Answer> => {
    const { status, headers, ...response } = await fetchText(`${base}${path}`, init)
    return { status, headers, ...response }
  })
})

/** What a server answered, as it came. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Asks with any headers, also those that fetch sets by itself, and unpacks nothing. */
export const askRaw = Effect.fnUntraced(function* (path: string, options: RequestOptions = {}) {
  const address = `${yield* url}${path}`
  return yield* Effect.promise(
    () =>
      new Promise<RawAnswer>((answered, failed) => {
        const asked = request(address, options, (response) => {
          const chunks: Array<Buffer> = []
          response.on("data", (chunk: Buffer) => chunks.push(chunk))
          response.on("end", () => {
            const { statusCode: status = 0, headers } = response
            answered({ status, headers, body: Buffer.concat(chunks) })
          })
        })
        asked.on("error", failed).end()
      }),
  )
})

const fetchText = async (address: string, init: RequestInit): Promise<Answer> => {
  const response = await fetch(address, init)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** An answer that is a list, with the position of the persons. */
const Listed = Schema.Struct({
  results: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)),
  next: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.String, Schema.Int]))),
  position: Schema.Int,
  waiting: Schema.optionalKey(Schema.Array(Schema.Unknown)),
})

export const listed = Schema.decodeUnknownSync(Schema.fromJsonString(Listed))

const recorded = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ position: Schema.Int })),
)

/** Asks the API of the first project. */
export const question = (path: string, secret = key) =>
  ask(`/api/projects/1/${path}`, { headers: { authorization: `Bearer ${secret}` } })

/** Asks the API of the first project for a list. */
export const answers = (path: string) =>
  Effect.map(question(path), ({ status, text }) => {
    expect({ status, text }).toMatchObject({ status: 200 })
    return listed(text)
  })

/** Sends events to the first project; answers with the position to wait for. */
export const send = (...events: ReadonlyArray<object>) =>
  Effect.map(
    ask("/batch/", { method: "POST", body: JSON.stringify({ api_key: token, batch: events }) }),
    ({ status, headers, text }) => {
      expect({ status, text }).toMatchObject({ status: 200 })
      return Number(headers.get("x-onymous-position"))
    },
  )

/** Asks for an operation, `PATCH policy` or `POST persons/delete`. */
export const order = (operation: string, body: unknown, secret?: string) => {
  const [method = "", path = ""] = operation.split(" ")
  return ask(`/api/projects/1/${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  })
}

/** Does an operation; answers with the position of its event. */
export const operate = (operation: string, body: object) =>
  Effect.map(order(operation, body, key), ({ status, text }) => {
    expect({ status, text }).toMatchObject({ status: 200 })
    return recorded(text).position
  })

/** The server where no event waits, by a policy that is its first event. */
export const unbuffered = Layer.effectDiscard(
  operate("PATCH policy", { buffer_enabled: false }),
).pipe(Layer.provideMerge(memory))

/** The server with the projector's clock, which releases what is due. */
export const ticking = Layer.effectDiscard(
  Effect.flatMap(Projector.Projector, ({ run }) => Effect.forkScoped(run)),
).pipe(Layer.provideMerge(memory))

/** Asks again until the answer is as wanted. */
export const until = <A, E, R>(asked: Effect.Effect<A, E, R>, isWanted: (answer: A) => boolean) =>
  asked.pipe(
    Effect.repeat({ until: isWanted, schedule: Schedule.spaced("50 millis") }),
    Effect.timeout("20 seconds"),
  )
