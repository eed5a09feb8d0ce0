import { Data } from "effect"
import { innermostText } from "./ErrorText.ts"

/** Why the database could not be opened. */
export type DatabaseReason =
  | { readonly _tag: "InUse"; readonly directory: string; readonly pid: number | undefined }
  | { readonly _tag: "Unreachable"; readonly server: string; readonly cause: unknown }
  | { readonly _tag: "Unusable"; readonly location: string; readonly cause: unknown }
  | { readonly _tag: "Later"; readonly step: string }
  /** The tables lack these steps, and the caller forbids to run them. */
  | {
      readonly _tag: "NotMigrated"
      readonly schema: string
      readonly missing: ReadonlyArray<string>
    }
  /** A unique index is lost without which an append records events twice; `sql` makes it again. */
  | {
      readonly _tag: "Incomplete"
      readonly schema: string
      readonly table: string
      readonly index: string
      readonly sql: string
    }
  /** A table in our schema has the name of one of ours, but no step of ours made it. */
  | { readonly _tag: "Foreign"; readonly schema: string; readonly table: string }
  /** An argument is invalid: nothing was opened. */
  | { readonly _tag: "Refused"; readonly field: string; readonly expected: string }
  /** There is no database, and the caller makes none. */
  | { readonly _tag: "Absent"; readonly location: string }
  /** The role lacks a right; `missing` is what an administrator has to type, where that is known. */
  | { readonly _tag: "Denied"; readonly missing: string | undefined; readonly cause: unknown }
  /** The role, or the server, allows too few connections. */
  | {
      readonly _tag: "TooMany"
      readonly server: string
      readonly wanted: number
      readonly cause: unknown
    }

/** The database could not be opened; the message never contains a password. */
export class DatabaseError extends Data.TaggedError("DatabaseError")<{
  readonly reason: DatabaseReason
}> {
  override get message(): string {
    const { reason } = this
    switch (reason._tag) {
      case "InUse":
        return `${reason.directory} is in use by another Onymous${reason.pid === undefined ? "" : ` (process ${reason.pid})`}: stop that one, or give this one another directory.`
      case "Unreachable":
        return `Postgres at ${reason.server} gives no connection: ${innermostText(reason.cause)}`
      case "Unusable":
        return `${reason.location} cannot be used as a database: ${innermostText(reason.cause)}`
      case "Later":
        return `The database was used by a later version of Onymous (it has the step ${reason.step}): start that version.`
      case "NotMigrated":
        return `The tables of Onymous in the schema ${reason.schema} lack ${reason.missing.join(", ")}: open it once with a role that may create, and without migrate: "check". Where none of them is there yet, "onymous schema --schema ${reason.schema} --role ROLE" prints the SQL for an administrator.`
      case "Incomplete":
        return `The table ${reason.schema}.${reason.table} has lost its index ${reason.index}, without which the same event is recorded twice: restore the schema from one backup, or make the index again: ${reason.sql}`
      case "Foreign":
        return `The schema ${reason.schema} has a table ${reason.table} that Onymous has not made: name another schema, which Onymous has for itself.`
      case "Refused":
        return `${reason.field}: expected ${reason.expected}`
      case "Absent":
        return `There is no Onymous in ${reason.location}: serve or import makes one.`
      case "Denied":
        return `The database says: ${innermostText(reason.cause)}.${reason.missing === undefined ? "" : ` What is missing: ${reason.missing}`}`
      case "TooMany":
        return `Postgres at ${reason.server} has too few connections for Onymous, which opens up to ${reason.wanted}: ${innermostText(reason.cause)}. With a smaller number of connections it opens fewer, at least 4.`
    }
  }
}

/** The refusal of an argument, by its field. */
export const refused = (field: string, expected: string): DatabaseError =>
  new DatabaseError({ reason: { _tag: "Refused", field, expected } })
