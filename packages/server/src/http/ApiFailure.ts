import * as Errors from "@onymous/api/ApiError"
import type { Invalid } from "@onymous/identity/encoding/Invalid"
import type { EventLogError } from "@onymous/log/EventLog"
import type { OperationRefused } from "@onymous/log/OperationRefused"
import type { PersonNotFound } from "@onymous/projector/OperatorActions"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { TooLong } from "@onymous/timetravel/history/HistorySource"
import type { NotUnderstood } from "@onymous/timetravel/history/Point"
import type { NotReached } from "@onymous/projector/CatchUp"

/** The database does not answer: the same question may succeed later. */
export const unavailable = new Errors.Unavailable({ message: "The database does not answer." })

/** Why a question is not answered, as the API tells it. */
export const ofQuestion = (
  error: EventLogError | PersonsError | NotReached | NotUnderstood | OperationRefused,
) => {
  if (error._tag === "NotUnderstood" || error._tag === "OperationRefused") return ofBody(error)
  if (error._tag === "NotReached") {
    return new Errors.NotReached({ position: error.position, checkpoint: error.checkpoint })
  }
  if (error.reason._tag === "InvalidCursor") {
    return new Errors.InvalidQuestion({
      field: "cursor",
      expected: "the `next` of an earlier answer",
    })
  }
  return unavailable
}

/** True where a rebuild does not go on since another one does: that is no failure. */
export const isOfOthers = ({ reason }: EventLogError | PersonsError): boolean =>
  reason._tag === "BeingMade"

/** Why the past is not told, as the API tells it. */
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
    ? new Errors.Unavailable({ message: `${error.message} The command line asks longer ones.` })
    : ofQuestion(error)
}

/** A field of a body that is not what was expected. */
export const ofBody = ({ field, expected }: Invalid) =>
  new Errors.InvalidQuestion({ field, expected })

/** Why an operation was not recorded, as the API tells it. */
export const ofOperation = (
  error: EventLogError | PersonsError | PersonNotFound | OperationRefused,
) => {
  if (error._tag === "OperationRefused") return ofBody(error)
  return error._tag === "PersonNotFound"
    ? new Errors.PersonNotFound({ distinct_id: error.distinctId })
    : unavailable
}
