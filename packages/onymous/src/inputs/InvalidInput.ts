import type * as Invalid from "@onymous/identity/encoding/Invalid"

/** An input has another form than expected; `field` says where. Nothing was written. */
export class InvalidInput extends Error {
  readonly code = "invalid_input"
  /** The field's name in the library, with its path. */
  readonly field: string
  readonly expected: string

  constructor({ field, expected }: Invalid.Invalid) {
    super(`${field}: expected ${expected}`)
    this.name = "InvalidInput"
    this.field = field
    this.expected = expected
  }
}
