import { Schema } from "effect"

/** The request has no key, or not the project's. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()(
  "Unauthorized",
  { message: Schema.String },
  { httpApiStatus: 401 },
) {}

/** A parameter has another form than expected. */
export class InvalidQuestion extends Schema.TaggedError<InvalidQuestion>()(
  "InvalidQuestion",
  { field: Schema.String, expected: Schema.String },
  { httpApiStatus: 400 },
) {}

/** The persons did not reach `min_position` in time; they are at `checkpoint`. */
export class NotReached extends Schema.TaggedError<NotReached>()(
  "NotReached",
  { position: Schema.Int, checkpoint: Schema.Int },
  { httpApiStatus: 504 },
) {}

/** The database does not answer; the same question may succeed later. */
export class Unavailable extends Schema.TaggedError<Unavailable>()(
  "Unavailable",
  { message: Schema.String },
  { httpApiStatus: 503 },
) {}

/** No person has the distinct id. */
export class PersonNotFound extends Schema.TaggedError<PersonNotFound>()(
  "PersonNotFound",
  { distinct_id: Schema.String },
  { httpApiStatus: 404 },
) {}
