import {
  Cause,
  Effect,
  type Exit,
  Exit as Exits,
  Fiber,
  ManagedRuntime,
  Result,
  Stream,
} from "effect"
import { randomUUID } from "node:crypto"
import { DistinctId } from "@onymous/identity/DistinctId"
import * as Event from "@onymous/identity/Event"
import type { JsonObject } from "@onymous/identity/Json"
import { type Position, zero } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import type { Warning } from "@onymous/identity/Warning"
import { EventLog } from "@onymous/log/EventLog"
import { type PersonView, Persons } from "@onymous/projector/Persons"
import { type Progress, Projector } from "@onymous/projector/Projector"
import * as Services from "./Services.ts"

export type { Services } from "./Services.ts"
export { layer } from "./Services.ts"

/** Where Onymous keeps its log, and for which project. */
export interface Options {
  /** `postgres://…`, a directory for the embedded database, or `memory`. */
  readonly database: string
  /** The project that the events belong to; made when it is not there yet. Default `1`. */
  readonly project?: string
}

/** An event as a backend reports it. */
export interface CaptureInput {
  readonly distinctId: string
  readonly event: string
  /** May nest `$set`, `$set_once` and `$unset`. */
  readonly properties?: JsonObject
  readonly timestamp?: Date
  /** The same uuid twice is one event. Default: a new one. */
  readonly uuid?: string
}

/** Says that an anonymous id is a user, and what is known of the user. */
export interface IdentifyInput {
  readonly distinctId: string
  readonly anonymousId?: string
  readonly set?: JsonObject
  readonly setOnce?: JsonObject
}

/** Says that `alias` is another name of `distinctId`. */
export interface AliasInput {
  readonly distinctId: string
  readonly alias: string
}

/** A person as the library answers. */
export interface Person {
  readonly id: string
  readonly distinctIds: ReadonlyArray<string>
  readonly properties: JsonObject
  readonly isIdentified: boolean
  readonly createdAt: Date
  readonly version: number
}

/** An event was not taken: the field, and what was expected there. Nothing was written. */
export class InvalidEvent extends Error {
  readonly field: string
  readonly expected: string

  constructor({ field, expected }: Event.Invalid) {
    super(`${field}: expected ${expected}`)
    this.name = "InvalidEvent"
    this.field = field
    this.expected = expected
  }
}

/** How long a question waits for the persons to follow the events captured here. */
const followSeconds = 30

/** How many warnings are read at once. */
const warningsPage = 1000

/**
 * Onymous in a backend, without Effect: events in, persons and warnings out. Every call reads its
 * own writes; every promise rejects with an error that says what was wrong.
 */
export class Onymous {
  readonly #runtime: ManagedRuntime.ManagedRuntime<Services.Services, unknown>
  readonly #project: ProjectId
  /** Ends only when the projector has died; then every call rejects with the reason. */
  readonly #projector: Fiber.Fiber<never, unknown>
  #position: Position = zero

  private constructor(
    runtime: ManagedRuntime.ManagedRuntime<Services.Services, unknown>,
    project: ProjectId,
  ) {
    this.#runtime = runtime
    this.#project = project
    this.#projector = runtime.runFork(Effect.flatMap(Projector, (projector) => projector.run))
  }

  /** Opens the database, brings its tables up to date, and follows the log from there on. */
  static async open(options: Options): Promise<Onymous> {
    const runtime = ManagedRuntime.make(Services.layer(options.database))
    const project = ProjectId(options.project ?? "1")
    try {
      await runtime.runPromise(ensureProject(project))
    } catch (error) {
      await runtime.dispose()
      throw error
    }
    return new Onymous(runtime, project)
  }

  /** Appends an event; once it resolves, the event is in the log for good. */
  async capture(input: CaptureInput): Promise<{ readonly position: number }> {
    const decoded = Event.decode(
      {
        event: input.event,
        distinct_id: input.distinctId,
        properties: input.properties ?? {},
        timestamp: (input.timestamp ?? new Date()).toISOString(),
        ...(input.uuid !== undefined && { uuid: input.uuid }),
      },
      randomUUID,
    )
    if (Result.isFailure(decoded)) throw new InvalidEvent(decoded.failure)
    if (decoded.success.event._tag === "Captured" && decoded.success.event.facts.invalidUuid) {
      throw new InvalidEvent({ field: "uuid", expected: "a UUID" })
    }
    const incoming = decoded.success
    const appended = await this.#run(
      Effect.flatMap(EventLog, (log) => log.append(this.#project, [incoming])),
    )
    if (appended.position > this.#position) this.#position = appended.position
    return { position: appended.position }
  }

  /** Merges an anonymous id into a user's, as the SDKs' `identify` does (SPEC §2). */
  identify(input: IdentifyInput): Promise<{ readonly position: number }> {
    return this.capture({
      distinctId: input.distinctId,
      event: "$identify",
      properties: {
        ...(input.anonymousId !== undefined && { $anon_distinct_id: input.anonymousId }),
        ...(input.set && { $set: input.set }),
        ...(input.setOnce && { $set_once: input.setOnce }),
      },
    })
  }

  /** Gives a person another id, as the SDKs' `alias` does (SPEC §2). */
  alias(input: AliasInput): Promise<{ readonly position: number }> {
    const { distinctId, alias } = input
    return this.capture({ distinctId, event: "$create_alias", properties: { alias } })
  }

  /** The person that a distinct id leads to, after all events captured here. */
  async person(distinctId: string): Promise<Person | undefined> {
    const found = await this.#ask((persons) => persons.find(this.#project, DistinctId(distinctId)))
    return found && toPerson(found)
  }

  /** All warnings, in the order of the log, after all events captured here. */
  async warnings(): Promise<ReadonlyArray<Warning>> {
    const all: Array<Warning> = []
    for (let after = zero; ;) {
      const page = await this.#ask((persons) =>
        persons.warnings({ project: this.#project, after, limit: warningsPage }),
      )
      all.push(...page)
      const last = page.at(-1)
      if (last === undefined || page.length < warningsPage) return all
      after = last.position
    }
  }

  /** Derives all persons and warnings anew from the log; resolves once they have caught up. */
  async rebuild(onProgress: (progress: Progress) => void = () => {}): Promise<void> {
    await this.#run(
      Effect.flatMap(Projector, (projector) =>
        Stream.runForEach(projector.rebuild(this.#project), (progress) =>
          Effect.sync(() => onProgress(progress)),
        ),
      ),
    )
  }

  /** Finishes what is under way and closes the database. */
  async close(): Promise<void> {
    await this.#runtime.dispose()
  }

  /** Asks the persons once they are where this instance's own events are. */
  #ask<A, E>(question: (persons: Persons["Service"]) => Effect.Effect<A, E>): Promise<A> {
    return this.#run(
      Effect.gen({ self: this }, function* () {
        const projector = yield* Projector
        yield* projector.reached(this.#project, this.#position, followSeconds)
        return yield* question(yield* Persons)
      }),
    )
  }

  async #run<A, E>(effect: Effect.Effect<A, E, Services.Services>): Promise<A> {
    const raced = Effect.raceFirst(effect, Fiber.join(this.#projector))
    const exit: Exit.Exit<A, E | unknown> = await this.#runtime.runPromiseExit(raced)
    if (Exits.isSuccess(exit)) return exit.value
    throw Cause.squash(exit.cause)
  }
}

const ensureProject = Effect.fnUntraced(function* (id: ProjectId) {
  const log = yield* EventLog
  const projects = yield* log.projects
  if (projects.some((project) => project.id === id)) return
  // Nobody captures over HTTP here: the token is one that no client was ever told.
  yield* log.createProject({ id, token: `phc_${randomUUID()}`, keyHash: "" })
})

const toPerson = (view: PersonView): Person => ({
  id: view.id,
  distinctIds: view.distinctIds,
  properties: view.properties,
  isIdentified: view.isIdentified,
  createdAt: new Date(view.createdAt),
  version: view.version,
})
