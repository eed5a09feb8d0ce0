import { Console, Effect } from "effect"
import { badLinesToldMax } from "@onymous/api/forms/ImportForms"
import type { BadLine } from "@onymous/timetravel/replay/FileLog"
import { CouldNot } from "../CommandError.ts"

/**
 * Tells the lines of a file that are no events by their numbers, and passes them over, because a dump that was cut
 * in its last line can still be asked; a strict reader fails at the first one.
 */
export class BadLines {
  readonly #file: string
  readonly #isStrict: boolean
  #count = 0

  constructor(file: string, isStrict: boolean) {
    this.#file = file
    this.#isStrict = isStrict
  }

  /** How many lines were no events so far. */
  get count(): number {
    return this.#count
  }

  /** Tells one, up to a number of them. */
  tell({ line, reason }: BadLine): Effect.Effect<void, CouldNot> {
    const message = `${this.#file}: line ${line}: ${reason}`
    if (this.#isStrict) return Effect.fail(new CouldNot({ message }))
    this.#count += 1
    return this.#count > badLinesToldMax ? Effect.void : Console.error(message)
  }

  /** Tells how many more there were. */
  get end(): Effect.Effect<void> {
    const untold = this.#count - badLinesToldMax
    return untold > 0
      ? Console.error(`${this.#file}: ${untold} more lines are no events.`)
      : Effect.void
  }
}
