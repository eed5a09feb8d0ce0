import { Console, Context } from "effect"
import { advance, bar, type Pace, start, type Step } from "./ProgressBar.ts"

/** Milliseconds before the line appears, because most work ends before. */
const patience = 2000

/** Milliseconds between two drawings. */
const interval = 100

/** The terminal and the clock of a line. */
export interface Surface {
  readonly isTerminal: boolean
  readonly columns: () => number
  readonly write: (text: string) => void
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number
  /** Calls back after a number of milliseconds, unless the process ends before. */
  readonly later: (milliseconds: number, draw: () => void) => void
}

const standardError: Surface = {
  isTerminal: process.stderr.isTTY === true,
  columns: () => process.stderr.columns || 80,
  write: (text) => process.stderr.write(text),
  now: () => performance.now(),
  later: (milliseconds, draw) => void setTimeout(draw, milliseconds).unref(),
}

/** The progress of long work as a line of a terminal, drawn over itself once the work is long. */
export class ProgressLine {
  readonly #surface: Surface
  #begun: number | undefined
  #drawnAt = Number.NEGATIVE_INFINITY
  #isDrawn = false
  #step: Step | undefined
  #pace: Pace | undefined
  #all: number | undefined

  constructor(surface: Surface) {
    this.#surface = surface
  }

  /**
   * Shows the progress of a step; a step of another name begins a new count. Work of another process, up to `from`, does
   * not count in the rate.
   */
  show(step: Step, done = 0, all?: number, from = 0): void {
    const { isTerminal, now, later } = this.#surface
    if (!isTerminal) return
    const time = now()
    if (this.#begun === undefined) {
      this.#begun = time
      // A long step without further reports is drawn when `patience` ends.
      later(patience, () => this.#draw())
    }
    const isNew = this.#step?.name !== step.name
    const pace = isNew || this.#pace === undefined ? start(time, from) : this.#pace
    this.#pace = advance(pace, done, time)
    this.#step = step
    this.#all = all
    if (isNew || time - this.#drawnAt >= interval) this.#draw()
  }

  /** Erases the line, so that other text can be printed there. */
  erase(): void {
    if (this.#isDrawn) this.#surface.write("\r\u001B[K")
    this.#isDrawn = false
  }

  #draw(): void {
    const { columns, now, write } = this.#surface
    const time = now()
    const isEarly = this.#begun === undefined || time - this.#begun < patience
    if (isEarly || this.#step === undefined || this.#pace === undefined) return
    const line = bar(this.#pace, this.#all, time, this.#step)
    // Cut, because a line that the terminal wraps cannot be drawn over.
    write(`\r\u001B[K${line.slice(0, columns() - 1)}`)
    this.#drawnAt = time
    this.#isDrawn = true
  }

  /** Ends the line, so that later callbacks draw nothing. */
  end(): void {
    this.erase()
    this.#step = undefined
    this.#begun = undefined
  }
}

/** The line of this process, on standard error. */
export const Progress = Context.Reference<ProgressLine>("@onymous/cli/output/ProgressLine", {
  defaultValue: () => new ProgressLine(standardError),
})

/** The console of a process with such a line, which it erases before it prints, because both share a terminal. */
export const consoleBeside = (line: ProgressLine): Console.Console => ({
  ...globalThis.console,
  log: (...words: ReadonlyArray<unknown>) => {
    line.erase()
    globalThis.console.log(...words)
  },
  error: (...words: ReadonlyArray<unknown>) => {
    line.erase()
    globalThis.console.error(...words)
  },
})
