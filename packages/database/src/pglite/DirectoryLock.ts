import { Effect, type Scope } from "effect"
import * as fs from "node:fs"
import { join } from "node:path"

/** The process that holds a directory; its pid is undefined where it is not known. */
export interface Holder {
  readonly pid: number | undefined
}

/** The directories that this process holds. */
const heldDirectories = new Set<string>()

/** What Linux says of a process, from its state on; nothing elsewhere. */
const fieldsOf = (pid: number): ReadonlyArray<string> => {
  try {
    // They begin after the command's name, which ends at the last parenthesis.
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(")").at(-1)?.trim().split(" ") ?? []
  } catch {
    return []
  }
}

/** The start time of a process, which tells it from a dead process that had the same pid. */
const startOf = (pid: number): string | undefined => fieldsOf(pid)[19]

/** True for a process that has ended, and whose parent has not looked yet: in some containers none ever does. */
const isZombie = (pid: number): boolean => fieldsOf(pid)[0] === "Z"

const isRunning = (pid: number): boolean => {
  if (isZombie(pid)) return false
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

const isTaken = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EEXIST"

/** Removes a file that is in nobody's way where it stays. */
const remove = (file: string): void => {
  try {
    fs.rmSync(file, { force: true })
  } catch {
    // The lock holds without that.
  }
}

/** Makes a file that names this process, in one step; false where the file exists. */
const create = (file: string): boolean => {
  const draft = `${file}.${process.pid}.${Math.trunc(performance.now() * 1000)}`
  try {
    fs.writeFileSync(draft, `${process.pid} ${startOf(process.pid) ?? "unknown"}\n`)
    fs.linkSync(draft, file)
    return true
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  } finally {
    // On a full disk the draft may exist without its text.
    remove(draft)
  }
}

/** The file whose creator may take the lock over from a dead owner. */
const heirOf = (file: string, owner: string): string =>
  `${file}.after.${owner.replaceAll(/\W+/g, "-").slice(0, 64)}`

/**
 * Takes the lock over from a dead owner. The process that creates the heir file of the owner renames it to the lock,
 * so that the lock is never absent. An heir that died before its rename has an heir file in turn.
 */
const inherit = (file: string, owner: string): Holder | "held" | "again" => {
  const heirs = []
  let last = owner
  let heir = heirOf(file, last)
  for (let next = readOwner(heir); next !== undefined; next = readOwner(heir)) {
    if (isAlive(next)) return { pid: pidOf(next) }
    heirs.push(heir)
    last = next
    heir = heirOf(file, last)
    // Files that no process of ours wrote may lead back to themselves.
    if (heirs.includes(heir)) break
  }
  if (!create(heir)) return "again"
  // A faster process may have taken over since the lock was read: then this heir inherits nothing.
  if (readOwner(file) !== owner) {
    fs.rmSync(heir, { force: true })
    return "again"
  }
  fs.renameSync(heir, file)
  for (const dead of heirs) fs.rmSync(dead, { force: true })
  return "held"
}

const pidOf = (owner: string): number => Number(owner.split(" ")[0])

/** The process that holds a directory; undefined where its lock is absent or left by a dead process. */
export const holderOf = (directory: string): Holder | undefined => {
  const owner = readOwner(join(directory, "onymous.lock"))
  return owner !== undefined && isAlive(owner) ? { pid: pidOf(owner) } : undefined
}

const take = (directory: string): Holder | undefined => {
  const file = join(directory, "onymous.lock")
  if (heldDirectories.has(directory)) return { pid: process.pid }
  for (let attempt = 0; attempt < 10; attempt++) {
    if (create(file)) {
      heldDirectories.add(directory)
      return undefined
    }
    const owner = readOwner(file)
    if (owner === undefined) continue
    if (isAlive(owner)) return { pid: pidOf(owner) }
    const outcome = inherit(file, owner)
    if (outcome === "held") {
      heldDirectories.add(directory)
      return undefined
    }
    if (outcome !== "again") return outcome
  }
  return { pid: undefined }
}

/** A directory that is not held: another process holds it, or its file system refuses the lock. */
export type NotHeld =
  | { readonly _tag: "Held"; readonly holder: Holder }
  | { readonly _tag: "Refused"; readonly cause: unknown }

/**
 * Holds a directory until the scope closes. The lock of a killed process is taken over. On a file system that takes no
 * writes any more, the lock stays, and counts as left by a dead process.
 */
export const hold = (directory: string): Effect.Effect<void, NotHeld, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.flatMap(
        Effect.try({
          try: () => {
            const path = fs.realpathSync(directory)
            return { path, holder: take(path) }
          },
          catch: (cause): NotHeld => ({ _tag: "Refused", cause }),
        }),
        ({ path, holder }): Effect.Effect<string, NotHeld> =>
          holder === undefined ? Effect.succeed(path) : Effect.fail({ _tag: "Held", holder }),
      ),
      (path) =>
        Effect.ignore(
          Effect.try(() => {
            heldDirectories.delete(path)
            fs.rmSync(join(path, "onymous.lock"), { force: true })
          }),
        ),
    ),
  )
