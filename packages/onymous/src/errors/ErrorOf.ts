import { DatabaseError } from "@onymous/database/DatabaseError"
import { causeText, innermostText } from "@onymous/database/ErrorText"
import { EventLogError } from "@onymous/log/EventLog"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { PersonsError } from "@onymous/persons/PersonsError"
import { NotReached } from "@onymous/persons/reading/Freshness"
import { PersonNotFound } from "@onymous/projector/OperatorActions"
import { TooLong } from "@onymous/timetravel/history/HistorySource"
import { NotUnderstood } from "@onymous/timetravel/history/Point"
import { InvalidInput } from "./InvalidInput.ts"
import { type ErrorCode, type ErrorFacts, OnymousError } from "./OnymousError.ts"

type Unstorable = Extract<EventLogError["reason"], { readonly _tag: "Unstorable" }>

/** What is to be told of a failure beside its message. */
type Told = Omit<ErrorFacts, "message" | "cause">

/** Which event the database does not store, of several by its index, and what it says of it. */
const unstorable = ({ index, cause }: Unstorable, isOfSeveral = false) => ({
  field: isOfSeveral ? `events[${index}].properties` : "properties",
  expected: `what the database stores (${innermostText(cause)})`,
})

const ofLog = ({ reason, isRetryable }: EventLogError): Told => {
  switch (reason._tag) {
    case "ProjectNotFound":
      return { code: "not_found", field: "project" }
    case "InvalidProject":
      return { code: "invalid_input", field: "project", expected: reason.expected }
    case "ProjectExists":
      return { code: "refused", field: "project", expected: "an id and a token that are free" }
    case "Overloaded":
      return { code: "overloaded", isRetryable, retryAfterSeconds: reason.retryAfterSeconds }
    case "Unavailable":
      return { code: "unavailable", isRetryable }
    case "Busy":
      return { code: "log_busy", isRetryable }
    case "Unstorable":
      return { code: "invalid_input", ...unstorable(reason) }
    case "WoundBack":
    case "OtherLog":
    case "Missing":
    case "HeadBehind":
      return { code: "wrong_log" }
  }
}

const ofPersons = ({ reason, isRetryable }: PersonsError): Told => {
  switch (reason._tag) {
    case "InvalidCursor":
      return {
        code: "invalid_input",
        field: "cursor",
        expected: "the `next` of an earlier answer",
      }
    case "BeingMade":
      return { code: "being_made" }
    case "Ended":
      return { code: "ended" }
    case "Stopped":
      return { code: "stopped" }
    case "Fenced":
    case "Unavailable":
      return { code: "unavailable", isRetryable }
  }
}

const databaseCodes: Readonly<Record<DatabaseError["reason"]["_tag"], ErrorCode>> = {
  InUse: "in_use",
  Unreachable: "unavailable",
  TooMany: "unavailable",
  Unusable: "unusable",
  Later: "unusable",
  Foreign: "unusable",
  Incomplete: "unusable",
  Refused: "invalid_input",
  Absent: "not_found",
  Denied: "denied",
  NotMigrated: "not_migrated",
}

const ofDatabase = ({ reason }: DatabaseError): Told => {
  const code = databaseCodes[reason._tag]
  const named = reason._tag === "Refused" ? reason : {}
  return { code, isRetryable: code === "unavailable", ...named }
}

const ofPoint = ({ field, expected, isUnknown = false }: NotUnderstood): Told => ({
  code: isUnknown ? "unknown_point" : "invalid_input",
  field,
  expected,
})

const told = (error: unknown): Told => {
  if (error instanceof EventLogError) return ofLog(error)
  if (error instanceof PersonsError) return ofPersons(error)
  if (error instanceof DatabaseError) return ofDatabase(error)
  if (error instanceof NotUnderstood) return ofPoint(error)
  if (error instanceof OperationRefused) {
    return { code: "refused", field: error.field, expected: error.expected }
  }
  if (error instanceof PersonNotFound) return { code: "not_found", field: "distinctId" }
  if (error instanceof NotReached) return { code: "not_reached", isRetryable: true }
  if (error instanceof TooLong) return { code: "too_long" }
  return { code: "failed" }
}

/** The error of the library for any failure below it, which stays as its cause. */
export const errorOf = (cause: unknown): OnymousError => {
  if (cause instanceof OnymousError) return cause
  const facts = told(cause)
  const { code, field, expected } = facts
  if (code === "invalid_input" && field !== undefined && expected !== undefined) {
    return Object.assign(new InvalidInput({ field, expected }), { cause })
  }
  const message = cause instanceof Error ? cause.message : causeText(cause)
  return new OnymousError({ ...facts, message, cause })
}

/** The same for events that are captured together, of which it names the one that is to blame. */
export const errorOfSeveral = (cause: unknown): OnymousError => {
  if (!(cause instanceof EventLogError) || cause.reason._tag !== "Unstorable") return errorOf(cause)
  return Object.assign(new InvalidInput(unstorable(cause.reason, true)), { cause })
}
