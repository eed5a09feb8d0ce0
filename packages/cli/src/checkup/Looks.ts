import { connectionsByDefault } from "@onymous/database/DatabaseSettings"
import type { DatabaseFacts } from "@onymous/database/sql/DatabaseFacts"
import * as DerivationVersion from "@onymous/persons/DerivationVersion"
import { version } from "../Version.ts"
import { type Finding, ok, warning, wrong } from "./Finding.ts"

const mebibyte = 1024 ** 2

const sizeText = (bytes: number): string =>
  bytes < 1024 * mebibyte
    ? `${Math.round(bytes / mebibyte)} MiB`
    : `${(bytes / mebibyte / 1024).toFixed(1)} GiB`

/** The versions of this process. */
export const versions = (node: string): Finding => {
  const found = `Onymous ${version}, derivation ${DerivationVersion.version}, Node ${node}`
  return Number.parseInt(node, 10) >= 20
    ? ok("versions", found)
    : wrong("versions", found, "Run it on Node 20 or later.")
}

/** Free bytes of a disk below which writing will fail soon, and below which it may fail at any moment. */
const diskLow = 1024 * mebibyte
const diskMin = 100 * mebibyte

/** The free room on the disk of a directory. */
export const disk = (free: number, directory: string): Finding => {
  const found = `${sizeText(free)} are free where ${directory} lies`
  const remedy = "Make room: where nothing can be written, captures are refused."
  if (free < diskMin) return wrong("disk", found, remedy)
  return free < diskLow ? warning("disk", found, remedy) : ok("disk", found)
}

/**
 * Clock skews in milliseconds: the log lowers times that are further ahead than the first, and the second makes
 * releases late.
 */
const skewMax = 60_000
const skewLow = 2_000

/** The skew of another clock, which was read between two readings of this machine's. */
export const clock = (whose: string, there: number, before: number, after: number): Finding => {
  const skew = there < before ? there - before : Math.max(0, there - after)
  const seconds = (Math.abs(skew) / 1000).toFixed(1)
  const found =
    skew === 0
      ? `The clock of ${whose} is that of this machine`
      : `The clock of ${whose} is ${seconds} s ${skew > 0 ? "ahead of" : "behind"} this machine's`
  const remedy =
    "Let both machines keep their time by NTP: events are recorded by the database's clock."
  if (Math.abs(skew) > skewMax) return wrong("clock", found, remedy)
  return Math.abs(skew) > skewLow ? warning("clock", found, remedy) : ok("clock", found)
}

/** The oldest Postgres that its makers still maintain. */
const postgresMin = 140_000

const settings = ({ unsafe, isReadOnly }: DatabaseFacts): Finding => {
  if (isReadOnly) {
    return wrong(
      "settings",
      "The database takes no writes",
      "Name the primary, and not a standby; or turn default_transaction_read_only off.",
    )
  }
  return unsafe.length === 0
    ? ok("settings", "What is committed is on the disk")
    : wrong(
        "settings",
        `${unsafe.join(" and ")} off: events that were taken may be lost when the machine stops`,
        `Turn ${unsafe.join(" and ")} on in postgresql.conf.`,
      )
}

const grants = ({ lacks, role }: DatabaseFacts, schema: string): Finding => {
  const [first] = lacks
  if (first === undefined) return ok("grants", `The role ${role} may read and write all tables`)
  const more = lacks.length > 1 ? `, and ${lacks.length - 1} tables more` : ""
  return wrong(
    "grants",
    `The role ${role} lacks ${first.privileges} on ${schema}.${first.table}${more}`,
    `grant select, insert, update, delete on all tables in schema ${schema} to ${role};`,
  )
}

const connections = ({ connectionsMax, connectionsUsed }: DatabaseFacts): Finding => {
  const free = connectionsMax - connectionsUsed
  const found = `${connectionsUsed} of ${connectionsMax} connections are taken`
  return free >= connectionsByDefault
    ? ok("connections", found)
    : warning(
        "connections",
        found,
        `A process opens up to ${connectionsByDefault}: raise max_connections, or lower --connections.`,
      )
}

/** The findings about a database. */
export const database = (facts: DatabaseFacts, schema: string): ReadonlyArray<Finding> => {
  const found = `Postgres ${facts.version}, ${sizeText(facts.size)}`
  return [
    facts.versionNumber >= postgresMin
      ? ok("postgres", found)
      : warning("postgres", found, "Its makers mend it no more: upgrade to a later one."),
    settings(facts),
    grants(facts, schema),
  ]
}

/** The findings about a server's connections; the embedded database has one, which is ours. */
export const server = (facts: DatabaseFacts, isPooled: boolean): ReadonlyArray<Finding> => [
  connections(facts),
  isPooled
    ? warning(
        "pooler",
        "A pooler is on the way: what other processes append is seen every second, and statements have no limit",
        "Name Postgres itself where you can; Onymous needs no pooler.",
      )
    : ok("pooler", "No pooler is on the way"),
]

/** The steps that a database lacks, and those of a later version that it has. */
export interface Steps {
  readonly isThere: boolean
  readonly missing: ReadonlyArray<string>
  readonly later: ReadonlyArray<string>
}

/** The finding whether the tables are of this version. */
export const tables = ({ isThere, missing, later }: Steps, place: string): Finding => {
  if (!isThere) {
    return wrong(
      "tables",
      `There is no Onymous in ${place}`,
      "`onymous serve` or `import` makes one.",
    )
  }
  if (later.length > 0) {
    return wrong(
      "tables",
      `They are of a later version (${later.join(", ")})`,
      "Start that version: this one would be refused.",
    )
  }
  return missing.length > 0
    ? wrong(
        "tables",
        `They are of an earlier version: ${missing.join(", ")} has not run`,
        "`onymous serve` brings them up to date; make a backup before.",
      )
    : ok("tables", "They are of this version")
}

/** The status of a project. */
interface ProjectStatus {
  readonly project: string
  readonly head: number
  readonly lag: number | null
  readonly lag_seconds: number | null
  readonly stopped: string | null
}

/** A lag in seconds beyond which no projector follows the log, or one that is too slow. */
const lagMax = 60

/** The finding whether the persons of a project follow its log. */
export const project = ({
  project: id,
  head,
  lag,
  lag_seconds,
  stopped,
}: ProjectStatus): Finding => {
  const check = `project ${id}`
  if (stopped !== null || lag === null) {
    const rebuild = `onymous rebuild --project ${id}`
    const isMended = stopped === null || stopped.includes("onymous rebuild")
    const remedy = isMended ? rebuild : "Do what it says: a rebuild mends no log."
    return wrong(check, stopped ?? "Its log is another one", remedy)
  }
  if (lag === 0) return ok(check, `${head} events, all of them derived`)
  const found = `${head} events, ${lag} of them not derived yet, for ${lag_seconds ?? 0} s`
  return (lag_seconds ?? 0) > lagMax
    ? warning(
        check,
        found,
        "`onymous serve` derives them: does it run, and does its log tell why it is late?",
      )
    : ok(check, found)
}
