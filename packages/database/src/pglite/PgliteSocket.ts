import type { PGlite } from "@electric-sql/pglite"
import { Duplex } from "node:stream"
import type { EmbeddedPostgres } from "./EmbeddedPostgres.ts"
import { PanicWatch } from "./PanicWatch.ts"

const sslRequest = 80_877_103
const cancelRequest = 80_877_102
const terminate = 0x58

/**
 * The wire between a Postgres client and the PGlite in this process. PGlite has exactly one session, so the client
 * must open exactly one connection.
 */
export class PgliteSocket extends Duplex {
  readonly #database: EmbeddedPostgres
  readonly #watch = new PanicWatch()
  /** The Postgres of this session; the session ends with it. */
  #sessionDatabase: PGlite | undefined
  #pending: Uint8Array = new Uint8Array(0)
  #isStarted = false

  constructor(database: EmbeddedPostgres) {
    super()
    this.#database = database
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    // A copy, because the client reuses its buffer.
    const bytes = new Uint8Array(this.#pending.length + chunk.length)
    bytes.set(this.#pending)
    bytes.set(chunk, this.#pending.length)
    this.#pending = bytes
    const messages = this.#takeMessages()
    if (messages.length === 0) {
      done()
      return
    }
    this.#execute(messages).then(
      // No microtask, because a busy client would then starve all other input and output.
      () => setImmediate(done),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    )
  }

  override _final(done: (error?: Error) => void): void {
    this.push(null)
    done()
  }

  // The driver calls these on a TCP socket; here they have no effect.
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }

  async #execute(messages: Uint8Array): Promise<void> {
    const database = await this.#database.current()
    this.#sessionDatabase ??= database
    if (database !== this.#sessionDatabase) throw new Error("The session ended with its database.")
    let panic: string | undefined
    const hear = (data: Uint8Array): void => {
      try {
        panic ??= this.#watch.read(data)
        this.push(data.slice())
      } catch (cause) {
        // An error thrown through PGlite would leave it waiting for ever.
        panic ??= `its answer could not be passed on (${String(cause)})`
      }
    }
    const answer = database.runExclusive(() =>
      database.execProtocolRawStream(messages, { onRawData: hear }),
    )
    try {
      await answer
    } catch (cause) {
      // A wrong statement gets an answer, so an exception means that Postgres has broken off.
      panic ??= cause instanceof Error ? cause.message : String(cause)
    }
    if (panic === undefined) return
    this.#database.giveUp(database, panic)
    throw new Error(panic)
  }

  /** Takes all complete messages out of the buffer. Requests that PGlite does not know are answered here. */
  #takeMessages(): Uint8Array {
    const view = new DataView(this.#pending.buffer)
    let start = 0
    let end = 0
    while (this.#pending.length - end >= (this.#isStarted ? 5 : 8)) {
      const length = this.#isStarted ? 1 + view.getInt32(end + 1) : view.getInt32(end)
      if (this.#pending.length - end < length) break
      const code = this.#isStarted ? this.#pending[end] : view.getInt32(end + 4)
      if (!this.#isStarted && code === sslRequest) {
        this.push(new TextEncoder().encode("N"))
        start = end + length
      } else if (code === (this.#isStarted ? terminate : cancelRequest)) {
        // There is nothing to cancel, because PGlite answers a message before it takes the next one.
        this.push(null)
        this.#pending = new Uint8Array(0)
        return this.#pending
      } else this.#isStarted = true
      end += length
    }
    const messages = this.#pending.slice(start, end)
    this.#pending = this.#pending.slice(end)
    return messages
  }
}
