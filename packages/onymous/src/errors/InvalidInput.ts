import type * as Invalid from "@onymous/identity/encoding/Invalid"
import { OnymousError } from "./OnymousError.ts"

/** An input has another form than expected; `field` says where. Nothing was written. */
export class InvalidInput extends OnymousError {
  /** The field's name in the library, with its path. */
  declare readonly field: string
  declare readonly expected: string

  constructor({ field, expected }: Invalid.Invalid) {
    super({ code: "invalid_input", message: `${field}: expected ${expected}`, field, expected })
    this.name = "InvalidInput"
  }
}
