import { Console, Effect } from "effect"
import { badLinesToldMax } from "@onymous/api/forms/ImportForms"
import type { BadLine } from "@onymous/timetravel/replay/FileLog"
import { CouldNot } from "../CommandError.ts"

/**
 * Reports the bad lines of a file by their numbers and skips them, so that questions to a dump with a cut last line
 * work; a strict reader fails at the first bad line.
 */
export class BadLines {
  readonly #file: string
  readonly #isStrict: boolean
  #count = 0

  constructor(file: string, isStrict: boolean) {
    this.#file = file
    this.#isStrict = isStrict
  }

  /** The number of bad lines so far. */
  get count(): number {
    return this.#count
  }

  /** Reports a bad line, up to a number of them. */
  tell({ line, reason }: BadLine): Effect.Effect<void, CouldNot> {
    const message = `${this.#file}: line ${line}: ${reason}`
    if (this.#isStrict) return Effect.fail(new CouldNot({ message }))
    this.#count += 1
    return this.#count > badLinesToldMax ? Effect.void : Console.error(message)
  }

  /** Reports how many more there were. */
  get end(): Effect.Effect<void> {
    const more = this.#count - badLinesToldMax
    return more > 0
      ? Console.error(`${this.#file}: ${more} more lines are no events.`)
      : Effect.void
  }
}
