import { Cause, Effect, Exit, type ManagedRuntime, Stream } from "effect"
import { errorOf } from "./errors/ErrorOf.ts"
import { OnymousError } from "./errors/OnymousError.ts"
import { ListenerError } from "./session/Listening.ts"

/** The time that a close waits for calls under way where none is named, in milliseconds. */
const closeMilliseconds = 10_000

const closedError = (message: string, isRecorded: false | "unknown"): OnymousError =>
  new OnymousError({ code: "closed", message, isRecorded })

/** What a call may say of how it is run. */
interface Run {
  readonly signal?: AbortSignal | undefined
  /** A close ends it, and does not wait for it. */
  readonly isLong?: boolean
  /** An end in the middle leaves open whether it is done. */
  readonly isWrite?: boolean
}

/** Runs effects as promises, until it is closed. */
export class PromiseRunner<R> {
  readonly #runtime: ManagedRuntime.ManagedRuntime<R, unknown>
  /** The calls that a close waits for. */
  readonly #underWay = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(runtime: ManagedRuntime.ManagedRuntime<R, unknown>) {
    this.#runtime = runtime
  }

  /**
   * Runs an effect; the promise rejects with its error. A signal interrupts it, and after its clean-up the
   * promise rejects with the signal's reason.
   */
  run<A>(effect: Effect.Effect<A, OnymousError, R>, how: Run = {}): Promise<A> {
    const { isLong = false } = how
    const call = this.#run(effect, how)
    if (isLong) return call
    this.#underWay.add(call)
    return call.finally(() => this.#underWay.delete(call))
  }

  async #run<A>(effect: Effect.Effect<A, OnymousError, R>, how: Run): Promise<A> {
    // A signal that is none is refused by the check of the call's input.
    const signal = how.signal instanceof AbortSignal ? how.signal : undefined
    if (this.#isClosed) throw closedError("This Onymous is closed.", false)
    signal?.throwIfAborted()
    const exit = await this.#runtime.runPromiseExit(effect, { signal })
    if (Exit.isSuccess(exit)) return exit.value
    if (signal?.aborted === true && Cause.hasInterrupts(exit.cause)) throw signal.reason
    if (this.#isClosed && Cause.hasInterruptsOnly(exit.cause)) {
      const isRecorded = how.isWrite === true && "unknown"
      throw closedError("This Onymous was closed meanwhile.", isRecorded)
    }
    const error = Cause.squash(exit.cause)
    throw error instanceof ListenerError ? error.error : errorOf(error)
  }

  /** Refuses new calls, finishes those under way, within a time in milliseconds, and ends everything else. */
  async close(timeout = closeMilliseconds): Promise<void> {
    this.#isClosed = true
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, timeout)
    await Promise.race([Promise.allSettled(this.#underWay), limit.promise])
    clearTimeout(timer)
    await this.#runtime.dispose()
  }
}

/** Tells a listener all that a stream gives; what the listener throws is logged, because nobody waits for it. */
export const toldTo = <A>(stream: Stream.Stream<A>, listener: (told: A) => void) =>
  Stream.runForEach(stream, (each) =>
    Effect.ignoreCause(
      Effect.sync(() => listener(each)),
      { log: true },
    ),
  )
