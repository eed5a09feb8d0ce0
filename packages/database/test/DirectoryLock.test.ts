import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as DirectoryLock from "../src/pglite/DirectoryLock.ts"
import * as Child from "./Child.ts"
import * as TempDirectory from "./TempDirectory.ts"

const name = "onymous.lock"

/** No process has a pid this large. */
const nobody = "99999999 1\n"

const lockOf = (directory: string) => readFileSync(join(directory, name), "utf8")

const isMine = (directory: string) => lockOf(directory).startsWith(`${process.pid} `)

describe("DirectoryLock", () => {
  it.live("is held while the scope is open, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const directory = yield* TempDirectory.make
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* DirectoryLock.hold(directory)
          expect(isMine(directory)).toBe(true)
          const refused = yield* Effect.flip(DirectoryLock.hold(directory))
          expect(refused).toEqual({ _tag: "Held", holder: { pid: process.pid } })
        }),
      )
      expect(readdirSync(directory)).toEqual([])
      yield* DirectoryLock.hold(directory)
    }),
  )

  it.live("names the process that has it, and is free when that was killed", () =>
    Effect.gen(function* () {
      const directory = yield* TempDirectory.make
      const child = yield* Child.run("holds.ts")
      child.tell(directory)
      expect(yield* Effect.promise(child.line)).toBe("ready")
      expect(yield* Effect.promise(child.line)).toBe("held")
      expect(yield* Effect.flip(DirectoryLock.hold(directory))).toEqual({
        _tag: "Held",
        holder: { pid: child.pid },
      })
      yield* Effect.promise(child.kill)
      expect(lockOf(directory)).toContain(`${child.pid} `)
      yield* DirectoryLock.hold(directory)
      expect(isMine(directory)).toBe(true)
      expect(readdirSync(directory)).toEqual([name])
    }),
  )

  // Only systems that tell nothing of processes skip it, and a run that has to be whole fails there.
  const isTold = existsSync("/proc/self/stat") || process.env["CI"] === "true"
  it.live.skipIf(!isTold)(
    "is free when its process was killed, though its parent has not looked yet",
    () =>
      Effect.gen(function* () {
        const directory = yield* TempDirectory.make
        // The shell becomes a process that waits for no child.
        const parent = spawn("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"])
        yield* Effect.addFinalizer(() => Effect.sync(() => parent.kill("SIGKILL")))
        const [told] = yield* Effect.promise(() => once(parent.stdout, "data"))
        const pid = Number(String(told))
        const states = () =>
          readFileSync(`/proc/${pid}/stat`, "utf8").split(")").at(-1)?.trim() ?? ""
        writeFileSync(join(directory, name), `${pid} ${states().split(" ")[19]}\n`)
        expect(DirectoryLock.holderOf(directory)).toEqual({ pid })
        process.kill(pid, "SIGKILL")
        while (!states().startsWith("Z")) yield* Effect.sleep("1 millis")
        yield* DirectoryLock.hold(directory)
        expect(isMine(directory)).toBe(true)
      }),
  )

  for (const [what, lock] of [
    ["of a pid that another process got since", `${process.pid} 1\n`],
    ["of nobody", nobody],
    ["with nothing in it", ""],
    ["with nonsense in it", "../../nonsense\n"],
  ] as const) {
    it.live(`takes over a lock ${what}`, () =>
      Effect.gen(function* () {
        const directory = yield* TempDirectory.make
        writeFileSync(join(directory, name), lock)
        yield* DirectoryLock.hold(directory)
        expect(isMine(directory)).toBe(true)
        expect(readdirSync(directory)).toEqual([name])
      }),
    )
  }

  it.live("of ten processes that race for a stale lock, one gets it", () =>
    Effect.gen(function* () {
      const parent = yield* TempDirectory.make
      const children = yield* Effect.all(
        Array.from({ length: 10 }, () => Child.run("holds.ts")),
        { concurrency: "unbounded" },
      )
      const lines = Effect.promise(() => Promise.all(children.map((child) => child.line())))
      expect(new Set(yield* lines)).toEqual(new Set(["ready"]))
      for (let round = 0; round < 200; round++) {
        const directory = join(parent, `${round}`)
        mkdirSync(directory)
        writeFileSync(join(directory, name), nobody)
        for (const child of children) child.tell(directory)
        const answers = yield* lines
        expect(answers.filter((answer) => answer === "held")).toHaveLength(1)
        const winner = children[answers.indexOf("held")]
        expect(lockOf(directory)).toContain(`${winner?.pid} `)
        expect(readdirSync(directory)).toEqual([name])
      }
    }),
  )
})
