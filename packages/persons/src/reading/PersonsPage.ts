import { bytesMax } from "@onymous/log/paging/BoundedPage"
import type { PersonView } from "../Persons.ts"

/** About the bytes of a person in a page. */
const bytesOf = ({ properties, distinctIds }: PersonView): number =>
  Buffer.byteLength(JSON.stringify(properties)) +
  distinctIds.reduce((bytes, id) => bytes + Buffer.byteLength(id), 0)

/** Takes the persons of a page in order, until it has as many as were asked for, or enough bytes. */
export class PersonsPage {
  readonly views: Array<PersonView> = []
  readonly #limit: number
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get isFull(): boolean {
    return this.views.length >= this.#limit || this.#bytes >= bytesMax
  }

  /** Adds a person to a page that is not full. */
  add(view: PersonView): void {
    this.views.push(view)
    this.#bytes += bytesOf(view)
  }
}
