import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import * as Actor from "@onymous/actor/Actor"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog, layerMemory as logMemory } from "@onymous/log/EventLog"
import { layerMemory as personsMemory } from "@onymous/projector/MemoryPersons"
import * as Projector from "@onymous/projector/Projector"
import * as Keys from "../src/Keys.ts"
import * as Server from "../src/Server.ts"

export const project = ProjectId("1")
export const token = "phc_of_project_1"
export const key = "onk_of_project_1"

/** Another project, whose events and keys are none of the first one's business. */
export const other = { id: ProjectId("2"), token: "phc_of_project_2", key: "onk_of_project_2" }

const projects = Layer.effectDiscard(
  Effect.gen(function* () {
    yield* Keys.ensureProject(project, { token, key })
    yield* Keys.ensureProject(other.id, other)
  }),
)

/** The server on a free port of this machine, on whatever log. */
export const on = <E>(log: Layer.Layer<EventLog, E>) =>
  Server.layer({ host: "127.0.0.1", port: 0 }).pipe(
    Layer.provideMerge(Projector.layer),
    Layer.provideMerge(projects),
    Layer.provideMerge(Layer.merge(log, personsMemory)),
    Layer.provide(Actor.layer),
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

const fetchText = async (address: string, init: RequestInit): Promise<Answer> => {
  const response = await fetch(address, init)
  return { status: response.status, headers: response.headers, text: await response.text() }
}
