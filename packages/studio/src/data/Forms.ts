import type { Person } from "@onymous/api/forms/PersonForms"
import type { Warnings } from "@onymous/api/forms/WarningForms"

/** A person, as the server tells it. */
export type PersonForm = typeof Person.Type

/** Warnings of one type. */
export type WarningGroup = (typeof Warnings.Type)["results"][number]
