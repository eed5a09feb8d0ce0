import { expect, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { TestClock } from "effect/testing"
import * as CauseLog from "../src/CauseLog.ts"

const listening = (lines: Array<string>) =>
  Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])

it.effect(
  "tells the first failure at once, and of many a second one line with their number",
  () => {
    const lines: Array<string> = []
    return Effect.gen(function* () {
      const tell = yield* CauseLog.make("The log is unavailable")
      const fail = (text: string) => tell(new Error("No answer", { cause: new Error(text) }))
      yield* fail("one")
      expect(lines).toEqual(["The log is unavailable: No answer: one"])
      for (let index = 0; index < 1000; index++) yield* fail(`${index}`)
      expect(lines).toHaveLength(1)
      yield* TestClock.adjust("1 second")
      expect(lines.slice(1)).toEqual(["The log is unavailable: No answer: 999 (and 999 more)"])
      yield* TestClock.adjust("1 second")
      expect(lines, "nothing was left untold").toHaveLength(2)
      yield* fail("later")
      expect(lines.slice(2)).toEqual(["The log is unavailable: No answer: later"])
    }).pipe(Effect.provide(listening(lines)))
  },
)
