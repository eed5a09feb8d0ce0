import { Result } from "effect"
import * as DatabaseSettings from "@onymous/database/DatabaseSettings"
import * as Schema from "@onymous/database/Schema"
import { type ProjectId, read as readProjectId } from "@onymous/identity/event/ProjectId"
import type * as Policy from "@onymous/identity/policy/Policy"
import { InvalidInput } from "./errors/InvalidInput.ts"
import { toPolicyChange } from "./inputs/OperatorInputs.ts"

/** Where Onymous keeps its log, and for which project. */
export interface Options {
  /** `postgres://…`, a directory for the embedded database, or `memory`. */
  readonly database: string
  /** The schema that Onymous has for itself in the database; created where it does not exist. Default `onymous`. */
  readonly schema?: string
  /** Questions to a Postgres server that are answered at a time, each on a connection. Default 4. */
  readonly connections?: number
  /** Seconds that a Postgres server may take for a statement. Default 30. */
  readonly statementTimeout?: number
  /** The project that the events belong to; created where it does not exist. Default `1`. */
  readonly project?: string
  /** Fields of the policy of a project in which nothing has happened yet; another one keeps its rules. */
  readonly policy?: Policy.PolicyChange
  /** Sets the fields of `policy` from now on, whatever rules the project has. Default false. */
  readonly enforcePolicy?: boolean
}

const known = [
  "database",
  "schema",
  "connections",
  "statementTimeout",
  "project",
  "policy",
  "enforcePolicy",
] as const

/** Options as they are used. */
export interface Opened {
  readonly database: string
  readonly settings: DatabaseSettings.Options
  readonly project: ProjectId
  readonly policy: Policy.PolicyChange | undefined
  readonly enforcePolicy: boolean
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const refuse = (field: string, expected: string): never => {
  throw new InvalidInput({ field, expected })
}

/** Reads the options before anything is opened; throws `InvalidInput` with the field that is not as expected. */
export const read = (options: Options): Opened => {
  if (!isObject(options)) refuse("options", "an object with the field database")
  for (const name of Object.keys(options)) {
    if (!known.some((field) => field === name)) refuse(name, `none but ${known.join(", ")}`)
  }
  const { database, schema, connections, statementTimeout } = options
  const { project = "1", policy, enforcePolicy = false } = options
  const id = readProjectId(project)
  if (Result.isFailure(id)) throw new InvalidInput(id.failure)
  if (policy !== undefined && !isObject(policy)) refuse("policy", "an object of fields")
  if (typeof enforcePolicy !== "boolean") refuse("enforcePolicy", "true or false")
  if (schema !== undefined && typeof schema !== "string") refuse("schema", Schema.expected)
  const used = { schema, connections, statementTimeout }
  const settings = DatabaseSettings.read(database, used)
  if (Result.isFailure(settings)) {
    const { reason } = settings.failure
    if (reason._tag === "Refused") refuse(reason.field, reason.expected)
  }
  return {
    database,
    settings: used,
    project: id.success,
    policy: policy && toPolicyChange(policy),
    enforcePolicy,
  }
}
