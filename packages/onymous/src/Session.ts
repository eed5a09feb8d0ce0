import { Cause, Effect, type Exit, Exit as Exits, Fiber, type ManagedRuntime } from "effect"
import { type Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { Projector } from "@onymous/projector/Projector"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import type { Verification } from "@onymous/timetravel/history/Verify"
import { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import { errorOf } from "./errors/ErrorOf.ts"
import { OnymousError } from "./errors/OnymousError.ts"
import { type Point, textOf } from "./inputs/QuestionInputs.ts"
import type { Services } from "./OnymousLayer.ts"

/** The time that `close` waits for calls under way. */
const closeMilliseconds = 10_000

const closedError = (message: string): OnymousError => new OnymousError({ code: "closed", message })

/** Runs effects of one project as promises; each call sees the events of the calls before it. */
export class Session {
  readonly #runtime: ManagedRuntime.ManagedRuntime<Services, unknown>
  readonly project: ProjectId
  /** Ends only with the projector's death; then every call rejects with its reason. */
  readonly #projector: Fiber.Fiber<never, unknown>
  #position: Position = zero
  #isClosed = false
  /** The appends and questions that `close` waits for. */
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(runtime: ManagedRuntime.ManagedRuntime<Services, unknown>, project: ProjectId) {
    this.#runtime = runtime
    this.project = project
    this.#projector = runtime.runFork(Effect.flatMap(Projector, (projector) => projector.run))
  }

  /** Waits until the persons are at the log's present head. */
  async follow(): Promise<void> {
    const { position } = await this.run(this.#head())
    this.#position = position
  }

  /** Appends an event; later questions see it. */
  async record<A extends { readonly position: Position }, E>(
    append: Effect.Effect<A, E, Services>,
  ): Promise<A> {
    // Not raced with the projector, because nothing may change the answer of what is committed.
    const recorded = await this.#waitedFor(this.#run(append))
    if (recorded.position > this.#position) this.#position = recorded.position
    return recorded
  }

  /** Appends an event, after the persons have reached this session's earlier events. */
  recordAfterCatchUp<A extends { readonly position: Position }, E>(
    append: Effect.Effect<A, E, Services>,
  ): Promise<A> {
    return this.record(this.#afterCatchUp(append))
  }

  /** Asks once the persons have reached this session's events. */
  ask<A, E>(question: Effect.Effect<A, E, Services>): Promise<A> {
    return this.#waitedFor(this.run(this.#afterCatchUp(question)))
  }

  /** Asks the persons as of a point, once they have reached it; undefined is now. */
  askAt<A, E>(
    at: Point | undefined,
    question: (
      persons: Persons["Service"],
      point: Position | undefined,
    ) => Effect.Effect<A, E, Services>,
  ): Promise<A> {
    const { project } = this
    const asked = Effect.gen(function* () {
      const text = textOf(at)
      const source = yield* HistorySource
      const point = text === undefined ? undefined : yield* source.point(project, text, "at")
      return yield* question(yield* Persons, point)
    })
    return this.ask(asked)
  }

  /** Asks about the past once the persons have reached this session's events. */
  askPast<A, E>(
    question: (past: TimeTravel["Service"]) => Effect.Effect<A, E, Services>,
    signal?: AbortSignal,
  ): Promise<A> {
    const asked = this.#afterCatchUp(Effect.flatMap(TimeTravel, question))
    return this.#waitedFor(this.run(asked, signal))
  }

  /** Compares all that is stored with what the log comes to, once the persons have reached its head. */
  verify(): Promise<Verification> {
    const verifying = Effect.gen({ self: this }, function* () {
      const { position } = yield* this.#head()
      yield* (yield* Freshness).reach(this.project, position)
      return yield* (yield* Projector).verify(this.project)
    })
    return this.#waitedFor(this.run(verifying))
  }

  /**
   * Runs an effect; rejects with its error, or with the reason of a projector's death. A signal
   * interrupts the effect, and after the effect's clean-up the promise rejects with the signal's
   * reason.
   */
  run<A, E>(effect: Effect.Effect<A, E, Services>, signal?: AbortSignal): Promise<A> {
    return this.#run(Effect.raceFirst(effect, Fiber.join(this.#projector)), signal)
  }

  async #run<A, E>(effect: Effect.Effect<A, E, Services>, signal?: AbortSignal): Promise<A> {
    if (this.#isClosed) throw closedError("This Onymous is closed.")
    signal?.throwIfAborted()
    const exit: Exit.Exit<A, E | unknown> = await this.#runtime.runPromiseExit(effect, { signal })
    if (Exits.isSuccess(exit)) return exit.value
    if (signal?.aborted === true && Cause.hasInterrupts(exit.cause)) throw signal.reason
    if (this.#isClosed && Cause.hasInterruptsOnly(exit.cause)) {
      throw closedError("This Onymous was closed meanwhile.")
    }
    throw errorOf(Cause.squash(exit.cause))
  }

  /**
   * Refuses new calls, finishes the appends and questions under way, for at most ten seconds, and ends
   * everything else.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, closeMilliseconds)
    await Promise.race([Promise.allSettled(this.#underWay), limit.promise])
    clearTimeout(timer)
    await this.#runtime.dispose()
  }

  #waitedFor<A>(call: Promise<A>): Promise<A> {
    this.#underWay.add(call)
    return call.finally(() => this.#underWay.delete(call))
  }

  #head() {
    return Effect.flatMap(EventLog, (log) => log.head(this.project))
  }

  #afterCatchUp<A, E, R>(effect: Effect.Effect<A, E, R>) {
    return Effect.andThen(
      Effect.flatMap(Freshness, (freshness) => freshness.reach(this.project, this.#position)),
      effect,
    )
  }
}
