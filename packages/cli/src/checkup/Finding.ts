import { table, text } from "../output/Table.ts"
import type { Width } from "../output/TextWrap.ts"

/** The finding of one check. */
export interface Finding {
  /** The thing that was checked. */
  readonly check: string
  readonly status: "ok" | "warning" | "wrong"
  readonly found: string
  /** What the operator should do, if anything. */
  readonly remedy?: string
}

/** The findings of a checkup. */
export interface Checkup {
  /** False where a finding is `wrong`; warnings do not count. */
  readonly ok: boolean
  /** The database, directory or server that was checked. */
  readonly place: string
  readonly findings: ReadonlyArray<Finding>
}

/** The checkup of some findings. */
export const checkupOf = (place: string, findings: ReadonlyArray<Finding>): Checkup => ({
  ok: findings.every(({ status }) => status !== "wrong"),
  place,
  findings,
})

/** A finding without fault. */
export const ok = (check: string, found: string): Finding => ({ check, status: "ok", found })

/** A finding of something that works, but badly or not for long. */
export const warning = (check: string, found: string, remedy: string): Finding => ({
  check,
  status: "warning",
  found,
  remedy,
})

/** A finding of something that does not work, or may lose data. */
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
