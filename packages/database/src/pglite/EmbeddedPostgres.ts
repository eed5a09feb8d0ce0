import type { PGlite } from "@electric-sql/pglite"
import * as fs from "node:fs"

/** So much room on its disk, in bytes, lets Postgres start again: its log grows by 16 MiB at a time. */
const roomMin = 32 * 1024 * 1024

/**
 * The Postgres in this process. One that panics, as it does where its disk is full, is given up, and
 * opened again once there is room, as a server would start its own again: what was committed is there.
 */
export class EmbeddedPostgres {
  readonly #open: () => Promise<PGlite>
  readonly #directory: string | undefined
  #current: Promise<PGlite>
  #panic: string | undefined

  private constructor(
    open: () => Promise<PGlite>,
    directory: string | undefined,
    current: Promise<PGlite>,
  ) {
    this.#open = open
    this.#directory = directory
    this.#current = current
  }

  /** Opens the database in a directory, or in memory where there is none. */
  static async open(
    open: () => Promise<PGlite>,
    directory: string | undefined,
  ): Promise<EmbeddedPostgres> {
    return new EmbeddedPostgres(open, directory, Promise.resolve(await open()))
  }

  /** The Postgres that answers now; rejects where it cannot be opened again. */
  async current(): Promise<PGlite> {
    if (this.#panic === undefined) return this.#current
    const stopped = new Error(
      `The embedded database has stopped: ${this.#panic}. It goes on by itself once its disk has room.`,
    )
    if (this.#directory === undefined || !hasRoom(this.#directory)) throw stopped
    this.#panic = undefined
    this.#current = this.#open()
    try {
      return await this.#current
    } catch (cause) {
      this.#panic = cause instanceof Error ? cause.message : String(cause)
      throw cause
    }
  }

  /** Gives up a Postgres that has panicked: nobody may ask it again. */
  giveUp(panicked: PGlite, panic: string): void {
    void this.#current.then((current) => {
      if (current === panicked) this.#panic = panic
    })
  }

  /** Closes it, but for one that has panicked, which would never answer. */
  async close(): Promise<void> {
    if (this.#panic === undefined) await (await this.#current).close()
  }
}

const hasRoom = (directory: string): boolean => {
  const { bavail, bsize } = fs.statfsSync(directory)
  return bavail * bsize >= roomMin
}
