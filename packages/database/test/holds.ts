import { Effect, Exit, Scope } from "effect"
import { writeSync } from "node:fs"
import { createInterface } from "node:readline"
import * as DirectoryLock from "../src/pglite/DirectoryLock.ts"

/** Tries to lock each directory named on standard input for as long as the process lives, and prints the outcome. */
const scope = Scope.makeUnsafe()
writeSync(1, "ready\n")
for await (const directory of createInterface({ input: process.stdin })) {
  const exit = await Effect.runPromiseExit(
    Effect.suspend(() => DirectoryLock.hold(directory)).pipe(Scope.provide(scope)),
  )
  writeSync(1, Exit.isSuccess(exit) ? "held\n" : "refused\n")
}
