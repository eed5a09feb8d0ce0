import { Effect, type Scope } from "effect"
import * as fs from "node:fs"
import { join } from "node:path"

/** Somebody holds a directory: the process, where it is known. */
export interface Holder {
  readonly pid: number | undefined
}

const held = new Set<string>()

/** When a process began, so that a process which got a dead one's pid is not taken for it. */
const startOf = (pid: number): string | undefined => {
  try {
    // After the command's name, which may contain anything, the start time is the 20th field.
    const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(")").at(-1)?.trim().split(" ")
    return fields?.[19]
  } catch {
    return undefined
  }
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

const isAlive = (owner: string): boolean => {
  const [pid = "", start] = owner.trim().split(" ")
  if (!/^\d+$/.test(pid) || !isRunning(Number(pid))) return false
  return start === undefined || start === "unknown" || startOf(Number(pid)) === start
}

const readOwner = (file: string): string | undefined => {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

/** Makes the lock file with its contents in one step; false where somebody else has. */
const create = (file: string): boolean => {
  const draft = `${file}.${process.pid}.${Math.trunc(performance.now() * 1000)}`
  fs.writeFileSync(draft, `${process.pid} ${startOf(process.pid) ?? "unknown"}\n`)
  try {
    fs.linkSync(draft, file)
    return true
  } catch {
    return false
  } finally {
    fs.unlinkSync(draft)
  }
}

/** Of several that find the same stale lock, one moves it away: a rename succeeds once. */
const clear = (file: string, stale: string): void => {
  const aside = `${file}.stale.${process.pid}`
  try {
    fs.renameSync(file, aside)
  } catch {
    return
  }
  // Between reading and moving, another may have made a new lock: then it is put back.
  if (readOwner(aside) !== stale) {
    try {
      fs.linkSync(aside, file)
    } catch {
      // A third one was faster; its lock stands.
    }
  }
  fs.unlinkSync(aside)
}

const take = (directory: string): Holder | undefined => {
  const file = join(directory, "onymous.lock")
  if (held.has(directory)) return { pid: process.pid }
  for (let attempt = 0; attempt < 10; attempt++) {
    if (create(file)) {
      held.add(directory)
      return undefined
    }
    const owner = readOwner(file)
    if (owner === undefined) continue
    if (isAlive(owner)) return { pid: Number(owner.split(" ")[0]) }
    clear(file, owner)
  }
  return { pid: undefined }
}

/**
 * Holds a directory until the scope closes; fails with the holder where another process has it. The
 * lock of a process that was killed is taken over.
 */
export const hold = (directory: string): Effect.Effect<void, Holder, Scope.Scope> => {
  const path = fs.realpathSync(directory)
  return Effect.asVoid(
    Effect.acquireRelease(
      Effect.suspend(() => {
        const holder = take(path)
        return holder === undefined ? Effect.void : Effect.fail(holder)
      }),
      () =>
        Effect.sync(() => {
          held.delete(path)
          fs.rmSync(join(path, "onymous.lock"), { force: true })
        }),
    ),
  )
}
