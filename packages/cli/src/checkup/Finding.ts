import { table, text } from "../output/Table.ts"
import type { Width } from "../output/TextWrap.ts"

/** What one look of a checkup found. */
export interface Finding {
  /** What was looked at. */
  readonly check: string
  readonly status: "ok" | "warning" | "wrong"
  readonly found: string
  /** What to do about it, where something is to be done. */
  readonly remedy?: string
}

/** All that a checkup found. */
export interface Checkup {
  /** False where something is wrong; a warning is not. */
  readonly ok: boolean
  /** What was looked at: a database, a directory or a server. */
  readonly place: string
  readonly findings: ReadonlyArray<Finding>
}

/** The form of a checkup, from what its looks found. */
export const checkupOf = (place: string, findings: ReadonlyArray<Finding>): Checkup => ({
  ok: findings.every(({ status }) => status !== "wrong"),
  place,
  findings,
})

/** All is as it has to be. */
export const ok = (check: string, found: string): Finding => ({ check, status: "ok", found })

/** It works, but not as well as it could, or not for long. */
export const warning = (check: string, found: string, remedy: string): Finding => ({
  check,
  status: "warning",
  found,
  remedy,
})

/** It does not work, or may lose what it was given. */
export const wrong = (check: string, found: string, remedy: string): Finding => ({
  check,
  status: "wrong",
  found,
  remedy,
})

const columns = [text("STATUS"), text("CHECK"), text("FOUND"), text("WHAT TO DO", 1)]

/** The lines of a checkup for people. */
export const print = (
  { ok: isOk, place, findings }: Checkup,
  width: Width,
): ReadonlyArray<string> => [
  ...table(
    columns,
    findings.map(({ status, check, found, remedy = "" }) => [status, check, found, remedy]),
    width,
  ),
  "",
  isOk ? `Nothing is wrong with ${place}.` : `Something is wrong with ${place}.`,
]
