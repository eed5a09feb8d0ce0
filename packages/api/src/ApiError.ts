import { Effect, Schema } from "effect"

/** What went wrong, in words. */
const message = Schema.String

/**
 * Every error of the API is `{code, message, …}`: the code is the same in the library and at the
 * terminal, and `field` and `expected` are there where a field is to blame.
 */

/** The request has no key, or not the project's. */
export class Unauthorized extends Schema.Error<Unauthorized>("Unauthorized")(
  { code: Schema.tag("unauthorized"), message },
  { httpApiStatus: 401 },
) {
  get _tag(): "Unauthorized" {
    return "Unauthorized"
  }
}

/**
 * A parameter or a field of the body has another form than expected (`invalid_input`), names no point or event
 * of the log (`unknown_point`), or asks for an act that would do nothing or cannot be done (`refused`).
 */
export class InvalidQuestion extends Schema.Error<InvalidQuestion>("InvalidQuestion")(
  {
    code: Schema.Literals(["invalid_input", "unknown_point", "refused"]).pipe(
      Schema.withConstructorDefault(Effect.succeed("invalid_input" as const)),
    ),
    message,
    field: Schema.String,
    expected: Schema.String,
  },
  { httpApiStatus: 400 },
) {
  get _tag(): "InvalidQuestion" {
    return "InvalidQuestion"
  }
}

/** A refusal of a field, by what was expected there. */
export const invalidQuestion = (
  { field, expected }: Pick<InvalidQuestion, "field" | "expected">,
  code: InvalidQuestion["code"] = "invalid_input",
): InvalidQuestion =>
  new InvalidQuestion({ code, message: `${field}: expected ${expected}`, field, expected })

/** The persons did not reach a position in time; they are at `checkpoint`. The same question succeeds later. */
export class NotReached extends Schema.Error<NotReached>("NotReached")(
  { code: Schema.tag("not_reached"), message, position: Schema.Int, checkpoint: Schema.Int },
  { httpApiStatus: 503 },
) {
  get _tag(): "NotReached" {
    return "NotReached"
  }
}

/**
 * There is no answer now: the database gives none (`unavailable`), too many events wait to be written
 * (`overloaded`), a transaction of somebody holds the end of the log (`log_busy`), or an operator has to mend the persons (`stopped`) or the log (`wrong_log`).
 */
export class Unavailable extends Schema.Error<Unavailable>("Unavailable")(
  {
    code: Schema.Literals(["unavailable", "overloaded", "log_busy", "stopped", "wrong_log"]).pipe(
      Schema.withConstructorDefault(Effect.succeed("unavailable" as const)),
    ),
    message,
  },
  { httpApiStatus: 503 },
) {
  get _tag(): "Unavailable" {
    return "Unavailable"
  }
}

/** The log has more events than the server holds in memory for a question about everyone. */
export class TooLong extends Schema.Error<TooLong>("TooLong")(
  { code: Schema.tag("too_long"), message },
  { httpApiStatus: 422 },
) {
  get _tag(): "TooLong" {
    return "TooLong"
  }
}

/** No person has the distinct id that an act names. */
export class PersonNotFound extends Schema.Error<PersonNotFound>("PersonNotFound")(
  { code: Schema.tag("not_found"), message, distinct_id: Schema.String },
  { httpApiStatus: 404 },
) {
  get _tag(): "PersonNotFound" {
    return "PersonNotFound"
  }
}
