import type { PGlite } from "@electric-sql/pglite"
import * as fs from "node:fs"

/** The bytes of free disk that Postgres needs to start again, because its log grows by 16 MiB at a time. */
const roomMin = 32 * 1024 * 1024

/** The pause after the second stop in a row, in milliseconds; each further stop doubles it. */
const firstPause = 1000

/** The longest pause, in milliseconds. A Postgres that ran for longer than this begins a new row of stops. */
const longestPause = 60_000

/** A stop: its reason, and when Postgres may be opened again. */
interface Stop {
  readonly reason: string
  /** Milliseconds of the clock. */
  readonly opensAt: number
}

/** How Postgres is opened, and the clock of its pauses. */
interface Options {
  readonly open: () => Promise<PGlite>
  /** The directory of the database; undefined for one in memory. */
  readonly directory: string | undefined
  /** Milliseconds that never go back. */
  readonly clock?: () => number
}

/**
 * The Postgres in this process. A Postgres that panics, on a full disk for instance, or breaks off is given up and
 * opened again, as a server restarts; what was committed is kept. One that keeps stopping is opened ever more rarely,
 * because each opening takes this process a second.
 */
export class EmbeddedPostgres {
  readonly #options: Options
  readonly #clock: () => number
  #current: Promise<PGlite>
  #stop: Stop | undefined
  #openedAt: number
  /** The number of stops in a row. */
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

  /** The running Postgres, opened again if it has stopped; rejects while it cannot be. */
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

  /** Gives up a Postgres that has stopped: `current` never returns it again. */
  giveUp(given: PGlite, reason: string): void {
    const mark = (current: PGlite) => {
      if (current === given && this.#stop === undefined) this.#stopFor(reason)
    }
    // Where it could not be opened, `current` rejects by itself.
    this.#current.then(mark, () => undefined)
  }

  #stopFor(reason: string): void {
    const now = this.#clock()
    this.#stops = now - this.#openedAt > longestPause ? 1 : this.#stops + 1
    // After a first stop there is no pause, because most reasons do not last.
    const pause =
      this.#stops === 1 ? 0 : Math.min(longestPause, firstPause * 2 ** (this.#stops - 2))
    this.#stop = { reason, opensAt: now + pause }
  }

  /** Closes Postgres, unless it has stopped, because then it would never answer. */
  async close(): Promise<void> {
    this.#isClosed = true
    const current = await this.#current.catch(() => undefined)
    if (this.#stop === undefined) await current?.close()
  }
}

const stopped = (reason: string, then: string): Error =>
  new Error(`The embedded database has stopped: ${reason.replace(/\.$/, "")}. ${then}`)

const hasRoom = (directory: string): boolean => {
  const { bavail, bsize } = fs.statfsSync(directory)
  return bavail * bsize >= roomMin
}
