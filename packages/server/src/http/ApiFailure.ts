import * as Errors from "@onymous/api/ApiError"
import type { Invalid } from "@onymous/identity/encoding/Invalid"
import type { EventLogError } from "@onymous/log/EventLog"
import type { OperationRefused } from "@onymous/log/OperationRefused"
import type { PersonNotFound } from "@onymous/projector/OperatorActions"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { TooLong } from "@onymous/timetravel/history/HistorySource"
import type { NotUnderstood } from "@onymous/timetravel/history/Point"
import type { NotReached } from "@onymous/persons/reading/Freshness"

/** The database does not answer; the same question may succeed later. */
export const unavailable = new Errors.Unavailable({ message: "The database does not answer." })

const ofLog = (error: EventLogError) => {
  const { message } = error
  switch (error.reason._tag) {
    case "Overloaded":
      return new Errors.Unavailable({ code: "overloaded", message })
    case "Busy":
      return new Errors.Unavailable({ code: "log_busy", message })
    case "WoundBack":
    case "OtherLog":
    case "Missing":
    case "HeadBehind":
      return new Errors.Unavailable({ code: "wrong_log", message })
    default:
      return unavailable
  }
}

/** The API's error for a failed question. */
export const ofQuestion = (
  error: EventLogError | PersonsError | NotReached | NotUnderstood | OperationRefused,
) => {
  switch (error._tag) {
    case "NotUnderstood":
      return Errors.invalidQuestion(error, error.isUnknown ? "unknown_point" : "invalid_input")
    case "OperationRefused":
      return ofRefusal(error)
    case "NotReached": {
      const { message, position, checkpoint } = error
      return new Errors.NotReached({ message, position, checkpoint })
    }
    case "EventLogError":
      return ofLog(error)
    case "PersonsError":
      if (error.reason._tag === "InvalidCursor") {
        return ofBody({ field: "cursor", expected: "the `next` of an earlier answer" })
      }
      return error.reason._tag === "Stopped"
        ? new Errors.Unavailable({ code: "stopped", message: error.message })
        : unavailable
  }
}

/** The reason why a rebuild ends without a failure: another one runs, or somebody ended it. */
export const givesWay = ({
  reason,
}: EventLogError | PersonsError): "being_made" | "ended" | undefined => {
  if (reason._tag === "BeingMade") return "being_made"
  return reason._tag === "Ended" ? "ended" : undefined
}

/** The API's error for a failed question about the past. */
export const ofPast = (
  error:
    | EventLogError
    | PersonsError
    | NotUnderstood
    | NotReached
    | OperationRefused
    | TooLong
    | Errors.InvalidQuestion,
) => {
  if (error._tag === "InvalidQuestion") return error
  return error._tag === "TooLong"
    ? new Errors.TooLong({ message: `${error.message} The command line asks longer ones.` })
    : ofQuestion(error)
}

/** The API's error for a field of a body. */
export const ofBody = (invalid: Invalid) => Errors.invalidQuestion(invalid)

/** The API's error for an act that would do nothing, or cannot be done. */
export const ofRefusal = (refused: Invalid) => Errors.invalidQuestion(refused, "refused")

/** The API's error for a refused act of an operator. */
export const ofOperation = (
  error: EventLogError | PersonsError | NotReached | PersonNotFound | OperationRefused,
) =>
  error._tag === "PersonNotFound"
    ? new Errors.PersonNotFound({
        message: error.message,
        distinct_id: error.distinctId,
      })
    : ofQuestion(error)
