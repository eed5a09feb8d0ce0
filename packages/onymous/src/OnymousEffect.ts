import { PgClient } from "@effect/sql-pg"
import { Cause, Context, Effect, Fiber, Layer, Stream } from "effect"
import * as SchemaName from "@onymous/database/Schema"
import * as HostTransactions from "@onymous/database/sql/HostTransactions"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { Projector } from "@onymous/projector/Projector"
import { errorOf } from "./errors/ErrorOf.ts"
import type { OnymousError } from "./errors/OnymousError.ts"
import * as OnymousLayer from "./OnymousLayer.ts"
import * as OpenOptions from "./OpenOptions.ts"
import type { ProjectCalls } from "./calls/ProjectCalls.ts"
import * as SessionCalls from "./calls/SessionCalls.ts"
import { hostOf } from "./transaction/EventWriter.ts"
import { type Host, Session, type Shared } from "./session/Session.ts"

/** What a layer takes: an Effect program has a logger, and hears of problems in a stream. */
export type LayerOptions = Omit<OpenOptions.Options, "logger" | "onProblem">

/**
 * Onymous for programs in Effect: the methods of the class `Onymous`, as effects that fail with an
 * `OnymousError`. Each question sees the events of the calls before it.
 */
export class Onymous extends Context.Service<
  Onymous,
  ProjectCalls & {
    /** Another project on the same database, made where it is not there yet. */
    readonly project: (id: string, rules?: OpenOptions.ProjectRules) => ProjectCalls
    /** The projects whose persons stand still from now on, each once, and why. */
    readonly problems: Stream.Stream<OpenOptions.Problem>
  }
>()("onymous/Onymous") {}

/** A projector that dies is told at once: no question hears of it before it is asked. */
const told = (run: Effect.Effect<never>) =>
  Effect.tapCause(run, (cause) =>
    Cause.hasInterruptsOnly(cause)
      ? Effect.void
      : Effect.logError("The projector has died: persons are kept up to date no more.", cause),
  )

const make = Effect.fnUntraced(function* (opened: OpenOptions.Use, host: Host) {
  const services = yield* Effect.context<OnymousLayer.Services>()
  const projector = yield* Projector
  const used = new Set<ProjectId>()
  const run =
    opened.projectors === "all" ? projector.run : projector.runFor((project) => used.has(project))
  const running = yield* Effect.forkScoped(told(run))
  const shared: Shared = {
    services,
    projectorDeath: Fiber.join(running),
    written: new Map(),
    used,
    ensured: new Set(),
    promises: new Map(),
    host,
  }
  const session = new Session(shared, opened.project, opened.rules)
  yield* session.ready
  const problems = Stream.map(projector.problems, ({ project, error }) => ({
    project,
    error: errorOf(error),
  }))
  return Onymous.of({
    ...SessionCalls.make(session),
    project: (id, rules = {}) =>
      SessionCalls.make(
        new Session(shared, OpenOptions.readProject(id), OpenOptions.readProjectRules(rules)),
      ),
    problems,
  })
})

const orFailed = <A, R>(layer: Layer.Layer<A, unknown, R>) =>
  Layer.catch(layer, (error) => Layer.effectContext(Effect.fail(errorOf(error))))

const reading = (options: LayerOptions) =>
  Effect.try({ try: () => OpenOptions.read(options), catch: errorOf })

/**
 * A layer is built once however often a program provides it; the layers below it are built for each of ours, because
 * two databases must not share one log.
 */
const ofItsOwn = <A>(opened: Effect.Effect<Layer.Layer<A, OnymousError>, OnymousError>) =>
  Layer.effectContext(
    Effect.gen(function* () {
      const layers = yield* Layer.makeMemoMap
      return yield* Layer.buildWithMemoMap(yield* opened, layers, yield* Effect.scope)
    }),
  )

const service = (opened: OpenOptions.Opened) =>
  Layer.effect(Onymous, make(opened, hostOf(opened.database, opened.settings)))

/** On what was opened; it keeps the persons up to date for as long as it is there. */
export const layerOpened = (opened: OpenOptions.Opened): Layer.Layer<Onymous, OnymousError> =>
  orFailed(Layer.provide(service(opened), OnymousLayer.layer(opened.database, opened.settings)))

/** Onymous on a database: `postgres://…`, a directory, or `memory`. */
export const layer = (options: LayerOptions): Layer.Layer<Onymous, OnymousError> =>
  ofItsOwn(Effect.map(reading(options), layerOpened))

/**
 * The same, with the client of SQL under it, which a program may use for tables of its own: what is captured in a
 * transaction of that client is in the log once it is committed, or not at all.
 */
export const layerSql = (
  options: LayerOptions,
): Layer.Layer<Onymous | PgClient.PgClient, OnymousError> =>
  ofItsOwn(
    Effect.map(reading(options), (opened) =>
      orFailed(
        Layer.provideMerge(
          service(opened),
          OnymousLayer.layerSql(opened.database, opened.settings),
        ),
      ),
    ),
  )

/**
 * On the database of a client that the program has made, in a schema of its own, and on connections of its own, which
 * it opens as that client does. In a transaction of the client every call goes on in it: what is captured there is in
 * the log once it is committed, or not at all. The client stays open.
 */
export const layerOnClient = (
  options: Omit<LayerOptions, "database"> = {},
): Layer.Layer<Onymous, OnymousError, PgClient.PgClient> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const client = yield* PgClient.PgClient
      const use = yield* Effect.try({ try: () => OpenOptions.readUse(options), catch: errorOf })
      const { schema = SchemaName.byDefault } = use.settings
      const layer = orFailed(
        Layer.provide(
          Layer.effect(Onymous, make(use, { schema, isServer: true })),
          OnymousLayer.layerOf(client, use.settings),
        ),
      )
      const layers = yield* Layer.makeMemoMap
      // What keeps the persons up to date outlives a transaction in which a program may provide this.
      const build = Layer.buildWithMemoMap(layer, layers, yield* Effect.scope)
      return yield* HostTransactions.outside(build)
    }),
  )

/** Onymous in plain memory, gone with the program; its time is the fiber's clock. */
export const layerMemory = (
  options: OpenOptions.ProjectRules & Pick<LayerOptions, "project"> = {},
): Layer.Layer<Onymous, OnymousError> => layer({ ...options, database: "memory" })
