import type { PGlite } from "@electric-sql/pglite"
import * as fs from "node:fs"

/** So much room on its disk, in bytes, lets Postgres start again: its log grows by 16 MiB at a time. */
const roomMin = 32 * 1024 * 1024

/** How long it stays closed after it has stopped twice in a row, in milliseconds; each time after, twice as long. */
const firstPause = 1000

/** The longest pause. One that has answered for longer than this has not stopped in a row. */
const longestPause = 60_000

/** Why it has stopped. */
interface Stop {
  readonly reason: string
  /** In milliseconds of the clock. */
  readonly opensAt: number
}

/** How a database is opened, and by which clock it is opened again. */
interface Options {
  readonly open: () => Promise<PGlite>
  /** In memory where there is none. */
  readonly directory: string | undefined
  /** Milliseconds that never go back. */
  readonly clock?: () => number
}

/**
 * The Postgres in this process. One that panics, as it does where its disk is full, or breaks off, is given up, and
 * opened again as a server would start its own again: what was committed is there. One that stops again and again
 * is opened ever more rarely, because each time costs a second of this process.
 */
export class EmbeddedPostgres {
  readonly #options: Options
  readonly #clock: () => number
  #current: Promise<PGlite>
  #stop: Stop | undefined
  #openedAt: number
  /** How often in a row it has stopped. */
  #stops = 0
  #isClosed = false

  private constructor(options: Options, current: Promise<PGlite>) {
    this.#options = options
    this.#clock = options.clock ?? (() => performance.now())
    this.#current = current
    this.#openedAt = this.#clock()
  }

  static async open(options: Options): Promise<EmbeddedPostgres> {
    return new EmbeddedPostgres(options, Promise.resolve(await options.open()))
  }

  /** The Postgres that answers now; rejects where it cannot be opened again yet. */
  async current(): Promise<PGlite> {
    if (this.#isClosed) throw new Error("The embedded database is closed.")
    if (this.#stop === undefined) return this.#current
    const { reason, opensAt } = this.#stop
    const { directory, open } = this.#options
    if (directory === undefined) throw stopped(reason, "What was in memory is lost with it.")
    if (!hasRoom(directory)) {
      throw stopped(reason, "It goes on by itself once its disk has room.")
    }
    const left = opensAt - this.#clock()
    if (left > 0) throw stopped(reason, `It is opened again in ${Math.ceil(left / 1000)} s.`)
    this.#stop = undefined
    this.#current = open()
    this.#openedAt = this.#clock()
    try {
      return await this.#current
    } catch (cause) {
      this.#stopFor(cause instanceof Error ? cause.message : String(cause))
      throw cause
    }
  }

  /** Gives up a Postgres that has stopped: nobody may ask it again. */
  giveUp(given: PGlite, reason: string): void {
    const mark = (current: PGlite) => {
      if (current === given && this.#stop === undefined) this.#stopFor(reason)
    }
    // One that cannot be opened again is told to whoever asks for it.
    this.#current.then(mark, () => undefined)
  }

  #stopFor(reason: string): void {
    const now = this.#clock()
    this.#stops = now - this.#openedAt > longestPause ? 1 : this.#stops + 1
    // The first time it is opened at once, because most reasons are gone by then.
    const pause =
      this.#stops === 1 ? 0 : Math.min(longestPause, firstPause * 2 ** (this.#stops - 2))
    this.#stop = { reason, opensAt: now + pause }
  }

  /** Closes it, but for one that has stopped, which would never answer. */
  async close(): Promise<void> {
    this.#isClosed = true
    const current = await this.#current.catch(() => undefined)
    if (this.#stop === undefined) await current?.close()
  }
}

const stopped = (reason: string, then: string): Error =>
  new Error(`The embedded database has stopped: ${reason}. ${then}`)

const hasRoom = (directory: string): boolean => {
  const { bavail, bsize } = fs.statfsSync(directory)
  return bavail * bsize >= roomMin
}
